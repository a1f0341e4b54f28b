// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object, in their order.
package struct JSONMembers: Hashable, Sendable {
  /// How many members are looked through one by one: few are found so faster than by hashing.
  private static let fewMembers = 8

  /// The keys in order.
  package private(set) var keys: [String] = []
  private var values: [JSONValue] = []
  /// Where the keys are; empty while there are few.
  private var positions: [String: Int] = [:]

  package init() {}

  package var isEmpty: Bool { self.keys.isEmpty }

  /// The value of a key; a new key goes behind the others.
  package subscript(key: String) -> JSONValue? {
    get { self.position(of: key).map { self.values[$0] } }
    set {
      if let position = self.position(of: key) {
        self.values[position] = newValue ?? .null
      } else {
        self.append(key, newValue ?? .null)
      }
    }
  }

  private func position(of key: String) -> Int? {
    self.positions.isEmpty ? self.keys.firstIndex(of: key) : self.positions[key]
  }

  private mutating func append(_ key: String, _ value: JSONValue) {
    self.keys.append(key)
    self.values.append(value)
    if !self.positions.isEmpty {
      self.positions[key] = self.keys.count - 1
    } else if self.keys.count > Self.fewMembers {
      for (position, key) in self.keys.enumerated() { self.positions[key] = position }
    }
  }

  /// The value of a key, or of the first one that differs only in the case of ASCII letters.
  ///
  /// Go's decoders read members so, and there are clients that rely on it: docker-py writes `Mode.replicated`.
  package subscript(foldingCase key: String) -> JSONValue? {
    let position = self.position(of: key) ?? self.keys.firstIndex { Self.isSame($0, key) }
    return position.map { self.values[$0] }
  }

  private static func isSame(_ one: String, _ other: String) -> Bool {
    one.utf8.count == other.utf8.count
      && zip(one.utf8, other.utf8).allSatisfy { $0 == $1 || Self.lowercase($0) == Self.lowercase($1) }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

  /// Keys with their values, in order.
  package var pairs: [(key: String, value: JSONValue)] {
    Array(zip(self.keys, self.values))
  }
}

extension JSONMembers: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }
}
