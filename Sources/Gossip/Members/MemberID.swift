// SPDX-License-Identifier: Apache-2.0

/// The stable name of a member: 1 to 31 bytes of UTF-8, held inline.
///
/// It survives restarts; ``GossipMember/epoch`` tells one life of the member from the next.
public struct MemberID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The longest name, in bytes of UTF-8.
  public static let maximumLength = 31

  // The bytes in order, padded with zeros; the last byte is the length.
  private var first: UInt64 = 0
  private var second: UInt64 = 0
  private var third: UInt64 = 0
  private var fourth: UInt64 = 0

  /// Makes a name.
  ///
  /// - Throws: ``GossipError/Code/invalidIdentity`` when it is empty or longer than 31 bytes.
  public init(_ name: String) throws(GossipError) {
    let bytes = Array(name.utf8)
    try self.init(bytes[...])
  }

  init(_ bytes: ArraySlice<UInt8>) throws(GossipError) {
    guard 1...Self.maximumLength ~= bytes.count else {
      throw GossipError(.invalidIdentity, "a member's name has 1 to \(Self.maximumLength) bytes, not \(bytes.count)")
    }
    var position: UInt64 = 0
    for byte in bytes {
      self.place(byte, at: position)
      position &+= 1
    }
    self.fourth |= position
  }

  private mutating func place(_ byte: UInt8, at position: UInt64) {
    let shifted = UInt64(byte) << (56 &- (position & 7) &* 8)
    switch position >> 3 {
    case 0: self.first |= shifted
    case 1: self.second |= shifted
    case 2: self.third |= shifted
    default: self.fourth |= shifted
    }
  }

  /// The length in bytes.
  var count: Int { Int(self.fourth & 0xFF) }

  func byte(at position: Int) -> UInt8 {
    let word =
      switch position >> 3 {
      case 0: self.first
      case 1: self.second
      case 2: self.third
      default: self.fourth
      }
    return UInt8(truncatingIfNeeded: word >> (56 &- UInt64(position & 7) &* 8))
  }

  /// What names the member in headers, digests and records.
  ///
  /// Part of the wire format.
  var fingerprint: UInt64 {
    var hash = Mixing.mix(self.first ^ 0x6769_7373_6F67_0001)
    hash = Mixing.mix(hash ^ self.second)
    hash = Mixing.mix(hash ^ self.third)
    return Mixing.mix(hash ^ self.fourth)
  }

  /// The name.
  public var description: String {
    String(decoding: (0..<self.count).map { self.byte(at: $0) }, as: UTF8.self)
  }

  /// Orders names by their bytes.
  public static func < (left: MemberID, right: MemberID) -> Bool {
    (left.first, left.second, left.third, left.fourth) < (right.first, right.second, right.third, right.fourth)
  }
}
