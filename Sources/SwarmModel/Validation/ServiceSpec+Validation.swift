// SPDX-License-Identifier: Apache-2.0

extension ServiceSpec {
  /// Checks the specification by itself; what depends on other objects is checked when the service is stored.
  ///
  /// - Throws: `invalidArgument` with docker's sentence.
  public func validate() throws(SwarmError) {
    try self.annotations.validateName()
    try self.task.validate()
    try self.update?.validate(named: "update")
    try self.rollback?.validate(named: "rollback")
    try self.endpoint?.validate()
    for dependency in self.dependencies {
      guard !dependency.service.isEmpty else { throw refuse("a dependency names no service") }
      guard dependency.service != self.annotations.name else {
        throw refuse("service \(self.annotations.name) can't depend on itself")
      }
    }
    if let schedule = self.schedule {
      guard self.mode.isJob else { throw refuse("only jobs can have a schedule") }
      guard try CronSchedule(schedule.cron).next(after: .zero) != nil else {
        throw refuse("the schedule \"\(schedule.cron)\" never comes due")
      }
    }
    guard self.mode.largestCount <= ServiceMode.maximumTasks else {
      throw refuse("a service can have \(ServiceMode.maximumTasks) tasks at the most, not \(self.mode.largestCount)")
    }
    if self.mode.isJob {
      guard self.update == nil else { throw refuse("UpdateConfig can not be used with job-mode services") }
      guard self.rollback == nil else { throw refuse("RollbackConfig can not be used with job-mode services") }
    }
    if self.mode.isGlobal, (self.task.placement?.maxReplicas ?? 0) > 0 {
      throw refuse("MaxReplicas can only be used with replicated mode services")
    }
  }
}

extension ServiceMode {
  /// The most tasks of one service: what managers have been tried with; a slip of the finger mustn't fill their memory.
  static let maximumTasks: UInt64 = 1_000_000

  /// The most tasks that the mode asks for, as far as it says.
  fileprivate var largestCount: UInt64 {
    switch self {
    case .replicated(let replicas): replicas
    case .replicatedJob(let maxConcurrent, let totalCompletions): max(maxConcurrent, totalCompletions)
    case .global, .globalJob: 0
    }
  }
}

extension UpdateConfig {
  func validate(named name: String) throws(SwarmError) {
    guard self.delay >= .zero else { throw refuse("TaskSpec: \(name)-delay cannot be negative") }
    guard (self.monitor ?? .zero) >= .zero else { throw refuse("TaskSpec: \(name)-monitor cannot be negative") }
    // Written so that a value that isn't a number is refused as well.
    guard self.maxFailureRatio >= 0 && self.maxFailureRatio <= 1 else {
      throw refuse("TaskSpec: \(name)-maxfailureratio cannot be less than 0 or bigger than 1")
    }
  }
}

extension EndpointSpec {
  func validate() throws(SwarmError) {
    struct Published: Hashable {
      var port: UInt32
      var kind: PortConfig.ProtocolKind
    }
    struct Target: Hashable {
      var port: UInt32
      var published: UInt32
      var kind: PortConfig.ProtocolKind
      var mode: PortConfig.PublishMode
    }
    var published: Set<Published> = []
    var targets: Set<Target> = []
    for port in self.ports {
      guard (1...65_535).contains(port.targetPort) else {
        throw refuse("EndpointSpec: target port \(port.targetPort) is not between 1 and 65535")
      }
      guard port.publishedPort <= 65_535 else {
        throw refuse("EndpointSpec: published port \(port.publishedPort) is not between 1 and 65535")
      }
      if self.mode == .dnsrr, port.publishMode == .ingress {
        throw refuse("EndpointSpec: port published with ingress mode can't be used with dnsrr mode")
      }
      let target = Target(
        port: port.targetPort,
        published: port.publishedPort,
        kind: port.protocol,
        mode: port.publishMode
      )
      guard targets.insert(target).inserted else {
        throw refuse("EndpointSpec: duplicate published ports provided")
      }
      guard port.publishedPort > 0 else { continue }
      guard published.insert(Published(port: port.publishedPort, kind: port.protocol)).inserted else {
        throw refuse("EndpointSpec: duplicate published ports provided")
      }
    }
  }
}
