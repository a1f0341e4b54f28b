// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension StackBuilder {
  /// Reads `deploy`, and the older keys that say the same beside it.
  mutating func readDeploy(
    _ reader: inout MapReader,
    ports: [Engine.PortConfig],
    into spec: inout Engine.ServiceSpec,
    _ template: inout Engine.TaskTemplate
  ) throws(ComposeError) {
    let nothing = ComposeNode(.scalar("", isPlain: true), at: reader.position)
    var deploy = try MapReader(reader.take("deploy") ?? nothing, path: reader.path("deploy"))
    spec.labels = try deploy.labels("labels")
    let scale: UInt64? = try reader.integer("scale")
    spec.mode = try Self.mode(&deploy, scale: scale)
    spec.updateConfig = try Self.rollout(&deploy, key: "update_config", actions: ["continue", "rollback", "pause"])
    spec.rollbackConfig = try Self.rollout(&deploy, key: "rollback_config", actions: ["continue", "pause"])
    template.restartPolicy = try Self.restartPolicy(&deploy, older: &reader)
    template.resources = try self.resources(&deploy, older: &reader)
    template.placement = try Self.placement(&deploy, older: &reader)
    var endpoint = Engine.EndpointSpec()
    endpoint.mode = try deploy.word("endpoint_mode", of: ["vip", "dnsrr"])
    endpoint.ports = ports.isEmpty ? nil : ports
    spec.endpointSpec = endpoint
    try deploy.finish()
  }

  private static func mode(_ deploy: inout MapReader, scale: UInt64?) throws(ComposeError) -> Engine.ServiceMode {
    let word = try deploy.word("mode", of: ["replicated", "global", "replicated-job", "global-job"]) ?? "replicated"
    let node = deploy.take("replicas")
    let replicas = try node?.integer(deploy.path("replicas"), as: UInt64.self) ?? scale
    var mode = Engine.ServiceMode()
    switch word {
    case "replicated":
      mode.replicated = Engine.Replicated()
      mode.replicated?.replicas = replicas ?? 1
    case "replicated-job":
      mode.replicatedJob = Engine.ReplicatedJob()
      mode.replicatedJob?.maxConcurrent = replicas ?? 1
      mode.replicatedJob?.totalCompletions = replicas ?? 1
    default:
      guard replicas == nil else {
        throw ComposeError("\(deploy.path): replicas can only be used with mode replicated or replicated-job", at: node?.position)
      }
      if word == "global" { mode.global = Engine.Empty() } else { mode.globalJob = Engine.Empty() }
    }
    return mode
  }

  private static func rollout(
    _ deploy: inout MapReader,
    key: String,
    actions: [String]
  ) throws(ComposeError) -> Engine.UpdateConfig? {
    guard var reader = try deploy.reader(key) else { return nil }
    var config = Engine.UpdateConfig()
    config.parallelism = try reader.integer("parallelism") ?? 1
    config.delay = try reader.duration("delay")
    config.failureAction = try reader.word("failure_action", of: actions)
    config.monitor = try reader.duration("monitor")
    if let ratio = reader.take("max_failure_ratio") { config.maxFailureRatio = try ratio.ratio(reader.path("max_failure_ratio")) }
    config.order = try reader.word("order", of: ["start-first", "stop-first"])
    try reader.finish()
    return config
  }

  private static func restartPolicy(
    _ deploy: inout MapReader,
    older reader: inout MapReader
  ) throws(ComposeError) -> Engine.RestartPolicy? {
    let restart = reader.take("restart")
    var policy = Engine.RestartPolicy()
    if var given = try deploy.reader("restart_policy") {
      policy.condition = try given.word("condition", of: ["none", "on-failure", "any"])
      policy.delay = try given.duration("delay")
      policy.maxAttempts = try given.integer("max_attempts")
      policy.window = try given.duration("window")
      try given.finish()
      return policy
    }
    guard let restart else { return nil }
    let path = reader.path("restart")
    let parts = try restart.text(path).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    switch parts[0] {
    case "no" where parts.count == 1, "false" where parts.count == 1: return nil
    case "always" where parts.count == 1, "unless-stopped" where parts.count == 1: policy.condition = "any"
    case "on-failure":
      policy.condition = "on-failure"
      if parts.count > 1 {
        guard let attempts = UInt64(parts[1]) else { throw restart.refused(path, "like on-failure:3") }
        policy.maxAttempts = attempts
      }
    default: throw restart.refused(path, "one of no, always, on-failure, on-failure:3, unless-stopped")
    }
    return policy
  }

  private mutating func resources(
    _ deploy: inout MapReader,
    older reader: inout MapReader
  ) throws(ComposeError) -> Engine.ResourceRequirements? {
    var limits = Engine.ResourceLimits()
    var reservations = Engine.NodeResources()
    if let cpus = reader.take("cpus") { limits.nanoCPUs = try cpus.nanoCPUs(reader.path("cpus")) }
    limits.memoryBytes = try reader.bytes("mem_limit")
    limits.pids = try reader.integer("pids_limit")
    reservations.memoryBytes = try reader.bytes("mem_reservation")
    if var resources = try deploy.reader("resources") {
      if var given = try resources.reader("limits") {
        if let cpus = given.take("cpus") { limits.nanoCPUs = try cpus.nanoCPUs(given.path("cpus")) }
        if let memory = try given.bytes("memory") { limits.memoryBytes = memory }
        if let pids: Int64 = try given.integer("pids") { limits.pids = pids }
        try given.finish()
      }
      if var given = try resources.reader("reservations") {
        if let cpus = given.take("cpus") { reservations.nanoCPUs = try cpus.nanoCPUs(given.path("cpus")) }
        if let memory = try given.bytes("memory") { reservations.memoryBytes = memory }
        reservations.genericResources = try Self.genericResources(&given)
        given.ignore(["devices"])
        try given.finish()
        self.noteIgnored(by: given)
      }
      try resources.finish()
    }
    var result = Engine.ResourceRequirements()
    if limits != Engine.ResourceLimits() { result.limits = limits }
    if reservations != Engine.NodeResources() { result.reservations = reservations }
    return result == Engine.ResourceRequirements() ? nil : result
  }

  private static func genericResources(_ reader: inout MapReader) throws(ComposeError) -> [Engine.GenericResource]? {
    guard let node = reader.take("generic_resources") else { return nil }
    var resources: [Engine.GenericResource] = []
    for (index, element) in try node.list(reader.path("generic_resources")).enumerated() {
      var given = try MapReader(element, path: "\(reader.path("generic_resources"))[\(index)]")
      var resource = Engine.GenericResource()
      if var discrete = try given.reader("discrete_resource_spec") {
        resource.discrete = Engine.DiscreteResource()
        resource.discrete?.kind = try discrete.text("kind")
        resource.discrete?.value = try discrete.integer("value")
        try discrete.finish()
      }
      try given.finish()
      resources.append(resource)
    }
    return resources
  }

  private static func placement(
    _ deploy: inout MapReader,
    older reader: inout MapReader
  ) throws(ComposeError) -> Engine.Placement? {
    var placement = Engine.Placement()
    if let text = try reader.text("platform") {
      let parts = text.split(separator: "/").map(String.init)
      var platform = Engine.Platform()
      platform.os = parts.first
      platform.architecture = parts.count > 1 ? parts[1] : nil
      placement.platforms = [platform]
    }
    if var given = try deploy.reader("placement") {
      placement.constraints = try given.texts("constraints")
      placement.maxReplicas = try given.integer("max_replicas_per_node")
      if let node = given.take("preferences") {
        var preferences: [Engine.PlacementPreference] = []
        for (index, element) in try node.list(given.path("preferences")).enumerated() {
          var one = try MapReader(element, path: "\(given.path("preferences"))[\(index)]")
          var preference = Engine.PlacementPreference()
          preference.spread = Engine.SpreadOver()
          preference.spread?.spreadDescriptor = try one.text("spread")
          try one.finish()
          preferences.append(preference)
        }
        placement.preferences = preferences
      }
      try given.finish()
    }
    return placement == Engine.Placement() ? nil : placement
  }
}
