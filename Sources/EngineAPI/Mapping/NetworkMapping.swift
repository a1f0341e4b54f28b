// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import NIOCore
internal import SwarmModel

extension NetworkSpec {
  init(_ network: Engine.Network) throws(APIFailure) {
    let driver = network.driver ?? ""
    guard driver.isEmpty || driver == "overlay" else {
      throw .notAvailable("networks of other drivers than overlay are")
    }
    guard ["", "swarm"].contains(network.scope ?? "") else { throw .notAvailable("networks of other scopes than swarm are") }
    guard network.configOnly != true, (network.configFrom?.network ?? "").isEmpty else {
      throw .notAvailable("networks that only configure others (ConfigOnly, ConfigFrom) are")
    }
    self.init(
      annotations: Annotations(name: network.name ?? "", labels: network.labels ?? [:]),
      driverConfig: Driver(name: "overlay", options: network.options ?? [:]),
      ipv6Enabled: network.enableIPv6 ?? false,
      internal: network.internal ?? false,
      ipam: try network.ipam.flatMap { ipam throws(APIFailure) in try IPAMOptions(ipam) },
      attachable: network.attachable ?? false,
      ingress: network.ingress ?? false
    )
  }
}

extension IPAMOptions {
  /// How addresses are to be handed out; `nil` when nothing is said about it.
  fileprivate init?(_ ipam: Engine.IPAM) throws(APIFailure) {
    guard ["", "default"].contains(ipam.driver ?? "") else {
      throw .notAvailable("other drivers of addresses (IPAM) than default are")
    }
    let options = ipam.options ?? [:]
    let ranges = ipam.config ?? []
    guard !options.isEmpty || !ranges.isEmpty else { return nil }
    self.init(driver: options.isEmpty ? nil : Driver(name: "default", options: options))
    for range in ranges { self.configs.append(try IPAMConfig(range)) }
  }
}

extension IPAMConfig {
  fileprivate init(_ range: Engine.IPAMConfig) throws(APIFailure) {
    self.init(
      subnet: range.subnet ?? "",
      range: range.ipRange ?? "",
      gateway: range.gateway ?? "",
      reserved: range.auxiliaryAddresses ?? [:]
    )
    for (purpose, address) in self.reserved.sorted(by: { $0.key < $1.key })
    where (try? SocketAddress(ipAddress: address, port: 0)) == nil {
      throw .badRequest("invalid auxiliary address \(purpose): \(address)")
    }
    guard self.subnet.isEmpty else { return }
    for text in [self.range, self.gateway] + self.reserved.values.sorted() where !text.isEmpty {
      throw .badRequest("\(text) has no corresponding subnet: every range and gateway of a network needs one")
    }
  }

  fileprivate var apiValue: Engine.IPAMConfig {
    var range = Engine.IPAMConfig()
    range.subnet = self.subnet
    range.ipRange = self.range.nonEmpty
    range.gateway = self.gateway.nonEmpty
    range.auxiliaryAddresses = self.reserved.nonEmpty
    return range
  }
}

extension Network {
  var apiValue: Engine.Network {
    var network = Engine.Network()
    network.name = self.spec.annotations.name
    network.id = self.id.description
    network.created = self.meta.createdAt.apiValue
    network.scope = "swarm"
    network.driver = self.driverState?.name ?? "overlay"
    network.enableIPv6 = self.spec.ipv6Enabled
    network.internal = self.spec.internal
    network.attachable = self.spec.attachable
    network.ingress = self.spec.ingress
    network.showAbsent()
    network.options = self.driverState?.options ?? [:]
    network.labels = self.spec.annotations.labels
    var ipam = Engine.IPAM()
    ipam.driver = self.ipam?.driver?.name ?? "default"
    ipam.options = self.ipam?.driver?.options ?? [:]
    ipam.config = (self.ipam?.configs ?? []).map(\.apiValue)
    network.ipam = ipam
    return network
  }
}

extension Engine.Network {
  /// Shows what networks here don't have: a part in others' settings, and containers outside of services.
  mutating func showAbsent() {
    self.configFrom = Engine.NetworkSource()
    self.configFrom?.network = ""
    self.configOnly = false
    self.containers = [:]
  }
}
