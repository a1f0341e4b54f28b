// SPDX-License-Identifier: Apache-2.0

/// Some of the messages that are ever said, by their numbers.
struct MessageSet {
  static let capacity = 1024
  private var words = InlineArray<16, UInt64>(repeating: 0)

  mutating func insert(_ number: Int) { self.words[number >> 6] |= 1 << UInt64(number & 63) }

  mutating func remove(_ number: Int) { self.words[number >> 6] &= ~(1 << UInt64(number & 63)) }

  func contains(_ number: Int) -> Bool { self.words[number >> 6] >> UInt64(number & 63) & 1 == 1 }

  /// The first member at or behind a number that is in `other` and not in `third`.
  func next(from number: Int, in other: MessageSet, notIn third: MessageSet) -> Int? {
    var word = number >> 6
    var mask = UInt64.max << UInt64(number & 63)
    while word < 16 {
      let bits = self.words[word] & other.words[word] & ~third.words[word] & mask
      if bits != 0 { return word << 6 | bits.trailingZeroBitCount }
      mask = .max
      word += 1
    }
    return nil
  }
}
