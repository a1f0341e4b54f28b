// SPDX-License-Identifier: Apache-2.0

/// Reads what ``FieldWriter`` writes.
///
/// Any input gives fields or a typed error.
struct FieldReader {
  /// One field with its tag; `number` is 0 for bytes, `data` is empty for numbers.
  struct Field {
    var tag: UInt8
    var number: UInt64
    var data: ArraySlice<UInt8>
    /// Key, length and value, for keeping a field that this version doesn't know.
    var raw: ArraySlice<UInt8>
  }

  private let all: ArraySlice<UInt8>
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    self.all = bytes
    self.rest = bytes
  }

  /// The next field, or nil at the end.
  mutating func next() throws(RaftError) -> Field? {
    let start = self.rest.startIndex
    guard let key = self.rest.popFirst() else { return nil }
    guard key >> 1 != 0 else { throw RaftError(.corrupt, "a field has no tag") }
    let value = try self.varint()
    guard key & 1 == 1 else {
      return Field(tag: key >> 1, number: value, data: [], raw: self.all[start..<self.rest.startIndex])
    }
    guard value <= UInt64(self.rest.count) else { throw RaftError(.corrupt, "a field is longer than what holds it") }
    let data = self.rest.prefix(Int(value))
    self.rest = self.rest.dropFirst(Int(value))
    return Field(tag: key >> 1, number: 0, data: data, raw: self.all[start..<self.rest.startIndex])
  }

  private mutating func varint() throws(RaftError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = self.rest.popFirst() else { throw RaftError(.corrupt, "a field is cut off") }
      guard shift < 63 || byte < 2 else { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw RaftError(.corrupt, "a number is too large")
  }
}

extension FieldReader.Field {
  /// The number, when it is one that terms, indexes and identities may have.
  func bounded() throws(RaftError) -> UInt64 {
    guard self.number < largestNumber else { throw RaftError(.corrupt, "a number is out of bounds") }
    return self.number
  }
}
