// SPDX-License-Identifier: Apache-2.0

/// A value that can be a field of a record, in protobuf's wire format.
package protocol WireField: Equatable {
  /// The value that an absent field stands for; it is never written, except where an optional says that it is present.
  static var blank: Self { get }

  /// Writes the field, blank or not.
  func write(_ number: Int, to writer: inout WireWriter)

  /// Takes over a field that was read; `false` when the field isn't one that this version understands.
  mutating func read(_ value: WireValue) throws(SwarmError) -> Bool
}

/// An enumeration with numbers; numbers that this version doesn't know are kept as unknown fields.
package protocol WireEnum: WireField, RawRepresentable where RawValue: FixedWidthInteger {}

extension WireEnum {
  package func write(_ number: Int, to writer: inout WireWriter) {
    writer.write(number, varint: UInt64(truncatingIfNeeded: self.rawValue))
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    guard case .varint(let number) = value.payload,
      let known = Self(rawValue: RawValue(truncatingIfNeeded: number)),
      UInt64(truncatingIfNeeded: known.rawValue) == number
    else { return false }
    self = known
    return true
  }
}

/// A value that fields can hold any number of.
package protocol WireElement: Equatable {
  /// Writes all elements.
  static func write(_ elements: [Self], _ number: Int, to writer: inout WireWriter)
  /// Appends what was read; `false` when this version doesn't understand it.
  static func read(_ value: WireValue, into elements: inout [Self]) throws(SwarmError) -> Bool
}

extension WireElement where Self: WireField {
  package static func write(_ elements: [Self], _ number: Int, to writer: inout WireWriter) {
    for element in elements {
      element.write(number, to: &writer)
    }
  }

  package static func read(_ value: WireValue, into elements: inout [Self]) throws(SwarmError) -> Bool {
    var element = Self.blank
    guard try element.read(value) else { return false }
    elements.append(element)
    return true
  }
}

extension Optional: WireField where Wrapped: WireField {
  package static var blank: Self { nil }

  package func write(_ number: Int, to writer: inout WireWriter) {
    self?.write(number, to: &writer)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    var wrapped = self ?? Wrapped.blank
    guard try wrapped.read(value) else { return false }
    self = wrapped
    return true
  }
}

extension Array: WireField where Element: WireElement {
  package static var blank: Self { [] }

  package func write(_ number: Int, to writer: inout WireWriter) {
    Element.write(self, number, to: &writer)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    try Element.read(value, into: &self)
  }
}

extension UInt8: WireElement {
  package static func write(_ elements: [UInt8], _ number: Int, to writer: inout WireWriter) {
    writer.write(number, bytes: elements)
  }

  package static func read(_ value: WireValue, into elements: inout [UInt8]) throws(SwarmError) -> Bool {
    guard case .bytes(let bytes) = value.payload else { return false }
    elements = Array(bytes)
    return true
  }
}

extension Dictionary: WireField where Key == String, Value == String {
  package static var blank: Self { [:] }

  package func write(_ number: Int, to writer: inout WireWriter) {
    let sorted = self.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    for (key, value) in sorted {
      MapEntry(key: key, value: value).write(number, to: &writer)
    }
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    var entry = MapEntry.blank
    guard try entry.read(value) else { return false }
    self[entry.key] = entry.value
    return true
  }
}

private struct MapEntry: WireRecord {
  var key = ""
  var value = ""

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.key)
    try fields.visit(2, &self.value)
  }

  mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}
