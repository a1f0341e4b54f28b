// SPDX-License-Identifier: Apache-2.0

/// A stream of chance that is nothing but its seed (SplitMix64: Steele, Lea, Flood, 2014).
///
/// Every purpose (the network, a disk, the plan) draws from a stream of its own, so that one event more or less in one of
/// them doesn't change what the others draw.
package struct SeededStream: RandomNumberGenerator, Hashable, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { self.state = seed }

  /// The stream for a purpose of a run.
  package init(seed: UInt64, purpose: UInt64) {
    self.state = mixed(seed &+ 0x9E37_79B9_7F4A_7C15 &* (purpose &+ 1))
  }

  package mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    return mixed(self.state)
  }

  /// A number from 0 up to `bound`, excluded; 0 for a bound of 0.
  package mutating func below(_ bound: Int) -> Int {
    bound > 0 ? Int(truncatingIfNeeded: self.next().multipliedFullWidth(by: UInt64(bound)).high) : 0
  }

  /// A number of the range.
  package mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + self.below(range.upperBound - range.lowerBound + 1)
  }

  /// True in `count` of 1000 draws.
  package mutating func perMille(_ count: Int) -> Bool { count > 0 && self.below(1000) < count }

  /// One of the choices.
  package mutating func one<Choice>(of choices: [Choice]) -> Choice { choices[self.below(choices.count)] }
}

/// Spreads a number over all bits; the same in every process, unlike `hashValue`.
@inline(__always)
package func mixed(_ value: UInt64) -> UInt64 {
  var mixed = value
  mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
  mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
  return mixed ^ (mixed >> 31)
}
