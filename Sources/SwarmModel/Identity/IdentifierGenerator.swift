// SPDX-License-Identifier: Apache-2.0

/// Makes ids from a seed: the same seed gives the same ids.
///
/// The generator is xoshiro256**, whose state SplitMix64 fills from the seed. A driver seeds it with 64 bits of chance.
public struct IdentifierGenerator: Sendable, RandomNumberGenerator {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Creates a generator.
  public init(seed: UInt64) {
    var mixer = seed
    func mix() -> UInt64 {
      mixer &+= 0x9e37_79b9_7f4a_7c15
      var mixed = mixer
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
    self.state = (mix(), mix(), mix(), mix())
  }

  /// Makes the next random number.
  public mutating func next() -> UInt64 {
    let result = Self.rotate(self.state.1 &* 5, by: 7) &* 9
    let shifted = self.state.1 << 17
    self.state.2 ^= self.state.0
    self.state.3 ^= self.state.1
    self.state.1 ^= self.state.2
    self.state.0 ^= self.state.3
    self.state.2 ^= shifted
    self.state.3 = Self.rotate(self.state.3, by: 45)
    return result
  }

  /// Makes the next id.
  public mutating func make<Kind>(_ kind: Identifier<Kind>.Type = Identifier<Kind>.self) -> Identifier<Kind> {
    let high = self.next()
    let middle = self.next()
    let low = UInt8(truncatingIfNeeded: self.next() % 36)
    return Identifier(IdentifierBits(high: high, middle: middle, low: low))
  }

  private static func rotate(_ word: UInt64, by count: UInt64) -> UInt64 {
    (word << count) | (word >> (64 - count))
  }
}
