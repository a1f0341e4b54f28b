// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Gives new networks their address ranges and their identification on the wire.
///
/// The leader chooses when it is asked for a network, and the choice rides in the entry; applying checks that it is still free.
enum NetworkAllocator {
  /// Where networks come from when the cluster doesn't say.
  static let defaultPool = Subnet(containing: 10 << 24, length: 8)
  static let defaultLength = 24
  /// The first VXLAN id of overlay networks; those below are left to others, as in SwarmKit.
  static let firstVXLAN: UInt32 = 4_096
  /// The option in which Docker's overlay driver looks for its VXLAN ids.
  static let vxlanOption = "com.docker.network.driver.overlay.vxlanid_list"

  /// The network of a specification.
  ///
  /// - Throws: `invalidArgument` for ranges that can't be read or overlap with those of another network, `failedPrecondition` when the
  ///   cluster's address pool is used up.
  static func network(_ spec: NetworkSpec, id: NetworkID, in store: Store) throws(SwarmError) -> Network {
    let networks = store.networks()
    var network = Network(id: id, spec: spec, ipam: IPAMOptions(driver: spec.ipam?.driver ?? Driver(name: "default")))
    let driver = spec.driverConfig?.name ?? ""
    if driver.isEmpty || driver == "overlay" {
      let id = Self.lowestVXLAN(beside: networks)
      network.driverState = Driver(name: "overlay", options: spec.driverConfig?.options ?? [:])
      network.driverState?.options[Self.vxlanOption] = "\(id)"
    } else {
      network.driverState = Driver(name: driver, options: spec.driverConfig?.options ?? [:])
    }
    var taken = networks.flatMap(\.subnets)
    let asked = (spec.ipam?.configs ?? []).filter { !$0.subnet.isEmpty }
    guard !asked.isEmpty else {
      let subnet = try Self.freeSubnet(beside: taken, in: store)
      network.ipam?.configs = [
        IPAMConfig(family: .ipv4, subnet: "\(subnet)", gateway: Subnet.text(subnet.hosts.lowerBound))
      ]
      return network
    }
    for var config in asked {
      guard let block = IPAddress(config.subnet), config.subnet.contains("/") else {
        throw SwarmError(code: .invalidArgument, message: "invalid subnet \(config.subnet)")
      }
      if let subnet = Subnet(config.subnet) {
        guard !taken.contains(where: subnet.overlaps) else {
          throw SwarmError(code: .invalidArgument, message: "Pool overlaps with other one on this address space")
        }
        taken.append(subnet)
        if config.gateway.isEmpty { config.gateway = Subnet.text(Self.gateway(of: subnet, config)) }
      }
      try Self.check(config, in: block)
      network.ipam?.configs.append(config)
    }
    return network
  }

  /// The first address, unless that is kept for something else.
  private static func gateway(of subnet: Subnet, _ config: IPAMConfig) -> UInt32 {
    let reserved = config.reserved.values.compactMap { Subnet.address($0) }
    return subnet.hosts.first { !reserved.contains($0) } ?? subnet.hosts.lowerBound
  }

  /// Refuses a range, a gateway or an address that isn't part of its subnet.
  private static func check(_ config: IPAMConfig, in subnet: IPAddress) throws(SwarmError) {
    func check(_ name: String, _ text: String, isRange: Bool = false) throws(SwarmError) {
      guard !text.isEmpty else { return }
      guard let part = IPAddress(text), text.contains("/") == isRange else {
        throw SwarmError(code: .invalidArgument, message: "invalid \(name) \(text)")
      }
      guard subnet.contains(part) else {
        throw SwarmError(code: .invalidArgument, message: "invalid \(name) \(text): it is not in subnet \(config.subnet)")
      }
    }
    try check("ip-range", config.range, isRange: true)
    try check("gateway", config.gateway)
    for (purpose, address) in config.reserved.sorted(by: { $0.key < $1.key }) {
      try check("auxiliary address \(purpose)", address)
    }
  }

  private static func lowestVXLAN(beside networks: [Network]) -> UInt32 {
    let taken = Set(networks.compactMap { $0.driverState?.options[Self.vxlanOption].flatMap { UInt32($0) } })
    var id = Self.firstVXLAN
    while taken.contains(id) { id += 1 }
    return id
  }

  private static func freeSubnet(beside taken: [Subnet], in store: Store) throws(SwarmError) -> Subnet {
    let pools = (store.cluster?.defaultAddressPool ?? []).compactMap { Subnet($0) }
    let length = store.cluster.flatMap { $0.subnetSize == 0 ? nil : Int(min($0.subnetSize, 30)) } ?? Self.defaultLength
    for pool in pools.isEmpty ? [Self.defaultPool] : pools where pool.length <= length {
      var candidate = Subnet(containing: pool.first, length: length)
      while true {
        guard let obstacle = taken.first(where: candidate.overlaps) else { return candidate }
        // Behind the obstacle, or behind the candidate if that is larger.
        let end = max(obstacle.last, candidate.last)
        guard end < pool.last else { break }
        candidate = Subnet(containing: end + 1, length: length)
      }
    }
    throw SwarmError(
      code: .failedPrecondition,
      message: "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network"
    )
  }
}

extension Network {
  /// The network's IPv4 ranges.
  var subnets: [Subnet] { (self.ipam?.configs ?? []).compactMap { Subnet($0.subnet) } }
}
