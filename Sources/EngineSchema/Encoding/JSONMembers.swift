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

  /// The value of a key, or of the first one that differs only in the case of ASCII letters.
  ///
  /// Go's decoders read members so, and there are clients that rely on it: docker-py writes `Mode.replicated`.
  package subscript(foldingCase key: String) -> JSONValue? {
    if let exact = self.values[key] { return exact }
    guard let like = self.keys.first(where: { Self.isSame($0, key) }) else { return nil }
    return self.values[like]
  }

  private static func isSame(_ one: String, _ other: String) -> Bool {
    one.utf8.count == other.utf8.count
      && zip(one.utf8, other.utf8).allSatisfy { $0 == $1 || Self.lowercase($0) == Self.lowercase($1) }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

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
