// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What the fuzzed server has told of its objects, so that requests can be about some of them.
struct KnownObjects: Sendable {
  private struct Known: Sendable {
    var id: String
    var version: Int64
  }

  /// How many objects are remembered of each kind.
  private static let limit = 32

  private var byKind: [String: [Known]] = [:]
  private var lastVersion: [String: Int64] = [:]

  /// Takes note of an answer to a request about a kind of objects, `services`.
  mutating func learn(_ kind: String, from answer: JSONValue) {
    switch answer {
    case .array(let elements): for element in elements.prefix(Self.limit) { self.learn(kind, from: element) }
    case .object(let members):
      guard case .string(let id)? = members["ID"] ?? members["Id"], !id.isEmpty else { return }
      var known = self.byKind[kind] ?? []
      known.removeAll { $0.id == id }
      var version: Int64 = 0
      if case .integer(let index)? = members["Version"]?["Index"] { version = index }
      known.append(Known(id: id, version: version))
      self.byKind[kind] = known.suffix(Self.limit)
      self.lastVersion[kind] = version
    default: return
    }
  }

  /// The id and version of an object; made-up ones when there is none.
  func any(_ kind: String, _ random: inout FuzzRandom) -> (id: String, version: Int64) {
    guard let known = self.byKind[kind], !known.isEmpty else { return ("0123456789abcdefghijklmno", self.lastVersion[kind] ?? 1) }
    let object = random.pick(known)
    return (object.id, object.version)
  }
}
