// SPDX-License-Identifier: Apache-2.0

/// Decodes values from a tree of JSON; each error names the field.
struct JSONTreeDecoder: Decoder {
  let value: JSONValue
  /// Where the value is; `nil` at the top.
  let place: Place?

  var codingPath: [any CodingKey] { self.place?.path ?? [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = self.value else { throw self.mismatch("an object") }
    return KeyedDecodingContainer(KeyedContainer<Key>(members: members, place: self.place))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = self.value else { throw self.mismatch("a list") }
    return ListContainer(elements: elements, place: self.place)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func mismatch(_ noun: String) -> SchemaError {
    let found = self.value == .null ? ", not null" : ""
    return SchemaError("invalid JSON: \(Self.name(self.codingPath)) must be \(noun)\(found)")
  }

  /// The field as users write it: `Mode.Replicated.Replicas`, `Env[2]`.
  static func name(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the body" }
    return path.reduce(into: "") { name, key in
      if let index = key.intValue {
        name += "[\(index)]"
      } else {
        name += name.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
  }
}

extension JSONTreeDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { self.value == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .bool(let value) = self.value else { throw self.mismatch("true or false") }
    return value
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .string(let value) = self.value else { throw self.mismatch("a string") }
    return value
  }

  func decode(_ type: Double.Type) throws -> Double {
    switch self.value {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    case .null, .bool, .string, .array, .object: throw self.mismatch("a number")
    }
  }

  func decode(_ type: Float.Type) throws -> Float { Float(try self.decode(Double.self)) }
  func decode(_ type: Int.Type) throws -> Int { try self.integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try self.integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { try self.integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { try self.integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { try self.integer() }
  func decode(_ type: UInt.Type) throws -> UInt { try self.integer() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try self.integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try self.integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try self.integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try self.integer() }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if type == JSONValue.self, let value = self.value as? Value { return value }
    return try Value(from: self)
  }

  private func integer<Integer: FixedWidthInteger>() throws -> Integer {
    let value: Integer? =
      switch self.value {
      case .integer(let value): Integer(exactly: value)
      case .number(let value): Integer(exactly: value)
      case .null, .bool, .string, .array, .object: nil
      }
    guard let value else {
      let bound = Integer.isSigned ? "" : " of 0 or more"
      throw self.mismatch(Integer.bitWidth < 64 ? "a whole number\(bound) (at most \(Integer.max))" : "a whole number\(bound)")
    }
    return value
  }
}
