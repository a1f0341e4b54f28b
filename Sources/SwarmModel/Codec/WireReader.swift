// SPDX-License-Identifier: Apache-2.0

/// A field's value as it was read.
package struct WireValue {
  /// The value.
  package var payload: Payload
  /// How many records the field is nested in.
  package var depth: Int

  /// The layouts of values.
  package enum Payload {
    /// A number.
    case varint(UInt64)
    /// Four bytes.
    case fixed32(UInt32)
    /// Eight bytes.
    case fixed64(UInt64)
    /// Any number of bytes.
    case bytes(ArraySlice<UInt8>)
  }
}

/// Reads the fields of a record in protobuf's wire format; any input gives fields or a typed error.
package struct WireReader {
  /// How deeply records may be nested.
  package static var maximumDepth: Int { 32 }

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  /// Creates a reader.
  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    self.position = bytes.startIndex
  }

  /// A field: its number, its value, and both as bytes.
  package struct Field {
    package var number: Int
    package var value: WireValue
    package var raw: ArraySlice<UInt8>
  }

  /// Reads the next field; `nil` at the end.
  ///
  /// - Throws: `dataLoss` when the bytes aren't a field.
  package mutating func next(depth: Int = 0) throws(SwarmError) -> Field? {
    let start = self.position
    guard start < self.bytes.endIndex else { return nil }
    let tag = try self.varint()
    guard tag <= UInt64(UInt32.max), tag >> 3 > 0 else {
      throw SwarmError(code: .dataLoss, message: "a field has an impossible number")
    }
    let payload: WireValue.Payload
    switch WireType(rawValue: tag & 7) {
    case .varint:
      payload = .varint(try self.varint())
    case .fixed32:
      payload = .fixed32(UInt32(truncatingIfNeeded: try self.fixed(4)))
    case .fixed64:
      payload = .fixed64(try self.fixed(8))
    case .bytes:
      let length = try self.varint()
      guard length <= UInt64(self.bytes.endIndex - self.position) else {
        throw SwarmError(code: .dataLoss, message: "a field is longer than the record that holds it")
      }
      let end = self.position + Int(length)
      payload = .bytes(self.bytes[self.position..<end])
      self.position = end
    case nil:
      throw SwarmError(code: .dataLoss, message: "a field has an unknown layout")
    }
    return Field(
      number: Int(tag >> 3),
      value: WireValue(payload: payload, depth: depth),
      raw: self.bytes[start..<self.position]
    )
  }

  /// Reads a number in groups of seven bits.
  package mutating func varint() throws(SwarmError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while self.position < self.bytes.endIndex {
      let byte = self.bytes[self.position]
      self.position += 1
      guard shift < 63 || (shift == 63 && byte <= 1) else {
        throw SwarmError(code: .dataLoss, message: "a number has more than 64 bits")
      }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
    throw SwarmError(code: .dataLoss, message: "a record ends in the middle of a number")
  }

  private mutating func fixed(_ count: Int) throws(SwarmError) -> UInt64 {
    guard self.bytes.endIndex - self.position >= count else {
      throw SwarmError(code: .dataLoss, message: "a record ends in the middle of a number")
    }
    var result: UInt64 = 0
    for byte in self.bytes[self.position..<self.position + count].reversed() {
      result = result << 8 | UInt64(byte)
    }
    self.position += count
    return result
  }
}
