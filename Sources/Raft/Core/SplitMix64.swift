// SPDX-License-Identifier: Apache-2.0

/// A small generator whose whole state is its seed (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
struct SplitMix64: Sendable {
  private var state: UInt64

  init(seed: UInt64) { self.state = seed }

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A duration in `range`, in whole microseconds from its lower bound.
  mutating func duration(in range: ClosedRange<Duration>) -> Duration {
    let width = (range.upperBound - range.lowerBound).components
    let microseconds = UInt64(clamping: width.seconds) &* 1_000_000 &+ UInt64(clamping: width.attoseconds / 1_000_000_000_000)
    return range.lowerBound + .microseconds(Int64(truncatingIfNeeded: self.next() % (microseconds &+ 1)))
  }
}
