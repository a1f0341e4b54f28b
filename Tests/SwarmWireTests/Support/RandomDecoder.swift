// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SwarmModel
internal import SwiftProtobuf

/// Fills messages with values: a decoder that makes up what it "reads".
///
/// All strings are ids, because some have to be. No value is its type's default, so that everything that is
/// set shows.
struct RandomDecoder: Decoder {
  /// How likely a field is set, in percent.
  let density: UInt64
  private var generator: IdentifierGenerator
  private var numbers: [Int]

  /// Makes a message of a seed.
  static func message<M: Message>(_ type: M.Type = M.self, seed: UInt64, density: UInt64 = 100) throws -> M {
    var decoder = RandomDecoder(density: density, generator: IdentifierGenerator(seed: seed))
    return try decoder.message()
  }

  private init(density: UInt64, generator: IdentifierGenerator) {
    self.density = density
    self.generator = generator
    self.numbers = []
  }

  private mutating func message<M: Message>() throws -> M {
    switch M.self {
    case is Google_Protobuf_Timestamp.Type:
      let time = Google_Protobuf_Timestamp(
        seconds: Int64(self.integer() % 4_000_000_000),
        nanos: Int32(self.integer() % 1_000_000_000)
      )
      return try M(serializedBytes: time.serializedBytes() as [UInt8])
    case is Google_Protobuf_Duration.Type:
      let time = Google_Protobuf_Duration(
        seconds: Int64(self.integer() % 4_000_000_000),
        nanos: Int32(self.integer() % 1_000_000_000)
      )
      return try M(serializedBytes: time.serializedBytes() as [UInt8])
    case is Google_Protobuf_Any.Type:
      return M()
    default:
      // The order is random too: of fields that exclude each other the last one stays.
      var decoder = RandomDecoder(density: self.density, generator: IdentifierGenerator(seed: self.integer()))
      decoder.numbers = (Array(1...64) + [1_000]).shuffled(using: &decoder.generator)
      var message = M()
      try message.decodeMessage(decoder: &decoder)
      return message
    }
  }

  private mutating func integer() -> UInt64 { 1 + self.generator.next() % 1_000_000_000_000 }
  private mutating func text() -> String { self.generator.make(NodeID.self).description }

  mutating func nextFieldNumber() -> Int? {
    while let number = self.numbers.popLast() {
      if self.generator.next() % 100 < self.density { return number }
    }
    return nil
  }

  mutating func decodeSingularEnumField<E: SwiftProtobuf.Enum>(value: inout E) where E.RawValue == Int {
    func cases<Cases: CaseIterable>(_ type: Cases.Type) -> [E] { type.allCases.compactMap { $0 as? E } }
    guard let type = E.self as? any CaseIterable.Type else { return }
    value = cases(type).randomElement(using: &self.generator) ?? E()
  }

  mutating func decodeSingularEnumField<E: SwiftProtobuf.Enum>(value: inout E?) where E.RawValue == Int {
    var some = E()
    self.decodeSingularEnumField(value: &some)
    value = some
  }

  mutating func decodeRepeatedEnumField<E: SwiftProtobuf.Enum>(value: inout [E]) where E.RawValue == Int {
    value = [E(), E()]
  }

  mutating func decodeSingularMessageField<M: Message>(value: inout M?) throws { value = try self.message() }
  mutating func decodeRepeatedMessageField<M: Message>(value: inout [M]) throws {
    value = [try self.message(), try self.message()]
  }

  mutating func decodeMapField<Key, Value: MapValueType>(
    fieldType: _ProtobufMap<Key, Value>.Type,
    value: inout _ProtobufMap<Key, Value>.BaseType
  ) throws {
    guard let key = self.text() as? Key.BaseType, let element = self.text() as? Value.BaseType else { return }
    value = [key: element]
  }

  mutating func decodeMapField<Key, Value>(
    fieldType: _ProtobufMessageMap<Key, Value>.Type,
    value: inout _ProtobufMessageMap<Key, Value>.BaseType
  ) throws {
    guard let key = self.text() as? Key.BaseType else { return }
    value = [key: try self.message()]
  }

  mutating func decodeMapField<Key, Value>(
    fieldType: _ProtobufEnumMap<Key, Value>.Type,
    value: inout _ProtobufEnumMap<Key, Value>.BaseType
  ) {}

  mutating func decodeSingularFloatField(value: inout Float) { value = Float(self.integer() % 1_000) / 8 }
  mutating func decodeSingularFloatField(value: inout Float?) { value = Float(self.integer() % 1_000) / 8 }
  mutating func decodeRepeatedFloatField(value: inout [Float]) {
    value = [Float(self.integer() % 1_000) / 8, Float(self.integer() % 1_000) / 8]
  }
  mutating func decodeSingularDoubleField(value: inout Double) { value = Double(self.integer() % 1_000) / 8 }
  mutating func decodeSingularDoubleField(value: inout Double?) { value = Double(self.integer() % 1_000) / 8 }
  mutating func decodeRepeatedDoubleField(value: inout [Double]) {
    value = [Double(self.integer() % 1_000) / 8, Double(self.integer() % 1_000) / 8]
  }
  mutating func decodeSingularInt32Field(value: inout Int32) { value = Int32(self.integer() % 1_000_000) }
  mutating func decodeSingularInt32Field(value: inout Int32?) { value = Int32(self.integer() % 1_000_000) }
  mutating func decodeRepeatedInt32Field(value: inout [Int32]) {
    value = [Int32(self.integer() % 1_000_000), Int32(self.integer() % 1_000_000)]
  }
  mutating func decodeSingularSInt32Field(value: inout Int32) { value = Int32(self.integer() % 1_000_000) }
  mutating func decodeSingularSInt32Field(value: inout Int32?) { value = Int32(self.integer() % 1_000_000) }
  mutating func decodeRepeatedSInt32Field(value: inout [Int32]) {
    value = [Int32(self.integer() % 1_000_000), Int32(self.integer() % 1_000_000)]
  }
  mutating func decodeSingularSFixed32Field(value: inout Int32) { value = Int32(self.integer() % 1_000_000) }
  mutating func decodeSingularSFixed32Field(value: inout Int32?) { value = Int32(self.integer() % 1_000_000) }
  mutating func decodeRepeatedSFixed32Field(value: inout [Int32]) {
    value = [Int32(self.integer() % 1_000_000), Int32(self.integer() % 1_000_000)]
  }
  mutating func decodeSingularInt64Field(value: inout Int64) { value = Int64(self.integer()) }
  mutating func decodeSingularInt64Field(value: inout Int64?) { value = Int64(self.integer()) }
  mutating func decodeRepeatedInt64Field(value: inout [Int64]) { value = [Int64(self.integer()), Int64(self.integer())] }
  mutating func decodeSingularSInt64Field(value: inout Int64) { value = Int64(self.integer()) }
  mutating func decodeSingularSInt64Field(value: inout Int64?) { value = Int64(self.integer()) }
  mutating func decodeRepeatedSInt64Field(value: inout [Int64]) { value = [Int64(self.integer()), Int64(self.integer())] }
  mutating func decodeSingularSFixed64Field(value: inout Int64) { value = Int64(self.integer()) }
  mutating func decodeSingularSFixed64Field(value: inout Int64?) { value = Int64(self.integer()) }
  mutating func decodeRepeatedSFixed64Field(value: inout [Int64]) { value = [Int64(self.integer()), Int64(self.integer())] }
  mutating func decodeSingularUInt32Field(value: inout UInt32) { value = UInt32(self.integer() % 1_000_000) }
  mutating func decodeSingularUInt32Field(value: inout UInt32?) { value = UInt32(self.integer() % 1_000_000) }
  mutating func decodeRepeatedUInt32Field(value: inout [UInt32]) {
    value = [UInt32(self.integer() % 1_000_000), UInt32(self.integer() % 1_000_000)]
  }
  mutating func decodeSingularFixed32Field(value: inout UInt32) { value = UInt32(self.integer() % 1_000_000) }
  mutating func decodeSingularFixed32Field(value: inout UInt32?) { value = UInt32(self.integer() % 1_000_000) }
  mutating func decodeRepeatedFixed32Field(value: inout [UInt32]) {
    value = [UInt32(self.integer() % 1_000_000), UInt32(self.integer() % 1_000_000)]
  }
  mutating func decodeSingularUInt64Field(value: inout UInt64) { value = self.integer() }
  mutating func decodeSingularUInt64Field(value: inout UInt64?) { value = self.integer() }
  mutating func decodeRepeatedUInt64Field(value: inout [UInt64]) { value = [self.integer(), self.integer()] }
  mutating func decodeSingularFixed64Field(value: inout UInt64) { value = self.integer() }
  mutating func decodeSingularFixed64Field(value: inout UInt64?) { value = self.integer() }
  mutating func decodeRepeatedFixed64Field(value: inout [UInt64]) { value = [self.integer(), self.integer()] }
  mutating func decodeSingularBoolField(value: inout Bool) { value = true }
  mutating func decodeSingularBoolField(value: inout Bool?) { value = true }
  mutating func decodeRepeatedBoolField(value: inout [Bool]) { value = [true, true] }
  mutating func decodeSingularStringField(value: inout String) { value = self.text() }
  mutating func decodeSingularStringField(value: inout String?) { value = self.text() }
  mutating func decodeRepeatedStringField(value: inout [String]) { value = [self.text(), self.text()] }
  mutating func decodeSingularBytesField(value: inout Data) { value = Data(self.text().utf8) }
  mutating func decodeSingularBytesField(value: inout Data?) { value = Data(self.text().utf8) }
  mutating func decodeRepeatedBytesField(value: inout [Data]) { value = [Data(self.text().utf8), Data(self.text().utf8)] }

  // SwarmKit has none of these.
  func handleConflictingOneOf() {}
  func decodeSingularGroupField<G: Message>(value: inout G?) {}
  func decodeRepeatedGroupField<G: Message>(value: inout [G]) {}
  func decodeExtensionField(
    values: inout ExtensionFieldValueSet,
    messageType: any Message.Type,
    fieldNumber: Int
  ) {}
}
