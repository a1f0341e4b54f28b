// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
  /// The value without what says nothing: Docker's API writes absent members as null, false, zero or empty, or not at all.
  ///
  /// - Parameter kept: Paths of members, `Mode` or `Spec.Mode`, that stay as they are with all that they have.
  package func withoutEmpty(keeping kept: Set<String> = []) -> JSONValue { self.withoutEmpty(keeping: kept, at: "") }

  private func withoutEmpty(keeping kept: Set<String>, at path: String) -> JSONValue {
    switch self {
    case .array(let elements): return .array(elements.map { $0.withoutEmpty(keeping: kept, at: path) })
    case .object(let members):
      var rest = JSONMembers()
      for (key, value) in members.pairs {
        let place = Self.path(path, key)
        let remaining = kept.contains(place) ? value : value.withoutEmpty(keeping: kept, at: place)
        if kept.contains(place) || !remaining.isEmpty { rest[key] = remaining }
      }
      return .object(rest)
    case .null, .bool, .integer, .number, .string: return self
    }
  }

  /// The paths of the members that aren't the same in both, in alphabetical order; lists are looked at as a whole.
  package func differences(from other: JSONValue) -> [String] { self.differences(from: other, at: "").sorted() }

  private func differences(from other: JSONValue, at path: String) -> [String] {
    switch (self, other) {
    case (.object(let mine), .object(let theirs)):
      let keys = Set(mine.keys).union(theirs.keys)
      return keys.flatMap { key in
        guard let value = mine[key], let counterpart = theirs[key] else { return [Self.path(path, key)] }
        return value.differences(from: counterpart, at: Self.path(path, key))
      }
    case (.array(let mine), .array(let theirs)):
      let isSame = mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.differences(from: $1, at: path).isEmpty }
      return isSame ? [] : [path]
    default: return self == other ? [] : [path]
    }
  }

  private static func path(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
