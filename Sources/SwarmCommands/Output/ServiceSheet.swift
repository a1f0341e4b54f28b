// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// A service for people: `service inspect --pretty`.
struct ServiceSheet: Sendable {
  private let service: Engine.Service

  init(_ service: Engine.Service) { self.service = service }

  /// The lines, each ended.
  var text: String {
    let spec = self.service.spec ?? Engine.ServiceSpec()
    var lines: [(String, String)] = [("ID:", self.service.id ?? ""), ("Name:", spec.name ?? "")]
    for (key, value) in (spec.labels ?? [:]).sorted(by: { $0.key < $1.key }) { lines.append((" \(key)", value)) }
    lines.append(("Service Mode:", HumanText.title(spec.mode?.word ?? "")))
    if let replicas = spec.mode?.replicated?.replicas { lines.append((" Replicas:", String(replicas))) }
    if let schedule = spec.schedule { lines.append((" Schedule:", "\(schedule.cron ?? "") (\(schedule.ifRunning ?? "wait"))")) }
    for dependency in spec.dependencies ?? [] {
      lines.append((" Depends on:", "\(dependency.service ?? "") (\(dependency.condition ?? "healthy"))"))
    }
    if let status = self.service.updateStatus {
      lines.append(("UpdateStatus:", ""))
      lines.append((" State:", status.state ?? ""))
      lines.append((" Message:", status.message ?? ""))
    }
    let template = spec.taskTemplate ?? Engine.TaskTemplate()
    let constraints = template.placement?.constraints ?? []
    if !constraints.isEmpty || template.placement?.strategy != nil { lines.append(("Placement:", "")) }
    if !constraints.isEmpty { lines.append((" Constraints:", "[\(constraints.joined(separator: " "))]")) }
    if let strategy = template.placement?.strategy { lines.append((" Strategy:", strategy)) }
    if let update = spec.updateConfig { lines += Self.rollout("Update", update) }
    if let rollback = spec.rollbackConfig { lines += Self.rollout("Rollback", rollback) }
    lines += Self.container(template.containerSpec ?? Engine.ContainerSpec())
    lines.append(("Endpoint Mode:", self.service.endpoint?.spec?.mode ?? "vip"))
    let ports = self.service.endpoint?.ports ?? []
    if !ports.isEmpty { lines.append(("Ports:", "")) }
    for port in ports {
      lines.append((" PublishedPort = \(port.publishedPort ?? 0)", ""))
      lines.append(("  Protocol = \(port.protocol ?? "tcp")", ""))
      lines.append(("  TargetPort = \(port.targetPort ?? 0)", ""))
      lines.append(("  PublishMode = \(port.publishMode ?? "ingress")", ""))
    }
    return lines.map(Sheet.line).joined(separator: "\n") + "\n"
  }

  private static func rollout(_ name: String, _ config: Engine.UpdateConfig) -> [(String, String)] {
    var lines = [("\(name)Config:", ""), (" Parallelism:", String(config.parallelism ?? 0))]
    if let delay = config.delay, delay != 0 { lines.append((" Delay:", DurationValue(nanoseconds: delay).text)) }
    lines.append((" On failure:", config.failureAction ?? ""))
    if let monitor = config.monitor { lines.append((" Monitoring Period:", DurationValue(nanoseconds: monitor).text)) }
    lines.append((" Max failure ratio:", JSONValue.number(config.maxFailureRatio ?? 0).text))
    lines.append((" \(name) order:", config.order ?? ""))
    return lines
  }

  private static func container(_ spec: Engine.ContainerSpec) -> [(String, String)] {
    var lines = [("ContainerSpec:", ""), (" Image:", spec.image ?? "")]
    if let command = spec.command { lines.append((" Command:", command.joined(separator: " "))) }
    if let args = spec.args { lines.append((" Args:", args.joined(separator: " "))) }
    if let env = spec.env { lines.append((" Env:", env.joined(separator: " "))) }
    if let dir = spec.dir { lines.append((" Dir:", dir)) }
    if let user = spec.user { lines.append((" User:", user)) }
    return lines
  }
}
