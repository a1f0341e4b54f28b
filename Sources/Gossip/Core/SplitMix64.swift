// SPDX-License-Identifier: Apache-2.0

/// A small generator whose whole state is its seed (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
struct SplitMix64: Sendable {
  private var state: UInt64

  init(seed: UInt64) { self.state = seed }

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    return Mixing.mix(self.state)
  }

  /// A number below `bound`, which is positive.
  mutating func number(below bound: Int) -> Int { Int(self.next() % UInt64(max(1, bound))) }

  /// A number from 0 up to and without 1.
  mutating func fraction() -> Double { Double(self.next() >> 11) * 0x1p-53 }

  /// A duration from zero up to `limit`.
  mutating func duration(upTo limit: Duration) -> Duration { limit * self.fraction() }
}
