// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// The addresses of one of a network's subnets that the cluster gives to services.
struct AddressPool: Sendable {
  let subnet: Subnet
  /// The part of the subnet that addresses come from; all of it unless the user said otherwise.
  let range: Subnet
  /// Addresses that nobody gets: the gateway, and those that users keep for something else.
  private let reserved: Set<UInt32>

  /// Makes the pool of a range; `nil` for IPv6.
  init?(_ config: IPAMConfig) {
    guard let subnet = Subnet(config.subnet) else { return nil }
    self.subnet = subnet
    self.range = Subnet(config.range) ?? subnet
    self.reserved = Set(([config.gateway] + config.reserved.values).compactMap { Subnet.address($0) })
  }

  /// Whether the address may be given to somebody.
  func contains(_ address: UInt32) -> Bool {
    self.range.contains(address) && self.subnet.hosts.contains(address) && !self.reserved.contains(address)
  }

  /// The lowest address that isn't taken.
  func first(beside isTaken: (UInt32) -> Bool) -> UInt32? {
    (self.range.first...self.range.last).first { self.contains($0) && !isTaken($0) }
  }
}

extension Network {
  /// Where the network's IPv4 addresses come from.
  var addressPools: [AddressPool] { (self.ipam?.configs ?? []).compactMap { AddressPool($0) } }
}
