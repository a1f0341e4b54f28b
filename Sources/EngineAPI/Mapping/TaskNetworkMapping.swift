// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension Network {
  /// A task's place on the network; addresses have only services.
  var taskNetwork: Engine.TaskNetwork {
    var shown = Engine.SwarmNetwork()
    shown.id = self.id.description
    shown.version = self.meta.version.apiValue
    shown.createdAt = self.meta.createdAt.apiValue
    shown.updatedAt = self.meta.updatedAt.apiValue
    shown.spec = self.spec.apiValue
    shown.driverState = self.driverState?.apiValue
    shown.ipamOptions = self.ipam?.apiValue
    var place = Engine.TaskNetwork()
    place.network = shown
    place.addresses = []
    return place
  }
}

extension NetworkSpec {
  fileprivate var apiValue: Engine.SwarmNetworkSpec {
    var spec = Engine.SwarmNetworkSpec()
    spec.name = self.annotations.name
    spec.labels = self.annotations.labels
    spec.driverConfiguration = self.driverConfig?.apiValue
    spec.ipv6Enabled = self.ipv6Enabled.trueOrNil
    spec.internal = self.internal.trueOrNil
    spec.attachable = self.attachable.trueOrNil
    spec.ingress = self.ingress.trueOrNil
    spec.ipamOptions = self.ipam?.apiValue
    return spec
  }
}

extension IPAMOptions {
  fileprivate var apiValue: Engine.SwarmIPAM {
    var ipam = Engine.SwarmIPAM()
    ipam.driver = self.driver?.apiValue
    ipam.configs =
      self.configs.map { config in
        var range = Engine.SwarmIPAMConfig()
        range.subnet = config.subnet.nonEmpty
        range.range = config.range.nonEmpty
        range.gateway = config.gateway.nonEmpty
        return range
      }.nonEmpty
    return ipam
  }
}
