// SPDX-License-Identifier: Apache-2.0

/// Bytes as a number in base 36, as SwarmKit writes digests and secrets.
enum Base36 {
  /// Writes bytes, taken as a big-endian number, padded with zeros to a length.
  ///
  /// - Precondition: the number fits.
  static func encode(_ bytes: some Collection<UInt8>, length: Int) -> String {
    var digits = [UInt8](repeating: 0, count: length)
    for byte in bytes {
      var carry = UInt32(byte)
      for position in digits.indices.reversed() {
        carry += UInt32(digits[position]) << 8
        digits[position] = UInt8(carry % 36)
        carry /= 36
      }
      precondition(carry == 0, "\(length) digits are too few")
    }
    return String(decoding: digits.map { $0 < 10 ? UInt8(ascii: "0") + $0 : UInt8(ascii: "a") + $0 - 10 }, as: UTF8.self)
  }

  /// Reads a number into so many bytes; `nil` when a character isn't a digit or the number doesn't fit.
  static func decode(_ text: some StringProtocol, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    for character in text.utf8 {
      var carry: UInt32
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): carry = UInt32(character - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "z"): carry = UInt32(character - UInt8(ascii: "a")) + 10
      default: return nil
      }
      for position in bytes.indices.reversed() {
        carry += UInt32(bytes[position]) * 36
        bytes[position] = UInt8(truncatingIfNeeded: carry)
        carry >>= 8
      }
      guard carry == 0 else { return nil }
    }
    return bytes
  }
}
