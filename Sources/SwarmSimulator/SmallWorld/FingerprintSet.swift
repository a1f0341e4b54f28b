// SPDX-License-Identifier: Apache-2.0

/// Numbers of 64 bits that stand for states: eight bytes a state, whatever it is made of.
///
/// Among a hundred million states two share a fingerprint with a chance of one in four thousand.
struct FingerprintSet {
  private var slots: [UInt64]
  private(set) var count = 0

  init() { self.slots = [UInt64](repeating: 0, count: 1 << 16) }

  /// False when it is there already.
  mutating func insert(_ fingerprint: UInt64) -> Bool {
    // Zero marks what is empty.
    let value = fingerprint == 0 ? 1 : fingerprint
    if self.count &* 3 >= self.slots.count &* 2 { self.grow() }
    guard Self.put(value, into: &self.slots) else { return false }
    self.count &+= 1
    return true
  }

  private mutating func grow() {
    var larger = [UInt64](repeating: 0, count: self.slots.count * 2)
    for value in self.slots where value != 0 { _ = Self.put(value, into: &larger) }
    self.slots = larger
  }

  private static func put(_ value: UInt64, into slots: inout [UInt64]) -> Bool {
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: value >> 20) & mask
    while slots[slot] != 0 {
      if slots[slot] == value { return false }
      slot = (slot &+ 1) & mask
    }
    slots[slot] = value
    return true
  }
}
