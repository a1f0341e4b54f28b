// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
  /// Appends an integer, least significant byte first.
  mutating func appendLog<Value: FixedWidthInteger>(_ value: Value) {
    var rest = value
    for _ in 0..<(Value.bitWidth / 8) {
      self.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// Overwrites the bytes at an offset with an integer, least significant byte first.
  mutating func storeLog<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    var rest = value
    for position in offset..<(offset + Value.bitWidth / 8) {
      self[position] = UInt8(truncatingIfNeeded: rest)
      rest >>= 8
    }
  }

  /// Reads an integer, least significant byte first; the caller has checked the bounds.
  func loadLog<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type = Value.self) -> Value {
    var value: Value = 0
    for position in stride(from: Value.bitWidth / 8 - 1, through: 0, by: -1) {
      value = value << 8 | Value(truncatingIfNeeded: self[offset + position])
    }
    return value
  }

  /// Appends zeros until the count is a multiple of a sector.
  mutating func padToSector() {
    let target = LogFormat.padded(self.count)
    self.append(contentsOf: repeatElement(0, count: target - self.count))
  }
}
