// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension Listing {
  /// The rows of `service ls`, in natural order of names.
  init(services: [Engine.Service]) {
    self.columns = [
      Column(name: "ID", heading: "ID"), Column(name: "Name", heading: "NAME"), Column(name: "Mode", heading: "MODE"),
      Column(name: "Replicas", heading: "REPLICAS"), Column(name: "Image", heading: "IMAGE"),
      Column(name: "Ports", heading: "PORTS"),
    ]
    self.rows =
      services
      .sorted { NaturalOrder.areInOrder($0.spec?.name ?? "", $1.spec?.name ?? "") }
      .map { service in
        [
          "ID": HumanText.shortID(service.id ?? ""),
          "Name": service.spec?.name ?? "",
          "Mode": service.spec?.mode?.word ?? "",
          "Replicas": Self.replicas(of: service),
          "Image": HumanText.image(service.spec?.taskTemplate?.containerSpec?.image ?? ""),
          "Ports": Self.ports(of: service),
        ]
      }
  }

  private static func replicas(of service: Engine.Service) -> String {
    guard let status = service.serviceStatus else { return "" }
    let running = "\(status.runningTasks ?? 0)/\(status.desiredTasks ?? 0)"
    if let job = service.spec?.mode?.replicatedJob {
      return "\(running) (\(status.completedTasks ?? 0)/\(job.totalCompletions ?? 0) completed)"
    }
    if service.spec?.mode?.globalJob != nil {
      let completed = status.completedTasks ?? 0
      return "\(running) (\(completed)/\((status.desiredTasks ?? 0) + completed) completed)"
    }
    if let maximum = service.spec?.taskTemplate?.placement?.maxReplicas, maximum > 0, service.spec?.mode?.replicated != nil {
      return "\(running) (max \(maximum) per node)"
    }
    return running
  }

  private static func ports(of service: Engine.Service) -> String {
    (service.endpoint?.ports ?? [])
      .filter { $0.publishMode == "ingress" }
      .map { "*:\($0.publishedPort ?? 0)->\($0.targetPort ?? 0)/\($0.protocol ?? "tcp")" }
      .joined(separator: ", ")
  }
}

extension Engine.ServiceMode {
  /// The word that tables and flags have for the mode.
  var word: String {
    if self.replicated != nil { return "replicated" }
    if self.global != nil { return "global" }
    if self.replicatedJob != nil { return "replicated job" }
    return self.globalJob != nil ? "global job" : ""
  }
}
