// SPDX-License-Identifier: Apache-2.0

/// The `filters` of a list request: for each key the values that are asked for.
///
/// Values of one key are alternatives (but of labels all must be there), keys must all hold. On the wire there are two encodings, `{"name":{"web":true}}` and
/// `{"name":["web"]}`; both are read, the first is written.
package struct EngineFilters: Hashable, Sendable {
  private var terms: [String: [String]]

  package init(_ terms: [String: [String]] = [:]) {
    self.terms = terms.mapValues { Array(Set($0)).sorted() }
  }

  /// Reads the value of the query parameter, already percent-decoded; an empty text is no filter at all.
  package init(query text: String) throws(SchemaError) {
    guard !text.isEmpty else {
      self.init()
      return
    }
    let value: JSONValue
    do {
      value = try EngineJSON.decode(JSONValue.self, from: Array(text.utf8))
    } catch {
      throw SchemaError("invalid filters: the text isn't JSON")
    }
    guard case .object(let members) = value else { throw SchemaError("invalid filters: an object is expected") }
    var terms: [String: [String]] = [:]
    for (key, member) in members.pairs { terms[key] = try Self.values(of: member, key: key) }
    self.init(terms)
  }

  private static func values(of member: JSONValue, key: String) throws(SchemaError) -> [String] {
    switch member {
    case .object(let alternatives): return Array(alternatives.keys)
    case .null: return []
    case .array(let elements):
      var values: [String] = []
      for element in elements {
        guard case .string(let value) = element else {
          throw SchemaError("invalid filters: the values of '\(key)' must be strings")
        }
        values.append(value)
      }
      return values
    case .bool, .integer, .number, .string:
      throw SchemaError("invalid filters: '\(key)' must have a list of values")
    }
  }

  /// Whether nothing is filtered.
  package var isEmpty: Bool { self.terms.isEmpty }

  /// The keys in alphabetical order.
  package var keys: [String] { self.terms.keys.sorted() }

  /// The alternatives of one key in alphabetical order; empty when the key isn't filtered by.
  package subscript(key: String) -> [String] { self.terms[key] ?? [] }

  /// Adds one alternative to a key.
  package mutating func add(_ value: String, to key: String) {
    self.terms[key] = Array(Set(self[key] + [value])).sorted()
  }

  /// Puts another alternative in the place of one of a key's.
  package mutating func replace(_ value: String, by other: String, in key: String) {
    guard self[key].contains(value) else { return }
    self.terms[key] = Array(Set(self[key].map { $0 == value ? other : $0 })).sorted()
  }

  /// The JSON text for the query parameter, not yet percent-encoded; empty when nothing is filtered.
  package var queryText: String {
    guard !self.terms.isEmpty else { return "" }
    var members = JSONMembers()
    for key in self.keys {
      var alternatives = JSONMembers()
      for value in self[key] { alternatives[value] = .bool(true) }
      members[key] = .object(alternatives)
    }
    return JSONValue.object(members).text
  }

  /// Whether there is no filter by this key, or one of its alternatives holds.
  package func allow(_ key: String, where matches: (String) throws -> Bool) rethrows -> Bool {
    let alternatives = self[key]
    return try alternatives.isEmpty || alternatives.contains(where: matches)
  }

  /// Whether all values of this key hold, if there are any: labels narrow a list down, where values of other keys widen it.
  package func require(_ key: String, where matches: (String) throws -> Bool) rethrows -> Bool {
    try self[key].allSatisfy(matches)
  }
}
