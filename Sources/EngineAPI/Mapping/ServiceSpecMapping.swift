// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension ServiceSpec {
  init(_ spec: Engine.ServiceSpec) throws(APIFailure) {
    self.init(
      annotations: Annotations(name: spec.name ?? "", labels: spec.labels ?? [:]),
      task: try TaskSpec(spec.taskTemplate ?? Engine.TaskTemplate()),
      mode: try ServiceMode(spec.mode ?? Engine.ServiceMode())
    )
    if let update = spec.updateConfig { self.update = try UpdateConfig(update, noun: "update") }
    if let rollback = spec.rollbackConfig { self.rollback = try UpdateConfig(rollback, noun: "rollback") }
    if let endpoint = spec.endpointSpec { self.endpoint = try EndpointSpec(endpoint) }
    self.networks = (spec.networks ?? []).map(NetworkAttachmentConfig.init)
    for dependency in spec.dependencies ?? [] { self.dependencies.append(try ServiceDependency(dependency)) }
    if let schedule = spec.schedule, schedule.cron?.isEmpty == false { self.schedule = try JobSchedule(schedule) }
  }

  var apiValue: Engine.ServiceSpec {
    var spec = Engine.ServiceSpec()
    spec.name = self.annotations.name.nonEmpty
    spec.labels = self.annotations.labels
    spec.taskTemplate = self.task.apiValue
    spec.mode = self.mode.apiValue
    spec.updateConfig = self.update?.apiValue
    spec.rollbackConfig = self.rollback?.apiValue
    spec.networks = self.networks.map(\.apiValue).nonEmpty
    spec.endpointSpec = self.endpoint?.apiValue
    spec.dependencies = self.dependencies.map(\.apiValue).nonEmpty
    spec.schedule = self.schedule?.apiValue
    return spec
  }

  /// This specification, with what Docker's clients can't say, and didn't, as it was.
  func keepingUnspoken(of old: ServiceSpec, in said: Engine.ServiceSpec) -> ServiceSpec {
    var spec = self
    if said.dependencies == nil { spec.dependencies = old.dependencies }
    if said.schedule == nil { spec.schedule = old.schedule }
    if said.taskTemplate?.placement?.strategy == nil, let strategy = old.task.placement?.strategy, strategy != .spread {
      spec.task.placement = spec.task.placement ?? Placement()
      spec.task.placement?.strategy = strategy
    }
    spec.task.container?.pullOptions = old.task.container?.pullOptions
    if let resources = old.task.resources, resources.swapBytes != nil || resources.memorySwappiness != nil {
      spec.task.resources = spec.task.resources ?? ResourceRequirements()
      spec.task.resources?.swapBytes = resources.swapBytes
      spec.task.resources?.memorySwappiness = resources.memorySwappiness
    }
    return spec
  }
}

extension ServiceDependency {
  init(_ dependency: Engine.ServiceDependency) throws(APIFailure) {
    self.init(
      service: dependency.service ?? "",
      condition: try Condition.engineNames.value(dependency.condition, default: .healthy) {
        .badRequest("unrecognized condition of a dependency: \($0)")
      }
    )
  }

  var apiValue: Engine.ServiceDependency {
    Engine.ServiceDependency(service: self.service, condition: Condition.engineNames[self.condition])
  }
}

extension JobSchedule {
  init(_ schedule: Engine.JobSchedule) throws(APIFailure) {
    self.init(
      cron: schedule.cron ?? "",
      ifRunning: try Overlap.engineNames.value(schedule.ifRunning, default: .wait) {
        .badRequest("unrecognized overlap of a schedule: \($0)")
      }
    )
  }

  var apiValue: Engine.JobSchedule {
    Engine.JobSchedule(cron: self.cron, ifRunning: Overlap.engineNames[self.ifRunning])
  }
}

extension ServiceMode {
  init(_ mode: Engine.ServiceMode) throws(APIFailure) {
    let given = [mode.replicated != nil, mode.global != nil, mode.replicatedJob != nil, mode.globalJob != nil].filter { $0 }
    guard given.count <= 1 else { throw .badRequest("must specify only one service mode") }
    if mode.global != nil {
      self = .global
    } else if mode.globalJob != nil {
      self = .globalJob
    } else if let job = mode.replicatedJob {
      let concurrent = job.maxConcurrent ?? 1
      self = .replicatedJob(maxConcurrent: concurrent, totalCompletions: job.totalCompletions ?? concurrent)
    } else {
      self = .replicated(replicas: mode.replicated?.replicas ?? 1)
    }
  }

  var apiValue: Engine.ServiceMode {
    var mode = Engine.ServiceMode()
    switch self {
    case .replicated(let replicas):
      mode.replicated = Engine.Replicated()
      mode.replicated?.replicas = replicas
    case .global: mode.global = Engine.Empty()
    case .replicatedJob(let maxConcurrent, let totalCompletions):
      mode.replicatedJob = Engine.ReplicatedJob()
      mode.replicatedJob?.maxConcurrent = maxConcurrent
      mode.replicatedJob?.totalCompletions = totalCompletions
    case .globalJob: mode.globalJob = Engine.Empty()
    }
    return mode
  }

  /// The word that the `mode` filter has for it.
  var filterName: String {
    switch self {
    case .replicated: "replicated"
    case .global: "global"
    case .replicatedJob: "replicated-job"
    case .globalJob: "global-job"
    }
  }
}

extension UpdateConfig {
  init(_ config: Engine.UpdateConfig, noun: String) throws(APIFailure) {
    self.init(
      parallelism: config.parallelism ?? 0,
      delay: .nanoseconds(config.delay ?? 0),
      failureAction: try FailureAction.engineNames.value(config.failureAction, default: .pause) {
        .badRequest("unrecognized \(noun) failure action \($0)")
      },
      monitor: config.monitor.flatMap { $0 == 0 ? nil : .nanoseconds($0) },
      maxFailureRatio: Float(config.maxFailureRatio ?? 0),
      order: try Order.engineNames.value(config.order, default: .stopFirst) { .badRequest("unrecognized \(noun) order \($0)") }
    )
  }

  var apiValue: Engine.UpdateConfig {
    var config = Engine.UpdateConfig()
    config.parallelism = self.parallelism
    config.delay = self.delay.apiValue.nonZero
    config.failureAction = FailureAction.engineNames[self.failureAction]
    config.monitor = self.monitor?.apiValue
    config.maxFailureRatio = Double(self.maxFailureRatio.description) ?? Double(self.maxFailureRatio)
    config.order = Order.engineNames[self.order]
    return config
  }
}

extension NetworkAttachmentConfig {
  init(_ attachment: Engine.NetworkAttachment) {
    self.init(
      target: attachment.target ?? "",
      aliases: attachment.aliases ?? [],
      driverAttachmentOpts: attachment.driverOpts ?? [:]
    )
  }

  var apiValue: Engine.NetworkAttachment {
    var attachment = Engine.NetworkAttachment()
    attachment.target = self.target.nonEmpty
    attachment.aliases = self.aliases.nonEmpty
    attachment.driverOpts = self.driverAttachmentOpts.nonEmpty
    return attachment
  }
}
