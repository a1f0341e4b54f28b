// SPDX-License-Identifier: Apache-2.0

/// One address range of a network.
public struct IPAMConfig: Sendable, Hashable {
  /// The address family.
  public var family: AddressFamily
  /// The subnet in CIDR notation.
  public var subnet: String
  /// The part of the subnet that is handed out, in CIDR notation.
  public var range: String
  /// The gateway's address.
  public var gateway: String
  /// Addresses that are never handed out, by purpose.
  public var reserved: [String: String]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    family: AddressFamily = .unknown,
    subnet: String = "",
    range: String = "",
    gateway: String = "",
    reserved: [String: String] = [:],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.family = family
    self.subnet = subnet
    self.range = range
    self.gateway = gateway
    self.reserved = reserved
    self.unknownFields = unknownFields
  }

  /// An address family.
  public enum AddressFamily: Int32, Sendable, Hashable, CaseIterable {
    /// Not told.
    case unknown = 0
    /// IPv4.
    case ipv4 = 4
    /// IPv6.
    case ipv6 = 6
  }
}
