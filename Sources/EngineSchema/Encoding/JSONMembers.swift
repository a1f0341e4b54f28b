// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object, in their order.
package struct JSONMembers: Hashable, Sendable {
  /// The keys in order.
  package private(set) var keys: [String] = []
  private var values: [String: JSONValue] = [:]

  package init() {}

  package var isEmpty: Bool { self.keys.isEmpty }

  /// The value of a key; a new key goes behind the others.
  package subscript(key: String) -> JSONValue? {
    get { self.values[key] }
    set {
      if self.values.updateValue(newValue ?? .null, forKey: key) == nil { self.keys.append(key) }
    }
  }

  /// Keys with their values, in order.
  package var pairs: [(key: String, value: JSONValue)] {
    self.keys.map { ($0, self.values[$0] ?? .null) }
  }
}

extension JSONMembers: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }
}
