// SPDX-License-Identifier: Apache-2.0

/// A growing set of small whole numbers, one bit each.
struct Bitset: Sendable {
  private(set) var words: [UInt64] = []

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

  /// How many numbers are in the set.
  var count: Int { self.words.reduce(0) { $0 + $1.nonzeroBitCount } }

  var isEmpty: Bool { self.words.allSatisfy { $0 == 0 } }

  /// Keeps what is in the other set as well.
  mutating func formIntersection(_ other: Bitset) {
    let shared = min(self.words.count, other.words.count)
    for word in 0..<shared { self.words[word] &= other.words[word] }
    self.words.removeLast(self.words.count - shared)
  }

  /// Adds what is in the other set.
  mutating func formUnion(_ other: Bitset) {
    if self.words.count < other.words.count {
      self.words.append(contentsOf: repeatElement(0, count: other.words.count - self.words.count))
    }
    for word in other.words.indices { self.words[word] |= other.words[word] }
  }

  /// Takes out what is in the other set.
  mutating func subtract(_ other: Bitset) {
    for word in 0..<min(self.words.count, other.words.count) { self.words[word] &= ~other.words[word] }
  }

  func intersection(_ other: Bitset) -> Bitset {
    var result = self
    result.formIntersection(other)
    return result
  }

  func subtracting(_ other: Bitset) -> Bitset {
    var result = self
    result.subtract(other)
    return result
  }

  /// The first number in both sets, in rising order, for which the closure holds.
  func firstCommon(with other: Bitset, where isRight: (Int) -> Bool) -> Int? {
    for word in 0..<min(self.words.count, other.words.count) {
      var bits = self.words[word] & other.words[word]
      while bits != 0 {
        let index = word << 6 + bits.trailingZeroBitCount
        if isRight(index) { return index }
        bits &= bits - 1
      }
    }
    return nil
  }

  /// Calls the closure with each number of the set, in rising order.
  func forEach(_ body: (Int) -> Void) {
    for word in self.words.indices {
      var bits = self.words[word]
      while bits != 0 {
        body(word << 6 + bits.trailingZeroBitCount)
        bits &= bits - 1
      }
    }
  }
}

extension Bitset: Equatable {
  /// Sets are equal when the same numbers are in them, whatever their lengths.
  static func == (left: Bitset, right: Bitset) -> Bool {
    let shared = min(left.words.count, right.words.count)
    return left.words[..<shared] == right.words[..<shared]
      && left.words[shared...].allSatisfy { $0 == 0 } && right.words[shared...].allSatisfy { $0 == 0 }
  }
}
