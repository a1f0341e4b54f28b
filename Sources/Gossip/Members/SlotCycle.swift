// SPDX-License-Identifier: Apache-2.0

/// Visits every slot once per round in an order that chance decides anew each round, without holding that order in memory.
///
/// Slots that are added during a round are visited in the next one, so that between two visits lie at most two rounds.
struct SlotCycle: Sendable {
  private var mask: UInt32 = 0
  private var position: UInt32 = 1
  private var multiplier: UInt32 = 1
  private var offset: UInt32 = 0
  private var shift: UInt32 = 1

  /// The next slot below `count`.
  ///
  /// A round that ends begins the next one.
  mutating func next(below count: Int, _ random: inout SplitMix64) -> Slot {
    while true {
      if self.position > self.mask { self.beginRound(below: count, &random) }
      let slot = self.scramble(self.position)
      self.position &+= 1
      if slot < UInt32(truncatingIfNeeded: count) { return slot }
    }
  }

  private mutating func beginRound(below count: Int, _ random: inout SplitMix64) {
    let bits = UInt32.bitWidth - UInt32(truncatingIfNeeded: max(count, 1) - 1).leadingZeroBitCount
    self.mask = bits == 0 ? 0 : UInt32.max >> (32 - UInt32(bits))
    self.shift = UInt32(max(1, bits / 2))
    let chance = random.next()
    self.multiplier = UInt32(truncatingIfNeeded: chance) | 1
    self.offset = UInt32(truncatingIfNeeded: chance >> 32)
    self.position = 0
  }

  // Multiplying by an odd number, adding, and xoring a number with its own upper bits can each be undone within the
  // mask: no two positions give the same slot.
  private func scramble(_ position: UInt32) -> UInt32 {
    var value = (position &* self.multiplier &+ self.offset) & self.mask
    value ^= value >> self.shift
    value = (value &* self.multiplier &+ (self.offset >> 7)) & self.mask
    value ^= value >> self.shift
    return (value &* 0x9E37_79B1 &+ self.offset) & self.mask
  }
}
