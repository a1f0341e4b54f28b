// SPDX-License-Identifier: Apache-2.0

extension JSONTreeDecoder {
  /// A place in a list.
  struct Index: CodingKey {
    let intValue: Int?
    var stringValue: String { self.intValue.map(String.init) ?? "" }

    init(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { nil }
  }

  /// A place in a tree, which is spelled out only for errors.
  final class Place {
    private let parent: Place?
    private let key: any CodingKey

    init(_ key: any CodingKey, in parent: Place?) {
      self.parent = parent
      self.key = key
    }

    var path: [any CodingKey] { (self.parent?.path ?? []) + [self.key] }
  }

  /// The members of an object; of a class, because its owner copies it at every step.
  final class KeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let members: JSONMembers
    private let place: Place?

    init(members: JSONMembers, place: Place?) {
      self.members = members
      self.place = place
    }

    var codingPath: [any CodingKey] { self.place?.path ?? [] }
    var allKeys: [Key] { self.members.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { self.members[foldingCase: key.stringValue] != nil }

    func decodeNil(forKey key: Key) -> Bool { (self.members[foldingCase: key.stringValue] ?? .null) == .null }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try self.member(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try self.member(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try self.member(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try self.member(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try self.member(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try self.member(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try self.member(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try self.member(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try self.member(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try self.member(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try self.member(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try self.member(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try self.member(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try self.member(key).decode(type) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try self.member(key).decode(type) }

    // What these do by themselves looks every member up three times, and most members of most objects aren't there.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try self.present(key)?.decode(type) }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try self.present(key)?.decode(type) }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
      try self.present(key)?.decode(type)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
      try self.member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try self.member(key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { JSONTreeDecoder(value: .object(self.members), place: self.place) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try self.member(key) }

    private func member(_ key: Key) throws -> JSONTreeDecoder {
      let place = Place(key, in: self.place)
      guard let value = self.members[foldingCase: key.stringValue] else {
        throw SchemaError("invalid JSON: \(JSONTreeDecoder.name(place.path)) is missing")
      }
      return JSONTreeDecoder(value: value, place: place)
    }

    /// A member that is there and isn't null.
    private func present(_ key: Key) -> JSONTreeDecoder? {
      guard let value = self.members[foldingCase: key.stringValue], value != .null else { return nil }
      return JSONTreeDecoder(value: value, place: Place(key, in: self.place))
    }
  }

  struct ListContainer: UnkeyedDecodingContainer {
    private let elements: [JSONValue]
    private let place: Place?
    var currentIndex = 0

    init(elements: [JSONValue], place: Place?) {
      self.elements = elements
      self.place = place
    }

    var codingPath: [any CodingKey] { self.place?.path ?? [] }
    var count: Int? { self.elements.count }
    var isAtEnd: Bool { self.currentIndex >= self.elements.count }

    mutating func decodeNil() throws -> Bool {
      guard !self.isAtEnd, self.elements[self.currentIndex] == .null else { return false }
      self.currentIndex += 1
      return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try self.next().decode(type) }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
      try self.next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try self.next().unkeyedContainer() }

    mutating func superDecoder() throws -> any Decoder { try self.next() }

    private mutating func next() throws -> JSONTreeDecoder {
      let place = Place(Index(intValue: self.currentIndex), in: self.place)
      guard !self.isAtEnd else { throw SchemaError("invalid JSON: \(JSONTreeDecoder.name(place.path)) is missing") }
      defer { self.currentIndex += 1 }
      return JSONTreeDecoder(value: self.elements[self.currentIndex], place: place)
    }
  }
}
