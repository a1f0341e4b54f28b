// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A range of IP addresses, `10.1.0.0/16` or `fd00::/64`; one address is a range of one.
package struct AddressRange: Hashable, Sendable {
  private let bytes: [UInt8]
  private let length: Int

  /// Reads a range; `nil` for anything else, and for an address alone.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let bytes = Self.bytes(of: parts[0]), let length = UInt8(parts[1]), length <= bytes.count * 8 else {
      return nil
    }
    (self.bytes, self.length) = (bytes, Int(length))
  }

  /// Reads an address; `nil` for anything else.
  package init?(address text: String) {
    guard let bytes = Self.bytes(of: text) else { return nil }
    (self.bytes, self.length) = (bytes, bytes.count * 8)
  }

  /// Whether all of the other's addresses are in this range.
  package func contains(_ other: Self) -> Bool {
    self.bytes.count == other.bytes.count && self.length <= other.length
      && self.bytes.indices.allSatisfy { index in
        let bits = min(max(self.length - index * 8, 0), 8)
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
        return (self.bytes[index] ^ other.bytes[index]) & mask == 0
      }
  }

  /// Whether both have addresses in common.
  package func overlaps(_ other: Self) -> Bool { self.contains(other) || other.contains(self) }

  private static func bytes(of text: String) -> [UInt8]? {
    let isSix = text.contains(":")
    var bytes = [UInt8](repeating: 0, count: isSix ? 16 : 4)
    let isAddress = unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe inet_pton(isSix ? AF_INET6 : AF_INET, text, bytes.baseAddress) == 1
    }
    return isAddress ? bytes : nil
  }
}
