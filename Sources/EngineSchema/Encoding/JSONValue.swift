// SPDX-License-Identifier: Apache-2.0

/// Any JSON value, for what is passed through or looked into by name instead of being a type of its own.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONMembers)

  /// The member of an object; `nil` when there is none, or when this isn't an object.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  /// Whether the value says nothing: null, false, zero, or an empty string, list or object.
  package var isEmpty: Bool {
    switch self {
    case .null: true
    case .bool(let value): !value
    case .integer(let value): value == 0
    case .number(let value): value == 0
    case .string(let value): value.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    }
  }

  /// Any value of the API as a tree.
  package init(encoding value: some Encodable) throws(SchemaError) {
    do {
      self = try JSONTreeEncoder.encode(value)
    } catch {
      throw SchemaError("the value can't be written as JSON: \(error)")
    }
  }
}

extension JSONValue: Codable {
  package init(from decoder: any Decoder) throws {
    guard let tree = decoder as? JSONTreeDecoder else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "only EngineJSON reads this"))
    }
    self = tree.value
  }

  package func encode(to encoder: any Encoder) throws {
    throw EncodingError.invalidValue(self, .init(codingPath: encoder.codingPath, debugDescription: "only EngineJSON writes this"))
  }
}
