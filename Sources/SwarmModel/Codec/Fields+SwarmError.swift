// SPDX-License-Identifier: Apache-2.0

/// The cause stays behind: only what every process understands is written.
extension SwarmError: WireRecord {
  package static var blank: Self { Self(code: .internalError, message: "") }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.code)
    try fields.visit(2, &self.message)
    try fields.visit(3, &self.leaderHint)
  }

  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}

extension SwarmError.Code: WireField {
  package static var blank: Self { .internalError }

  package func write(_ number: Int, to writer: inout WireWriter) {
    writer.write(number, varint: UInt64(self.rawValue))
  }

  /// A code of a newer version reads as `internalError`.
  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    guard case .varint(let number) = value.payload else { return false }
    self = UInt16(exactly: number).flatMap(Self.init(rawValue:)) ?? .internalError
    return true
  }
}
