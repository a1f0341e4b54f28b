// SPDX-License-Identifier: Apache-2.0

/// The chance of the simulated world; nodes have their own.
struct GossipChance: Sendable {
  private var state: UInt64

  init(seed: UInt64) { self.state = seed }

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func number(below bound: Int) -> Int { Int(self.next() % UInt64(max(1, bound))) }
  mutating func fraction() -> Double { Double(self.next() >> 11) * 0x1p-53 }
  mutating func chance(_ part: Double) -> Bool { self.fraction() < part }

  /// Some of the numbers below `bound`, each once.
  mutating func sample(_ count: Int, below bound: Int) -> [Int] {
    var numbers = Array(0..<bound)
    for place in 0..<min(count, bound) { numbers.swapAt(place, place + self.number(below: bound - place)) }
    return Array(numbers.prefix(count))
  }
}
