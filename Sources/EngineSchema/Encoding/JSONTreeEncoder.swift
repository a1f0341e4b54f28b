// SPDX-License-Identifier: Apache-2.0

/// Encodes values into a tree of JSON; members keep the order in which they are declared, which is Docker's.
struct JSONTreeEncoder: Encoder {
  let node = Node()
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The tree of a value.
  static func encode(_ value: some Encodable) throws -> JSONValue {
    try Self.encode(value, codingPath: [])
  }

  fileprivate static func encode(_ value: some Encodable, codingPath: [any CodingKey]) throws -> JSONValue {
    if let value = value as? JSONValue { return value }
    let encoder = Self(codingPath: codingPath)
    if let labels = value as? [String: String] {
      // The order of a dictionary is nobody's; that of its keys is always the same.
      for (key, label) in labels.sorted(by: { $0.key < $1.key }) { encoder.node.set(.string(label), for: key) }
      return encoder.node.value ?? .object([:])
    }
    try value.encode(to: encoder)
    return encoder.node.value ?? .object([:])
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    self.node.start(.object([:]))
    return KeyedEncodingContainer(KeyedContainer<Key>(node: self.node, codingPath: self.codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    self.node.start(.array([]))
    return ListContainer(node: self.node, codingPath: self.codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { ValueContainer(node: self.node, codingPath: self.codingPath) }

  /// A place in the tree that is being filled by one encoder alone.
  final class Node {
    private var content: JSONValue?
    private var members = JSONMembers()
    private var elements: [JSONValue] = []

    func start(_ kind: JSONValue) { if self.content == nil { self.content = kind } }
    func set(_ value: JSONValue) { self.content = value }
    func set(_ value: JSONValue, for key: String) {
      self.start(.object([:]))
      self.members[key] = value
    }
    func append(_ value: JSONValue) { self.elements.append(value) }
    var count: Int { self.elements.count }

    var value: JSONValue? {
      switch self.content {
      case .object: .object(self.members)
      case .array: .array(self.elements)
      case .some(let value): value
      case nil: nil
      }
    }
  }
}

extension JSONTreeEncoder {
  private struct ValueContainer: SingleValueEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]

    func encodeNil() { self.node.set(.null) }
    func encode(_ value: Bool) { self.node.set(.bool(value)) }
    func encode(_ value: String) { self.node.set(.string(value)) }
    func encode(_ value: Double) { self.node.set(.number(value)) }
    func encode(_ value: Float) { self.node.set(.number(Double(value))) }
    func encode(_ value: Int) { self.node.set(JSONValue(whole: value)) }
    func encode(_ value: Int8) { self.node.set(JSONValue(whole: value)) }
    func encode(_ value: Int16) { self.node.set(JSONValue(whole: value)) }
    func encode(_ value: Int32) { self.node.set(JSONValue(whole: value)) }
    func encode(_ value: Int64) { self.node.set(JSONValue(whole: value)) }
    func encode(_ value: UInt) { self.node.set(JSONValue(whole: value)) }
    func encode(_ value: UInt8) { self.node.set(JSONValue(whole: value)) }
    func encode(_ value: UInt16) { self.node.set(JSONValue(whole: value)) }
    func encode(_ value: UInt32) { self.node.set(JSONValue(whole: value)) }
    func encode(_ value: UInt64) { self.node.set(JSONValue(whole: value)) }
    func encode(_ value: some Encodable) throws { self.node.set(try JSONTreeEncoder.encode(value, codingPath: self.codingPath)) }
  }

  private struct KeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: Node
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) { self.node.set(.null, for: key.stringValue) }

    func encode(_ value: some Encodable, forKey key: Key) throws {
      self.node.set(try JSONTreeEncoder.encode(value, codingPath: self.codingPath + [key as any CodingKey]), for: key.stringValue)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
      preconditionFailure("no type of the API nests containers by hand")
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      preconditionFailure("no type of the API nests containers by hand")
    }

    func superEncoder() -> any Encoder { preconditionFailure("no type of the API inherits") }
    func superEncoder(forKey key: Key) -> any Encoder { preconditionFailure("no type of the API inherits") }
  }

  private struct ListContainer: UnkeyedEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]
    var count: Int { self.node.count }

    func encodeNil() { self.node.append(.null) }
    func encode(_ value: some Encodable) throws {
      self.node.append(try JSONTreeEncoder.encode(value, codingPath: self.codingPath))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
      preconditionFailure("no type of the API nests containers by hand")
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      preconditionFailure("no type of the API nests containers by hand")
    }
    func superEncoder() -> any Encoder { preconditionFailure("no type of the API inherits") }
  }
}

extension JSONValue {
  fileprivate init(whole value: some BinaryInteger) {
    self = Int64(exactly: value).map { .integer($0) } ?? .number(Double(value))
  }
}
