// SPDX-License-Identifier: Apache-2.0

// The records below are closed: what a newer version adds to them is skipped.

extension Version: WireRecord {
  package static var blank: Self { .zero }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.index)
    try fields.visit(OwnField.ordinal, &self.ordinal)
  }

  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}

extension Meta: WireRecord {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.version)
    try fields.visit(2, &self.createdAt)
    try fields.visit(3, &self.updatedAt)
  }

  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}

/// Seconds and nanoseconds, the layout of `google.protobuf.Timestamp` and `google.protobuf.Duration`.
private struct SecondsAndNanoseconds: WireRecord {
  var seconds: Int64 = 0
  var nanoseconds: Int32 = 0

  static var blank: Self { Self() }

  /// The sum, stopped at the ends of the range.
  var total: Int64 {
    let (product, overflow) = self.seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflow2) = product.addingReportingOverflow(Int64(self.nanoseconds))
    if overflow || overflow2 { return self.seconds < 0 ? .min : .max }
    return sum
  }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.seconds)
    try fields.visit(2, &self.nanoseconds)
  }

  mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}

extension Timestamp: WireField {
  package static var blank: Self { .zero }

  package func write(_ number: Int, to writer: inout WireWriter) {
    // Nanoseconds are never negative here, so the seconds are rounded down.
    var (seconds, rest) = self.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    if rest < 0 {
      seconds -= 1
      rest += 1_000_000_000
    }
    SecondsAndNanoseconds(seconds: seconds, nanoseconds: Int32(rest)).write(number, to: &writer)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    var parts = SecondsAndNanoseconds()
    guard try parts.read(value) else { return false }
    self = Self(nanoseconds: parts.total)
    return true
  }
}

extension Duration: WireField {
  package static var blank: Self { .zero }

  package func write(_ number: Int, to writer: inout WireWriter) {
    let (seconds, rest) = self.wholeNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    SecondsAndNanoseconds(seconds: seconds, nanoseconds: Int32(rest)).write(number, to: &writer)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    var parts = SecondsAndNanoseconds()
    guard try parts.read(value) else { return false }
    self = .nanoseconds(parts.total)
    return true
  }
}
