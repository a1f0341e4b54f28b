// SPDX-License-Identifier: Apache-2.0

/// Where a member listens: an IP address and a port that UDP and TCP share.
public struct GossipAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
  // An IPv4 address is held as ::ffff:a.b.c.d.
  private var high: UInt64
  private var low: UInt64
  /// The port.
  public var port: UInt16

  private static let mappedPrefix: UInt64 = 0xFFFF

  /// Makes an IPv4 address; the first number of the dotted form is in the highest byte.
  public init(ipv4: UInt32, port: UInt16) {
    self.init(ipv6: (0, Self.mappedPrefix << 32 | UInt64(ipv4)), port: port)
  }

  /// Makes an IPv6 address from its upper and lower half.
  public init(ipv6: (upper: UInt64, lower: UInt64), port: UInt16) {
    self.high = ipv6.upper
    self.low = ipv6.lower
    self.port = port
  }

  /// The IPv4 address, when it is one.
  public var ipv4: UInt32? {
    self.high == 0 && self.low >> 32 == Self.mappedPrefix ? UInt32(truncatingIfNeeded: self.low) : nil
  }

  /// The upper and lower half of the IPv6 address.
  public var ipv6: (upper: UInt64, lower: UInt64) { (self.high, self.low) }

  /// The address in text, IPv6 in brackets and without shortening zeros.
  public var description: String {
    if let ipv4 {
      let numbers = [24, 16, 8, 0].map { String(ipv4 >> UInt32($0) & 0xFF) }
      return numbers.joined(separator: ".") + ":\(self.port)"
    }
    let groups = [self.high, self.low].flatMap { half in
      [48, 32, 16, 0].map { String(half >> UInt64($0) & 0xFFFF, radix: 16) }
    }
    return "[" + groups.joined(separator: ":") + "]:\(self.port)"
  }

  /// Orders addresses by their bytes.
  public static func < (left: GossipAddress, right: GossipAddress) -> Bool {
    (left.high, left.low, left.port) < (right.high, right.low, right.port)
  }
}
