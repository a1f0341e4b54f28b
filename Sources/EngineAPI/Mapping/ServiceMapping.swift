// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmModel

extension Service {
  /// The service as the API shows it.
  ///
  /// - Parameters:
  ///   - insertingDefaults: Whether settings that nobody made are shown with their defaults.
  ///   - counts: The counts of its tasks, when they were asked for.
  func apiValue(insertingDefaults: Bool = false, counts: ServiceStatus? = nil) -> Engine.Service {
    var service = Engine.Service()
    service.id = self.id.description
    service.version = self.meta.version.apiValue
    service.createdAt = self.meta.createdAt.apiValue
    service.updatedAt = self.meta.updatedAt.apiValue
    service.spec = insertingDefaults ? self.spec.apiValue.insertingDefaults : self.spec.apiValue
    service.previousSpec = self.previousSpec?.apiValue
    service.endpoint = self.shownEndpoint.apiValue
    service.updateStatus = self.updateStatus?.apiValue
    service.jobStatus = self.jobStatus?.apiValue
    service.serviceStatus = counts?.apiValue
    return service
  }

  /// Ports that need no allocation show before (and without) one.
  private var shownEndpoint: Endpoint {
    self.endpoint ?? Endpoint(spec: self.spec.endpoint, ports: self.spec.endpoint?.ports ?? [])
  }
}

extension ServiceStatus {
  var apiValue: Engine.ServiceStatus {
    var status = Engine.ServiceStatus()
    status.runningTasks = self.running
    status.desiredTasks = self.desired
    status.completedTasks = self.completed
    return status
  }
}

extension UpdateStatus {
  var apiValue: Engine.UpdateStatus? {
    guard self.state != .unknown else { return nil }
    var status = Engine.UpdateStatus()
    status.state = UpdateStatus.State.engineNames[self.state]
    status.startedAt = self.startedAt?.apiValue
    status.completedAt = self.completedAt?.apiValue
    status.message = self.message.nonEmpty
    return status
  }
}

extension JobStatus {
  var apiValue: Engine.JobStatus {
    var status = Engine.JobStatus()
    status.jobIteration = self.jobIteration.apiValue
    status.lastExecution = self.lastExecution?.apiValue
    return status
  }
}

extension Endpoint {
  var apiValue: Engine.ServiceEndpoint {
    var endpoint = Engine.ServiceEndpoint()
    endpoint.spec = self.spec?.apiValue ?? Engine.EndpointSpec()
    endpoint.ports = self.ports.map(\.apiValue).nonEmpty
    endpoint.virtualIPs =
      self.virtualIPs.map { address in
        var shown = Engine.VirtualIP()
        shown.networkID = address.networkID?.description
        shown.addr = address.addr.nonEmpty
        return shown
      }.nonEmpty
    return endpoint
  }
}

extension EndpointSpec {
  init(_ spec: Engine.EndpointSpec) throws(APIFailure) {
    let mode = try ResolutionMode.engineNames.value(spec.mode, default: .vip) {
      .badRequest("invalid resolution mode: \"\($0)\"")
    }
    var ports: [PortConfig] = []
    for port in spec.ports ?? [] { ports.append(try PortConfig(port)) }
    self.init(mode: mode, ports: ports)
  }

  var apiValue: Engine.EndpointSpec {
    var spec = Engine.EndpointSpec()
    spec.mode = ResolutionMode.engineNames[self.mode]
    spec.ports = self.ports.map(\.apiValue).nonEmpty
    return spec
  }
}

extension PortConfig {
  init(_ port: Engine.PortConfig) throws(APIFailure) {
    let `protocol` = try ProtocolKind.engineNames.value(port.protocol, default: .tcp) {
      .badRequest("invalid protocol of a port: \"\($0)\"")
    }
    let mode = try PublishMode.engineNames.value(port.publishMode, default: .ingress) {
      .badRequest("invalid PublishMode of a port: \"\($0)\"")
    }
    guard (port.targetPort ?? 0) <= 65_535, (port.publishedPort ?? 0) <= 65_535 else {
      throw .badRequest("a port can't be above 65535")
    }
    self.init(
      name: port.name ?? "",
      protocol: `protocol`,
      targetPort: port.targetPort ?? 0,
      publishedPort: port.publishedPort ?? 0,
      publishMode: mode
    )
  }

  var apiValue: Engine.PortConfig {
    var port = Engine.PortConfig()
    port.name = self.name.nonEmpty
    port.protocol = ProtocolKind.engineNames[self.protocol]
    port.targetPort = self.targetPort.nonZero
    port.publishedPort = self.publishedPort.nonZero
    port.publishMode = PublishMode.engineNames[self.publishMode]
    return port
  }
}
