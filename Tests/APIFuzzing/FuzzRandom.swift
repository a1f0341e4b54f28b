// SPDX-License-Identifier: Apache-2.0

/// Chance from a seed (SplitMix64).
package struct FuzzRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { self.state = seed }

  package mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A whole number below a bound, which is at least 1.
  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// Whether something happens that happens in so many of a hundred cases.
  mutating func happens(_ percent: Int) -> Bool { self.below(100) < percent }

  /// One of the elements.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.below(elements.count)] }
}
