// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationWorld {
  // MARK: - Asking

  /// A user asks the leader for something; with no leader, nothing happens.
  ///
  /// - Returns: Whether the leader took it.
  @discardableResult
  mutating func request(_ request: ControlRequest, stamp: ClientStamp? = nil) -> Bool {
    let manager = self.leader
    guard self.managers[manager].term == self.log.term, let control = self.managers[manager].control else { return false }
    let asked = SimulatedUsers.Request(request: request, stamp: stamp ?? self.users.nextStamp())
    guard self.managers[manager].store.outcome(of: asked.stamp) == nil else { return true }
    do throws(SwarmError) {
      let time = self.time(of: manager)
      let changes = try ControlRequest.changes(for: request, in: control.view, now: time, ids: &self.ids)
      let entry = LogEntry(leaderTerm: self.log.term, time: time, client: asked.stamp, changes: changes)
      self.users.asked(asked, as: entry.encode())
      self.append(entry, nil)
      return true
    } catch {
      self.oracle.coverage.saw(error.code == .outOfSequence ? .requestOutOfSequence : .requestRefused)
      self.say("refused: \(error.message)")
      return false
    }
  }

  /// Whose answer got lost asks again, by the same stamp.
  mutating func retryRequests() {
    for unknown in self.users.takeUnknown() {
      self.oracle.coverage.saw(.requestRetried)
      self.request(unknown.request, stamp: unknown.stamp)
    }
  }

  mutating func ask(_ action: OrchestrationStep.Action, _ random: inout SeededStream) {
    let store = self.managers[self.leader].store
    let services = store.services()
    if action == .createService {
      guard services.count < 6 else { return }
      self.users.serviceCount += 1
      self.request(.createService(self.draw("service\(self.users.serviceCount)", store, &random)))
      return
    }
    if action == .changeNode || action == .removeNode { return self.askAboutNode(action, store, &random) }
    guard !services.isEmpty else { return }
    let service = random.one(of: services)
    let reference = service.id.description
    // Now and then a user has read an older version.
    let version = service.meta.version.index - (random.perMille(100) ? 1 : 0)
    switch action {
    case .updateService, .scaleService:
      let spec = action == .updateService ? self.change(service.spec, &random) : self.scale(service.spec, &random)
      self.request(.updateService(reference: reference, version: version, spec: spec, rollback: false))
    case .rollBack:
      self.request(.updateService(reference: reference, version: version, spec: service.spec, rollback: true))
    case .removeService:
      self.request(.removeService(reference: reference))
    case .stopOrStart:
      self.request(.stopService(reference: reference, isStopped: !service.isStopped))
    case .restartService:
      self.request(.restartService(reference: reference))
    case .askTwice:
      // The same request reaches the log twice, as when it was forwarded twice.
      let stamp = self.users.nextStamp()
      for _ in 0..<2 { self.request(.restartService(reference: reference), stamp: stamp) }
    default:
      return
    }
  }

  private mutating func askAboutNode(_ action: OrchestrationStep.Action, _ store: Store, _ random: inout SeededStream) {
    let agent = random.below(self.agents.count)
    guard let node = store.node(self.agents[agent].node) else { return }
    let reference = node.id.description
    if action == .removeNode {
      guard node.role == .worker, self.agents.count(where: { !$0.isGone }) > 5 else { return }
      if self.request(.removeNode(reference: reference, force: true)) { self.oracle.coverage.saw(.nodeRemoved) }
      return
    }
    var spec = node.spec
    spec.availability = random.one(of: [.active, .active, .pause, .drain])
    spec.annotations.labels["zone"] = random.one(of: ["a", "a", "b"])
    guard self.request(.updateNode(reference: reference, version: node.meta.version.index, spec: spec)) else { return }
    if spec.annotations.labels != node.spec.annotations.labels { self.oracle.coverage.saw(.relabelled) }
    if spec.availability == .pause { self.oracle.coverage.saw(.nodePaused) }
    guard spec.availability == .drain, node.spec.availability != .drain else { return }
    self.oracle.coverage.saw(.nodeDrained)
    let updating = store.services().filter { $0.updateStatus?.state == .updating && $0.currentUpdate.order == .startFirst }
    if updating.contains(where: { service in store.tasks(of: service.id).contains { $0.nodeID == node.id && $0.isWanted } }) {
      self.oracle.coverage.saw(.drainedStartFirst)
    }
  }

  // MARK: - Specifications

  private func draw(_ name: String, _ store: Store, _ random: inout SeededStream) -> ServiceSpec {
    let image = random.one(of: ["run", "run", "run", "fail", "complete", "stubborn", "reject", "stuck"])
    var container = ContainerSpec(image: image)
    if random.perMille(400) {
      let secret = random.one(of: store.secrets())
      let name = secret.spec.annotations.name
      container.secrets = [SecretReference(secretID: secret.id, secretName: name, file: FileTarget(name: name))]
    }
    if random.perMille(300) {
      let config = random.one(of: store.configs())
      let name = config.spec.annotations.name
      container.configs = [ConfigReference(configID: config.id, configName: name, file: FileTarget(name: name))]
    }
    var spec = ServiceSpec(annotations: Annotations(name: name), task: TaskSpec(runtime: .container(container)))
    switch random.below(8) {
    case 0, 1: spec.mode = .global
    case 2:
      spec.mode = .replicatedJob(maxConcurrent: UInt64(random.within(1...3)), totalCompletions: UInt64(random.within(1...6)))
    case 3: spec.mode = .globalJob
    default: spec.mode = .replicated(replicas: UInt64(random.within(0...8)))
    }
    if random.perMille(600) {
      let reservations = Resources(
        nanoCPUs: Int64(random.within(0...4)) * 250_000_000,
        memoryBytes: Int64(random.within(0...3)) << 28
      )
      spec.task.resources = ResourceRequirements(reservations: reservations)
    }
    var placement = Placement()
    if random.perMille(300) { placement.constraints.append("node.labels.zone==a") }
    if random.perMille(150) { placement.constraints.append("node.hostname!=node\(random.below(6))") }
    if random.perMille(100) { placement.platforms = [Platform(architecture: "x86_64", os: "linux")] }
    if random.perMille(150), !spec.mode.isGlobal, !spec.mode.isJob { placement.maxReplicas = UInt64(random.within(1...2)) }
    spec.task.placement = placement
    spec.drawWishes(store, &random)
    if random.perMille(250), !spec.mode.isJob {
      spec.endpoint = EndpointSpec(ports: [PortConfig(targetPort: 80, publishedPort: random.one(of: [0, 8_080, 8_081]))])
    } else if random.perMille(200), !spec.mode.isJob {
      let port = UInt32(9_000 + random.below(2))
      spec.endpoint = EndpointSpec(ports: [PortConfig(targetPort: 80, publishedPort: port, publishMode: .host)])
    }
    if random.perMille(300) { spec.networks = [NetworkAttachmentConfig(target: "net")] }
    spec.task.restart = RestartPolicy(
      condition: random.one(of: [.any, .any, .onFailure, .none]),
      delay: .seconds(random.within(1...5)),
      maxAttempts: UInt64(random.one(of: [0, 0, 1, 2, 3])),
      window: random.one(of: [nil, nil, .seconds(4), .seconds(12)])
    )
    if !spec.mode.isJob {
      spec.update = self.drawUpdate(&random)
      if random.perMille(500) { spec.rollback = self.drawUpdate(&random) }
      if spec.rollback?.failureAction == .rollback { spec.rollback?.failureAction = .pause }
    }
    return spec
  }

  private func drawUpdate(_ random: inout SeededStream) -> UpdateConfig {
    UpdateConfig(
      parallelism: UInt64(random.within(0...3)),
      delay: .seconds(random.one(of: [0, 0, 1, 3])),
      failureAction: random.one(of: [.pause, .continue, .rollback]),
      monitor: .seconds(random.one(of: [1, 2, 5])),
      maxFailureRatio: random.one(of: [0, 0.1, 0.3]),
      order: random.one(of: [.stopFirst, .startFirst])
    )
  }

  private func change(_ old: ServiceSpec, _ random: inout SeededStream) -> ServiceSpec {
    var spec = old
    switch random.below(5) {
    case 0: spec.task.forceUpdate += 1
    case 1: spec.task.placement?.constraints = random.perMille(500) ? ["node.labels.zone==a"] : []
    case 2 where !spec.mode.isJob: spec.update = self.drawUpdate(&random)
    default:
      var container = spec.task.container ?? ContainerSpec()
      container.image = random.one(of: ["run", "run", "fail", "reject", "stubborn"])
      container.env = ["VERSION=\(random.below(1_000))"]
      spec.task.runtime = .container(container)
    }
    return spec
  }

  private func scale(_ old: ServiceSpec, _ random: inout SeededStream) -> ServiceSpec {
    var spec = old
    if case .replicated = old.mode { spec.mode = .replicated(replicas: UInt64(random.within(0...8))) }
    return spec
  }
}
