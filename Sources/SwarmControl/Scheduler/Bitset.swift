// SPDX-License-Identifier: Apache-2.0

/// A growing set of small whole numbers, one bit each.
struct Bitset: Sendable, Hashable {
  private var words: [UInt64] = []

  init() {}

  /// Whether the number is in the set; numbers beyond its end are not.
  subscript(index: Int) -> Bool {
    get {
      let word = index >> 6
      guard word < self.words.count else { return false }
      return self.words[word] & (1 << UInt64(index & 63)) != 0
    }
    set {
      let word = index >> 6
      if word >= self.words.count {
        guard newValue else { return }
        self.words.append(contentsOf: repeatElement(0, count: word + 1 - self.words.count))
      }
      if newValue {
        self.words[word] |= 1 << UInt64(index & 63)
      } else {
        self.words[word] &= ~(1 << UInt64(index & 63))
      }
    }
  }

  /// Calls the closure with each number that is in both sets, in rising order.
  func forEachCommon(with other: Bitset, _ body: (Int) -> Void) {
    for word in 0..<min(self.words.count, other.words.count) {
      var bits = self.words[word] & other.words[word]
      while bits != 0 {
        body(word << 6 + bits.trailingZeroBitCount)
        bits &= bits - 1
      }
    }
  }
}
