// SPDX-License-Identifier: Apache-2.0

extension FieldVisitor {
  /// Goes over an id that is written as 17 bytes rather than 25 characters, in records that only we read.
  package mutating func visitPacked<Kind>(_ number: Int, _ field: inout Identifier<Kind>) throws(Failure) {
    var packed = PackedIdentifier(bits: field.bits)
    try self.visit(number, &packed)
    field.bits = packed.bits
  }

  /// Goes over an optional id that is written as 17 bytes.
  package mutating func visitPacked<Kind>(_ number: Int, _ field: inout Identifier<Kind>?) throws(Failure) {
    var packed = field.map { PackedIdentifier(bits: $0.bits) }
    try self.visit(number, &packed)
    field = packed.map { Identifier($0.bits) }
  }

  /// Goes over ids that are written as 17 bytes each.
  package mutating func visitPacked<Kind>(_ number: Int, _ field: inout [Identifier<Kind>]) throws(Failure) {
    var packed = field.map { PackedIdentifier(bits: $0.bits) }
    try self.visit(number, &packed)
    field = packed.map { Identifier($0.bits) }
  }
}

/// An id as 17 bytes.
package struct PackedIdentifier: WireField, WireElement {
  package var bits: IdentifierBits

  package init(bits: IdentifierBits) {
    self.bits = bits
  }

  package static var blank: Self { Self(bits: IdentifierBits(high: 0, middle: 0, low: 0)) }

  package func write(_ number: Int, to writer: inout WireWriter) {
    writer.write(number, bytes: self.bits.packed)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    guard case .bytes(let bytes) = value.payload, let bits = IdentifierBits(packed: bytes) else { return false }
    self.bits = bits
    return true
  }
}
