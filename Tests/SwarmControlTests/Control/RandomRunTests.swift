// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import TestTraits
internal import Testing

@testable internal import SwarmControl

/// Services, nodes and leaders that come and go by chance; the invariants are checked after every entry, and at the end all has to be well.
@Suite("Random runs")
struct RandomRunTests {
  @Test(
    "whatever happens, the invariants hold, and when it stops, all converges",
    .longComputation,
    arguments: 0..<20 as Range<UInt64>
  )
  func run(seed: UInt64) {
    var random = IdentifierGenerator(seed: seed)
    var swarm = ControlHarness(seed: seed)
    swarm.invariants.isStartFirstAllowed = true
    var run = RandomRun(swarm: swarm, random: random)
    for _ in 0..<150 where !run.swarm.isStuck { run.step() }
    run.calmDown()
    run.checkConvergence(seed)
    run.checkNothingHeld(seed)
    random = run.random
    swarm = run.swarm
  }

  @Test("the same seed gives the same log")
  func deterministic() {
    func log() -> [LogEntry] {
      var run = RandomRun(swarm: ControlHarness(seed: 77), random: IdentifierGenerator(seed: 77))
      run.swarm.invariants.isStartFirstAllowed = true
      for _ in 0..<80 { run.step() }
      return run.swarm.log
    }
    let first = log()
    #expect(first == log())
    let stops = first.flatMap(\.changes).count { if case .stopService(_, isStopped: true) = $0 { true } else { false } }
    #expect(stops > 0, "services are stopped as well")
  }
}

struct RandomRun {
  var swarm: ControlHarness
  var random: IdentifierGenerator
  private var nodes: [NodeID] = []
  private var services: [ServiceID] = []
  private var serviceCount = 0
  private var secrets: [SecretID] = []

  init(swarm: ControlHarness, random: IdentifierGenerator) {
    self.swarm = swarm
    self.random = random
    for name in ["a", "b"] { self.secrets.append(self.swarm.createSecret(name)) }
    for _ in 0..<4 { self.nodes.append(self.swarm.addNode(labels: ["zone": "a"])) }
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.randomElement(using: &self.random)
  }

  mutating func step() {
    switch Int.random(in: 0..<19, using: &self.random) {
    case 0, 1: self.createService()
    case 2, 3: if let id = self.pick(self.services) { self.changeService(id) }
    case 4: if Int.random(in: 0..<4, using: &self.random) == 0, let id = self.pick(self.services) { self.removeService(id) }
    case 5: if let node = self.pick(self.nodes) { self.swarm.kill(node) }
    case 6: if let node = self.pick(self.nodes) { self.swarm.hang(node) }
    case 7, 8: if let node = self.pick(self.nodes) { self.swarm.revive(node) }
    case 9: self.changeNode()
    case 10: self.addOrRemoveNode()
    case 11: self.swarm.changeLeader(committing: Int.random(in: 0...2, using: &self.random))
    case 12: self.loseProposals()
    case 18: self.lie()
    case 13: self.endTask()
    case 14: self.stopOrStart()
    case 15: self.swarm.wallOffset += .seconds(Int.random(in: -100...100, using: &self.random))
    default: self.swarm.advance(by: .milliseconds(Int.random(in: 0...8_000, using: &self.random)))
    }
  }

  private mutating func createService() {
    guard self.services.count < 6 else { return }
    self.serviceCount += 1
    let images = ["run", "run", "run", "fail", "complete", "stubborn", "reject"]
    var spec = ServiceSpec()
    spec.task.runtime = .container(ContainerSpec(image: self.pick(images) ?? ""))
    spec.mode =
      switch Int.random(in: 0..<8, using: &self.random) {
      case 0, 1: .global
      case 2:
        .replicatedJob(
          maxConcurrent: .random(in: 1...3, using: &self.random),
          totalCompletions: .random(in: 1...6, using: &self.random)
        )
      case 3: .globalJob
      default: .replicated(replicas: .random(in: 0...9, using: &self.random))
      }
    if Bool.random(using: &self.random) { spec.reserve(cpus: 1) }
    if Int.random(in: 0..<3, using: &self.random) == 0 { spec.constrain("node.labels.zone==a") }
    if let secret = self.pick(self.secrets), Bool.random(using: &self.random) { spec.use(secrets: [secret]) }
    if Bool.random(using: &self.random) { spec.endpoint = EndpointSpec(ports: [PortConfig(targetPort: 80)]) }
    spec.task.restart = RestartPolicy(
      condition: self.pick([.any, .any, .onFailure, .none]) ?? .any,
      delay: .seconds(Int.random(in: 1...5, using: &self.random)),
      maxAttempts: UInt64.random(in: 0...3, using: &self.random)
    )
    let update = UpdateConfig(
      parallelism: UInt64.random(in: 0...3, using: &self.random),
      delay: .seconds(Int.random(in: 0...2, using: &self.random)),
      failureAction: self.pick([.pause, .continue, .rollback]) ?? .pause,
      monitor: .seconds(2),
      order: self.pick([.stopFirst, .startFirst]) ?? .stopFirst
    )
    if !spec.mode.isJob { spec.update = update }
    let made = spec
    self.services.append(self.swarm.create("service\(self.serviceCount)") { $0 = made.named($0.annotations.name) })
  }

  private mutating func changeService(_ id: ServiceID) {
    let replicas = UInt64.random(in: 0...9, using: &self.random)
    let change = Int.random(in: 0..<4, using: &self.random)
    self.swarm.update(id) { spec in
      switch (change, spec.mode) {
      case (0, _): spec.task.forceUpdate += 1
      case (1, _): spec.task.runtime = .container(ContainerSpec(image: "run"))
      case (_, .replicated): spec.mode = .replicated(replicas: replicas)
      default: break
      }
    }
  }

  /// An agent reports what it has no business to report: on tasks of others, in a session that isn't its own, backwards, or states that only managers know.
  private mutating func lie() {
    guard let node = self.pick(self.nodes), let session = self.swarm.agents[node]?.session,
      self.swarm.agents[node]?.isAlive == true,
      let task = self.pick(self.swarm.store.tasks())
    else { return }
    let state = self.pick([TaskState.new, .pending, .assigned, .accepted, .remove, .orphaned]) ?? .new
    let isForeign = task.nodeID != node
    let stale: SessionID = self.swarm.ids.make()
    let used = Bool.random(using: &self.random) ? session : stale
    var isRefused = false
    do throws(SwarmError) {
      try self.swarm.control.updateStatuses(
        [TaskStatusUpdate(task: task.id, status: TaskStatus(state: state))],
        node: node,
        session: used,
        now: self.swarm.now,
        time: self.swarm.time
      )
    } catch {
      isRefused = true
    }
    #expect(isRefused == (used == stale || isForeign), "O6: what a session may say of a task")
    self.swarm.settle()
  }

  private mutating func stopOrStart() {
    guard let id = self.pick(self.services) else { return }
    self.swarm.request([.stopService(id, isStopped: Bool.random(using: &self.random))])
    self.swarm.settle()
  }

  private mutating func removeService(_ id: ServiceID) {
    self.services.removeAll { $0 == id }
    self.swarm.request([.removeService(id)])
    self.swarm.settle()
  }

  private mutating func changeNode() {
    guard let node = self.pick(self.nodes) else { return }
    let availability = self.pick([NodeSpec.Availability.active, .active, .pause, .drain]) ?? .active
    let zone = self.pick(["a", "a", "b"]) ?? "a"
    self.swarm.updateNode(node) { spec in
      spec.availability = availability
      spec.annotations.labels = ["zone": zone]
    }
  }

  private mutating func addOrRemoveNode() {
    if self.nodes.count < 6 {
      self.nodes.append(self.swarm.addNode(labels: ["zone": "a"]))
    } else if let node = self.pick(self.nodes) {
      self.nodes.removeAll { $0 == node }
      self.swarm.agents[node]?.isAlive = false
      self.swarm.request([.removeNode(node, force: true)])
      self.swarm.settle()
    }
  }

  /// Some proposals never reach the log.
  private mutating func loseProposals() {
    if let id = self.pick(self.services), case .replicated? = self.swarm.store.service(id)?.spec.mode {
      self.swarm.request([
        .updateService(id, expected: nil, self.swarm.store.service(id)?.spec.scaled(to: 5) ?? ServiceSpec(), isRollback: false)
      ])
    }
    let turn = self.swarm.control.turn(now: self.swarm.now, time: self.swarm.time)
    for proposal in turn.proposals {
      self.swarm.control.handle(.proposalFailed(proposal.id), now: self.swarm.now, time: self.swarm.time)
    }
    self.swarm.advance(by: .milliseconds(100))
  }

  private mutating func endTask() {
    guard let id = self.pick(self.services), let task = self.pick(self.swarm.running(id)) else { return }
    self.swarm.end(task, self.pick([.failed, .complete]) ?? .failed)
  }

  /// All nodes come back, everything that can't run is told to, and time passes.
  mutating func calmDown() {
    for node in self.nodes {
      self.swarm.agents[node]?.killsStubborn = true
      self.swarm.revive(node)
      self.swarm.updateNode(node) { spec in
        spec.availability = .active
        spec.annotations.labels = ["zone": "a"]
      }
    }
    for id in self.services {
      self.swarm.request([.stopService(id, isStopped: false)])
      self.swarm.update(id) { spec in
        spec.task.runtime = .container(ContainerSpec(image: "run"))
        spec.task.restart = nil
        spec.task.resources = nil
      }
    }
    self.swarm.advance(by: .seconds(300))
  }

  func checkConvergence(_ seed: UInt64) {
    let store = self.swarm.store
    for id in self.services {
      guard let service = store.service(id) else { continue }
      let state = service.updateStatus?.state
      // An update that was paused, or is being rolled back, doesn't promise anything.
      guard state != .paused, state != .rollbackPaused else { continue }
      let wanted: Int
      switch service.spec.mode {
      case .replicated(let replicas): wanted = Int(replicas)
      case .replicatedJob(let concurrent, let total): wanted = Int(min(concurrent, total))
      default: wanted = self.nodes.count
      }
      let running = self.swarm.running(id)
      let update = String(describing: state)
      #expect(running.count == wanted, "seed \(seed): \(running.count) of \(wanted) tasks run, update \(update)")
      #expect(self.swarm.wanted(id).count == wanted, "seed \(seed)")
    }
    for task in store.tasks() where task.serviceID.map({ store.service($0) == nil }) ?? false {
      let node = String(describing: task.nodeID)
      Issue.record("seed \(seed): task \(task.id) of a removed service is left, \(task.status.state), on \(node)")
    }
    let held = self.nodes.reduce(0) { $0 + (self.swarm.agents[$1]?.held.values.count { $0.state == .running } ?? 0) }
    let running = store.tasks().count { $0.status.state == .running }
    #expect(held == running, "seed \(seed): \(held) tasks run, the store knows of \(running)")
    let entries = self.swarm.log.count
    var later = self
    later.swarm.advance(by: .seconds(60))
    #expect(later.swarm.log.count == entries, "seed \(seed): the log grows though nothing happens")
    self.swarm.invariants.checkHistory(store, limit: 7)
  }
}

extension RandomRun {
  /// When all services are gone, the scheduler's books say that nothing is taken anywhere, and nothing else is left of them.
  fileprivate mutating func checkNothingHeld(_ seed: UInt64) {
    for id in self.swarm.store.serviceIDs() { self.swarm.request([.removeService(id)]) }
    self.swarm.advance(by: .seconds(10))
    let store = self.swarm.store
    #expect(store.taskCount == 0, "seed \(seed): \(store.tasks().map { ($0.status.state, $0.desiredState) }) are left")
    #expect(store.publishedPorts.isEmpty && store.addressesByNetwork.isEmpty && store.taskSpecs.isEmpty, "seed \(seed)")
    let table = self.swarm.control.scheduler.table
    for node in store.nodes() {
      guard let index = table.indexByID[node.id] else { continue }
      #expect(table.taskCounts[index] == 0, "seed \(seed): tasks are counted on a node without any")
      #expect(table.freeNanoCPUs(at: index) == node.description?.resources?.nanoCPUs, "seed \(seed)")
      #expect(table.freeMemoryBytes(at: index) == node.description?.resources?.memoryBytes, "seed \(seed)")
    }
    #expect(self.swarm.agents.values.allSatisfy { !$0.isAlive || $0.held.isEmpty }, "seed \(seed): an agent still holds tasks")
    #expect(
      self.swarm.agents.values.allSatisfy { !$0.isAlive || $0.secrets.isEmpty },
      "seed \(seed): an agent still holds secrets"
    )
  }
}

extension ServiceSpec {
  fileprivate func named(_ name: String) -> Self {
    var spec = self
    spec.annotations.name = name
    return spec
  }

  fileprivate func scaled(to replicas: UInt64) -> Self {
    var spec = self
    spec.mode = .replicated(replicas: replicas)
    return spec
  }
}
