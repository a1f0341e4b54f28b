// SPDX-License-Identifier: Apache-2.0

/// What an ``Identifier`` consists of, whatever it identifies.
package struct IdentifierBits: Sendable, Hashable, Comparable {
  /// The first 12 characters as a number in base 36.
  private let high: UInt64
  /// The next 12 characters as a number in base 36.
  private let middle: UInt64
  /// The last character's value, 0–35.
  private let low: UInt8

  /// The number of values that 12 characters have.
  private static var span: UInt64 { 4_738_381_338_321_616_896 }
  /// The number of characters.
  package static var length: Int { 25 }
  /// The number of bytes of ``packed``.
  package static var packedLength: Int { 17 }

  /// Makes an id of three numbers, each reduced to its range.
  package init(high: UInt64, middle: UInt64, low: UInt8) {
    self.high = high % Self.span
    self.middle = middle % Self.span
    self.low = low % 36
  }

  /// Hashes the three numbers as one: ids are mostly chance already, and they are looked up all the time.
  package func hash(into hasher: inout Hasher) {
    hasher.combine((self.high &* 0x9e37_79b9_7f4a_7c15) ^ self.middle &+ UInt64(self.low))
  }

  /// Reads 25 characters of `0`–`9` and `a`–`z`.
  package init?(ascii bytes: ArraySlice<UInt8>) {
    guard bytes.count == Self.length else { return nil }
    var parts: (UInt64, UInt64, UInt8) = (0, 0, 0)
    for index in bytes.indices {
      let digit: UInt8
      switch bytes[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[index] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = bytes[index] - UInt8(ascii: "a") + 10
      default: return nil
      }
      switch index - bytes.startIndex {
      case 0..<12: parts.0 = parts.0 * 36 + UInt64(digit)
      case 12..<24: parts.1 = parts.1 * 36 + UInt64(digit)
      default: parts.2 = digit
      }
    }
    (self.high, self.middle, self.low) = parts
  }

  /// Reads what ``packed`` wrote.
  package init?(packed bytes: ArraySlice<UInt8>) {
    guard bytes.count == Self.packedLength else { return nil }
    var parts: (UInt64, UInt64, UInt8) = (0, 0, 0)
    for index in bytes.indices {
      switch index - bytes.startIndex {
      case 0..<8: parts.0 = parts.0 << 8 | UInt64(bytes[index])
      case 8..<16: parts.1 = parts.1 << 8 | UInt64(bytes[index])
      default: parts.2 = bytes[index]
      }
    }
    guard parts.0 < Self.span, parts.1 < Self.span, parts.2 < 36 else { return nil }
    (self.high, self.middle, self.low) = parts
  }

  /// Orders ids as their characters and as their packed bytes are ordered.
  package static func < (left: Self, right: Self) -> Bool {
    if left.high != right.high { return left.high < right.high }
    if left.middle != right.middle { return left.middle < right.middle }
    return left.low < right.low
  }

  /// The 25 characters.
  package var ascii: [UInt8] {
    var characters = [UInt8](repeating: 0, count: Self.length)
    Self.write(self.high, into: &characters, at: 0)
    Self.write(self.middle, into: &characters, at: 12)
    characters[24] = Self.character(self.low)
    return characters
  }

  /// The id as 17 bytes.
  package var packed: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.packedLength)
    for shift in stride(from: 56 as UInt64, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: self.high >> shift))
    }
    for shift in stride(from: 56 as UInt64, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: self.middle >> shift))
    }
    bytes.append(self.low)
    return bytes
  }

  /// Writes a number as 12 characters.
  private static func write(_ value: UInt64, into characters: inout [UInt8], at offset: Int) {
    var rest = value
    for position in (offset..<offset + 12).reversed() {
      characters[position] = Self.character(UInt8(truncatingIfNeeded: rest % 36))
      rest /= 36
    }
  }

  private static func character(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
  }
}
