// SPDX-License-Identifier: Apache-2.0

extension WireField where Self: FixedWidthInteger {
  package static var blank: Self { 0 }

  package func write(_ number: Int, to writer: inout WireWriter) {
    // Negative numbers are extended to 64 bits, as protobuf does.
    writer.write(number, varint: UInt64(truncatingIfNeeded: self))
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    guard case .varint(let number) = value.payload else { return false }
    self = Self(truncatingIfNeeded: number)
    return true
  }
}

extension UInt64: WireField {}
extension UInt32: WireField {}
extension Int64: WireField {}
extension Int32: WireField {}

extension Bool: WireField {
  package static var blank: Self { false }

  package func write(_ number: Int, to writer: inout WireWriter) {
    writer.write(number, varint: self ? 1 : 0)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    guard case .varint(let number) = value.payload else { return false }
    self = number != 0
    return true
  }
}

extension Float: WireField {
  package static var blank: Self { 0 }

  package func write(_ number: Int, to writer: inout WireWriter) {
    writer.write(number, fixed32: self.bitPattern)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    guard case .fixed32(let bits) = value.payload else { return false }
    self = Float(bitPattern: bits)
    return true
  }
}

extension String: WireField, WireElement {
  package static var blank: Self { "" }

  package func write(_ number: Int, to writer: inout WireWriter) {
    writer.write(number, bytes: self.utf8)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    guard case .bytes(let bytes) = value.payload else { return false }
    guard let string = String(validating: bytes, as: UTF8.self) else {
      throw SwarmError(code: .dataLoss, message: "a text field holds bytes that aren't UTF-8")
    }
    self = string
    return true
  }
}

extension Identifier: WireField, WireElement {
  package static var blank: Self { Self() }

  package func write(_ number: Int, to writer: inout WireWriter) {
    writer.write(number, bytes: self.bits.ascii)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    guard case .bytes(let bytes) = value.payload, let bits = IdentifierBits(ascii: bytes) else { return false }
    self.bits = bits
    return true
  }
}
