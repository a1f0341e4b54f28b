// SPDX-License-Identifier: Apache-2.0

/// A range of IPv4 addresses, written `10.0.1.0/24`.
struct Subnet: Sendable, Hashable, CustomStringConvertible {
  /// The lowest address.
  let first: UInt32
  /// How many leading bits all addresses share.
  let length: Int

  /// Makes the subnet that an address is in.
  ///
  /// - Parameter length: 0 to 32.
  init(containing address: UInt32, length: Int) {
    precondition((0...32).contains(length), "a subnet's length is \(length)")
    self.first = length == 0 ? 0 : address & (UInt32.max << UInt32(32 - length))
    self.length = length
  }

  /// Reads `10.0.1.0/24`; `nil` for anything else.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = Self.address(parts[0]), let length = Int(parts[1]), (0...32).contains(length) else {
      return nil
    }
    self.init(containing: address, length: length)
  }

  /// The highest address.
  var last: UInt32 { self.length == 0 ? .max : self.first | (UInt32.max >> UInt32(self.length)) }

  /// The addresses that hosts may have: all but the first and the last where there are more than two.
  var hosts: ClosedRange<UInt32> { self.length > 30 ? self.first...self.last : (self.first + 1)...(self.last - 1) }

  func contains(_ address: UInt32) -> Bool { (self.first...self.last).contains(address) }

  func overlaps(_ other: Subnet) -> Bool { self.first <= other.last && other.first <= self.last }

  var description: String { "\(Self.text(self.first))/\(self.length)" }

  /// An address of the subnet as interfaces are given it: with the subnet's length.
  func text(_ address: UInt32) -> String { "\(Self.text(address))/\(self.length)" }

  /// Writes `10.0.1.2`.
  static func text(_ address: UInt32) -> String {
    [24, 16, 8, 0].map { "\((address >> UInt32($0)) & 0xff)" }.joined(separator: ".")
  }

  /// Reads `10.0.1.2`, also with a length behind it; `nil` for anything else.
  static func address(_ text: some StringProtocol) -> UInt32? {
    let bytes = text.prefix { $0 != "/" }.split(separator: ".", omittingEmptySubsequences: false)
    guard bytes.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in bytes {
      guard part.count <= 3, let byte = UInt8(part) else { return nil }
      address = address << 8 | UInt32(byte)
    }
    return address
  }
}
