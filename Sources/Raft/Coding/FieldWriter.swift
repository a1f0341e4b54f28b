// SPDX-License-Identifier: Apache-2.0

/// Writes tagged fields: a key byte (tag · 2, plus 1 when bytes follow), then a varint, or a varint length and bytes.
struct FieldWriter {
  var bytes: [UInt8]

  init(reservingCapacity capacity: Int = 64) {
    self.bytes = []
    self.bytes.reserveCapacity(capacity)
  }

  /// Writes a number; zero is written too, so that presence is explicit.
  mutating func number(_ tag: UInt8, _ value: UInt64) {
    self.bytes.append(tag << 1)
    self.varint(value)
  }

  /// Writes a number unless it is zero, which is what readers assume for a missing field.
  mutating func nonzero(_ tag: UInt8, _ value: UInt64) {
    if value != 0 { self.number(tag, value) }
  }

  mutating func data(_ tag: UInt8, _ value: some Collection<UInt8>) {
    self.key(tag, length: value.count)
    self.bytes.append(contentsOf: value)
  }

  /// Writes only the key and length of a field whose bytes are appended by somebody else.
  mutating func key(_ tag: UInt8, length: Int) {
    self.bytes.append(tag << 1 | 1)
    self.varint(UInt64(length))
  }

  mutating func fixed(_ value: UInt64, bytes count: Int) {
    for shift in 0..<count {
      self.bytes.append(UInt8(truncatingIfNeeded: value >> (UInt64(shift) * 8)))
    }
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    self.bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
