// SPDX-License-Identifier: Apache-2.0

/// Writes records in protobuf's wire format.
package struct WireWriter: Sendable {
  /// What was written so far.
  package private(set) var bytes: [UInt8] = []

  /// Creates a writer.
  package init() {}

  /// Makes room ahead of time.
  package mutating func reserve(_ count: Int) {
    self.bytes.reserveCapacity(self.bytes.count + count)
  }

  /// Writes bytes as they are.
  package mutating func append(_ raw: some Collection<UInt8>) {
    self.bytes += raw
  }

  /// Writes a number in groups of seven bits, the lowest first.
  package mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    self.bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Writes a number field.
  package mutating func write(_ number: Int, varint value: UInt64) {
    self.tag(number, .varint)
    self.varint(value)
  }

  /// Writes a field of four bytes.
  package mutating func write(_ number: Int, fixed32 value: UInt32) {
    self.tag(number, .fixed32)
    for shift in stride(from: 0, to: 32, by: 8) {
      self.bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
    }
  }

  /// Writes a field of bytes.
  package mutating func write(_ number: Int, bytes: some Collection<UInt8>) {
    self.tag(number, .bytes)
    self.varint(UInt64(bytes.count))
    self.bytes += bytes
  }

  /// Writes a record as a field.
  package mutating func write(_ number: Int, _ body: (inout WireWriter) -> Void) {
    self.tag(number, .bytes)
    let start = self.bytes.count
    // Most records are short: one byte is set aside for the length, and more are only inserted when needed.
    self.bytes.append(0)
    body(&self)
    let length = self.bytes.count - start - 1
    guard length >= 0x80 else {
      self.bytes[start] = UInt8(length)
      return
    }
    var prefix = WireWriter()
    prefix.varint(UInt64(length))
    self.bytes.replaceSubrange(start...start, with: prefix.bytes)
  }

  private mutating func tag(_ number: Int, _ type: WireType) {
    self.varint(UInt64(number) << 3 | type.rawValue)
  }
}

extension WireWriter: FieldVisitor {
  package mutating func visit<Field: WireField>(_ number: Int, _ field: inout Field) {
    guard field != .blank else { return }
    field.write(number, to: &self)
  }
}

/// How a field's value is laid out.
enum WireType: UInt64 {
  case varint = 0
  case fixed64 = 1
  case bytes = 2
  case fixed32 = 5
}
