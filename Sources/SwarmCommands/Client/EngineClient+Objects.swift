// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension EngineClient {
  /// What networks, secrets and configs have in common.
  struct NamedObject: Hashable, Sendable {
    var id: String
    var name: String
    var version: UInt64

    /// Looks for the members where each kind has them; `nil` when there is no id.
    init?(_ value: JSONValue) {
      guard case .string(let id) = value["ID"] ?? value["Id"] else { return nil }
      self.id = id
      self.name = ""
      self.version = 0
      if case .string(let name) = value["Spec"]?["Name"] ?? value["Name"] { self.name = name }
      if case .integer(let index) = value["Version"]?["Index"] { self.version = UInt64(clamping: index) }
    }
  }

  /// The objects of a kind.
  ///
  /// - Parameter kind: `networks`, `secrets` or `configs`.
  func objects(_ kind: String, _ filters: EngineFilters) async throws -> [NamedObject] {
    guard case .array(let elements) = try await self.raw("/\(kind)", [("filters", filters.queryText)]) else { return [] }
    return elements.compactMap(NamedObject.init)
  }

  /// One object of a kind, by id or name.
  func object(_ kind: String, _ reference: String) async throws -> NamedObject? {
    // A node has networks of its own as well, some by the same names.
    let scope = kind == "networks" ? [("scope", "swarm")] : []
    return NamedObject(try await self.raw("/\(kind)/\(PercentCoding.encode(reference))", scope))
  }

  func removeObject(_ kind: String, _ reference: String) async throws {
    try await self.delete("/\(kind)/\(PercentCoding.encode(reference))")
  }
}
