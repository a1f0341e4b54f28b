// SPDX-License-Identifier: Apache-2.0

/// The finaliser of SplitMix64: spreads every bit of a word over all bits.
///
/// Fingerprints on the wire are made of it.
enum Mixing {
  static func mix(_ word: UInt64) -> UInt64 {
    var mixed = word
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// The fingerprint of some bytes.
  static func fingerprint(_ bytes: some Sequence<UInt8>, salt: UInt64) -> UInt64 {
    var hash = Self.mix(salt)
    var word: UInt64 = 0
    var count: UInt64 = 0
    for byte in bytes {
      word = word << 8 | UInt64(byte)
      count &+= 1
      if count & 7 == 0 {
        hash = Self.mix(hash ^ word)
        word = 0
      }
    }
    return Self.mix(Self.mix(hash ^ word) ^ count)
  }
}
