// SPDX-License-Identifier: Apache-2.0

/// A record of numbered fields.
package protocol WireRecord: WireField {
  /// Goes over all fields, in the order in which they are written.
  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure)

  /// Decides about a field that this version doesn't know; the default refuses it.
  mutating func keepUnknownField(_ field: ArraySlice<UInt8>) throws(SwarmError)

  /// Writes what ``keepUnknownField(_:)`` kept; the default writes nothing.
  func writeUnknownFields(to writer: inout WireWriter)
}

/// A record that keeps unknown fields and writes them back.
package protocol WireMessage: WireRecord, WireElement, Hashable, Sendable {
  /// The fields that this version doesn't know.
  var unknownFields: UnknownFields { get set }
}

extension WireMessage {
  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {
    self.unknownFields.bytes += field
  }

  package func writeUnknownFields(to writer: inout WireWriter) {
    writer.append(self.unknownFields.bytes)
  }
}

extension WireRecord {
  package func writeUnknownFields(to writer: inout WireWriter) {}

  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) throws(SwarmError) {
    throw SwarmError(
      code: .unsupportedFormat,
      message: "\(Self.self) holds a field that this version does not know; it was written by a newer version"
    )
  }

  package func write(_ number: Int, to writer: inout WireWriter) {
    writer.write(number) { self.writeFields(to: &$0) }
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    guard case .bytes(let bytes) = value.payload else { return false }
    try self.readFields(bytes, depth: value.depth + 1)
    return true
  }

  /// Writes all fields that aren't blank, then the unknown ones.
  package func writeFields(to writer: inout WireWriter) {
    var copy = self
    copy.visitFields(&writer)
    self.writeUnknownFields(to: &writer)
  }

  /// Takes over all fields of an encoded record.
  package mutating func readFields(_ bytes: ArraySlice<UInt8>, depth: Int = 0) throws(SwarmError) {
    guard depth <= WireReader.maximumDepth else {
      throw SwarmError(code: .dataLoss, message: "records are nested too deeply")
    }
    var reader = WireReader(bytes)
    while let field = try reader.next(depth: depth) {
      var match = FieldMatch(number: field.number, value: field.value)
      try self.visitFields(&match)
      if !match.isTaken {
        try self.keepUnknownField(field.raw)
      }
    }
  }

  /// The encoded record; equal values give equal bytes.
  package func encoded() -> [UInt8] {
    var writer = WireWriter()
    self.writeFields(to: &writer)
    return writer.bytes
  }

  /// Reads an encoded record.
  ///
  /// - Throws: `dataLoss` for bytes that aren't a record, `unsupportedFormat` where unknown fields aren't accepted.
  package init(encoded bytes: some Sequence<UInt8>) throws(SwarmError) {
    self = .blank
    try self.readFields(ArraySlice(bytes))
  }
}

/// Hands one field that was read to the field of the record that has its number.
struct FieldMatch: FieldVisitor {
  let number: Int
  let value: WireValue
  private(set) var isTaken = false

  init(number: Int, value: WireValue) {
    self.number = number
    self.value = value
  }

  mutating func visit<Field: WireField>(_ number: Int, _ field: inout Field) throws(SwarmError) {
    guard number == self.number, !self.isTaken else { return }
    self.isTaken = try field.read(self.value)
  }
}
