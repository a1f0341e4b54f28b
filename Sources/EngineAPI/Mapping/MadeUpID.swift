// SPDX-License-Identifier: Apache-2.0

/// Ids of what Docker gives ids to and a swarm doesn't.
enum MadeUpID {
  /// 64 hexadecimal digits, always the same for the same texts (FNV-1a, four times with different beginnings).
  static func digits(_ texts: String...) -> String {
    (0..<4 as Range<UInt8>).map { round in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in [round] + texts.flatMap(\.utf8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      return Self.digits(of: hash)
    }.joined()
  }

  /// 64 hexadecimal digits that nobody guesses.
  static func random() -> String {
    (0..<4).map { _ in Self.digits(of: .random(in: 0 ... .max)) }.joined()
  }

  private static func digits(of number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
