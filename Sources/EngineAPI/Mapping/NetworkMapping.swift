// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension NetworkSpec {
  init(_ network: Engine.Network) throws(APIFailure) {
    let driver = network.driver ?? ""
    guard driver.isEmpty || driver == "overlay" else {
      throw .notAvailable("networks of other drivers than overlay are")
    }
    let configs = (network.ipam?.config ?? []).map { config in
      IPAMConfig(subnet: config.subnet ?? "", range: config.ipRange ?? "", gateway: config.gateway ?? "")
    }
    self.init(
      annotations: Annotations(name: network.name ?? "", labels: network.labels ?? [:]),
      driverConfig: Driver(name: "overlay", options: network.options ?? [:]),
      ipv6Enabled: network.enableIPv6 ?? false,
      internal: network.internal ?? false,
      ipam: configs.isEmpty ? nil : IPAMOptions(configs: configs),
      attachable: network.attachable ?? false,
      ingress: network.ingress ?? false
    )
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
    network.options = self.driverState?.options ?? [:]
    network.labels = self.spec.annotations.labels
    var ipam = Engine.IPAM()
    ipam.driver = self.ipam?.driver?.name ?? "default"
    ipam.config = (self.ipam?.configs ?? []).map { config in
      var shown = Engine.IPAMConfig()
      shown.subnet = config.subnet
      shown.ipRange = config.range.nonEmpty
      shown.gateway = config.gateway.nonEmpty
      return shown
    }
    network.ipam = ipam
    return network
  }
}
