// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// A service for people, in docker's sections: `service inspect --pretty`.
struct ServiceSheet: Sendable {
  /// A name, and its value in the second column.
  typealias Line = (name: String, value: String)

  private let service: Engine.Service
  private let networks: [String]
  private let now: EngineTime

  /// A sheet of a service.
  ///
  /// - Parameters:
  ///   - networks: the names of those that its tasks are on.
  ///   - now: the time of day, for "5 minutes ago".
  init(_ service: Engine.Service, networks: [String], now: EngineTime) {
    self.service = service
    self.networks = networks
    self.now = now
  }

  /// The lines, each ended.
  var text: String {
    let spec = self.service.spec ?? Engine.ServiceSpec()
    let template = spec.taskTemplate ?? Engine.TaskTemplate()
    var lines: [Line] = [("ID:", self.service.id ?? ""), ("Name:", spec.name ?? "")]
    lines += Self.section("Labels:", (spec.labels ?? [:]).inOrder { $0.isEmpty ? "" : "=\($0)" })
    lines += Self.mode(spec)
    lines += self.updateStatus
    lines += Self.placement(template.placement ?? Engine.Placement())
    if let update = spec.updateConfig { lines += Self.rollout("Update", update) }
    if let rollback = spec.rollbackConfig { lines += Self.rollout("Rollback", rollback) }
    let container = template.containerSpec ?? Engine.ContainerSpec()
    lines += Self.container(container)
    if let driver = template.logDriver { lines += Self.logDriver(driver) }
    lines += Self.resources(template.resources ?? Engine.ResourceRequirements())
    if !self.networks.isEmpty { lines.append(("Networks:", self.networks.joined(separator: " "))) }
    lines.append(("Endpoint Mode:", self.service.endpoint?.spec?.mode ?? "vip"))
    lines += Self.ports(self.service.endpoint?.ports ?? [])
    if let check = container.healthcheck { lines += Self.healthcheck(check) }
    return lines.map(Sheet.line).joined(separator: "\n") + "\n"
  }

  /// A heading and what stands below it; nothing when that is nothing.
  static func section(_ heading: String, _ lines: [Line]) -> [Line] { lines.isEmpty ? [] : [(heading, "")] + lines }

  private static func mode(_ spec: Engine.ServiceSpec) -> [Line] {
    var lines: [Line] = [("Service Mode:", HumanText.title(spec.mode?.word ?? ""))]
    if let replicas = spec.mode?.replicated?.replicas { lines.append((" Replicas:", String(replicas))) }
    if let job = spec.mode?.replicatedJob {
      lines.append((" Max Concurrent:", String(job.maxConcurrent ?? 1)))
      lines.append((" Total Completions:", String(job.totalCompletions ?? 1)))
    }
    if let schedule = spec.schedule { lines.append((" Schedule:", "\(schedule.cron ?? "") (\(schedule.ifRunning ?? "wait"))")) }
    for dependency in spec.dependencies ?? [] {
      lines.append((" Depends on:", "\(dependency.service ?? "") (\(dependency.condition ?? "healthy"))"))
    }
    return lines
  }

  private var updateStatus: [Line] {
    guard let status = self.service.updateStatus, let state = status.state, !state.isEmpty else { return [] }
    var lines: [Line] = [("UpdateStatus:", ""), (" State:", state)]
    if let started = status.startedAt { lines.append((" Started:", HumanText.ago(started, now: self.now))) }
    if let completed = status.completedAt { lines.append((" Completed:", HumanText.ago(completed, now: self.now))) }
    return lines + [(" Message:", status.message ?? "")]
  }

  private static func placement(_ placement: Engine.Placement) -> [Line] {
    var lines: [Line] = []
    if let constraints = placement.constraints, !constraints.isEmpty {
      lines.append((" Constraints:", "[\(constraints.joined(separator: " "))]"))
    }
    if let preferences = placement.preferences, !preferences.isEmpty {
      let spreads = preferences.map { "spread=\($0.spread?.spreadDescriptor ?? "")" }
      lines.append((" Preferences:", "[\(spreads.joined(separator: " "))]"))
    }
    if let most = placement.maxReplicas, most > 0 { lines.append((" Max Replicas Per Node:", String(most))) }
    if let strategy = placement.strategy { lines.append((" Strategy:", strategy)) }
    return self.section("Placement:", lines)
  }

  private static func rollout(_ name: String, _ config: Engine.UpdateConfig) -> [Line] {
    var lines = [("\(name)Config:", ""), (" Parallelism:", String(config.parallelism ?? 0))]
    if let delay = config.delay, delay != 0 { lines.append((" Delay:", DurationValue(nanoseconds: delay).text)) }
    lines.append((" On failure:", config.failureAction ?? ""))
    if let monitor = config.monitor { lines.append((" Monitoring Period:", DurationValue(nanoseconds: monitor).text)) }
    lines.append((" Max failure ratio:", JSONValue.number(config.maxFailureRatio ?? 0).text))
    lines.append((" \(name) order:", config.order ?? ""))
    return lines
  }

  private static func resources(_ resources: Engine.ResourceRequirements) -> [Line] {
    func amounts(_ nanoCPUs: Int64?, _ memory: Int64?) -> [Line] {
      var lines: [Line] = []
      if let nanoCPUs, nanoCPUs > 0 { lines.append(("  CPU:", JSONValue.number(Double(nanoCPUs) / 1e9).text)) }
      if let memory, memory > 0 { lines.append(("  Memory:", HumanText.bytes(memory))) }
      return lines
    }
    var reserved = amounts(resources.reservations?.nanoCPUs, resources.reservations?.memoryBytes)
    for resource in resources.reservations?.genericResources ?? [] {
      if let discrete = resource.discrete { reserved.append(("  \(discrete.kind ?? ""):", String(discrete.value ?? 0))) }
      if let named = resource.named { reserved.append(("  \(named.kind ?? ""):", named.value ?? "")) }
    }
    var limits = amounts(resources.limits?.nanoCPUs, resources.limits?.memoryBytes)
    if let processes = resources.limits?.pids, processes > 0 { limits.append(("  PIDs:", String(processes))) }
    return self.section("Resources:", self.section(" Reservations:", reserved) + self.section(" Limits:", limits))
  }

  private static func ports(_ ports: [Engine.PortConfig]) -> [Line] {
    self.section(
      "Ports:",
      ports.flatMap { port in
        [
          (" PublishedPort = \(port.publishedPort ?? 0)", ""), ("  Protocol = \(port.protocol ?? "tcp")", ""),
          ("  TargetPort = \(port.targetPort ?? 0)", ""), ("  PublishMode = \(port.publishMode ?? "ingress")", ""),
        ]
      }
    )
  }
}
