// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationWorld {
  /// The troubles are over: everything has to get well, plans have to come true, and in the end nothing may be left.
  mutating func conclude() {
    guard self.oracle.violation == nil else { return }
    self.calmDown()
    self.run(seconds: 240)
    self.checkConvergence()
    self.checkQuiet()
    self.checkPlans()
    self.checkMembers()
    self.tearDown()
    self.hash.mix(self.oracle.store.digest())
  }

  /// Ends all troubles.
  private mutating func calmDown() {
    self.say("calm")
    self.killsStubborn = true
    for agent in self.agents.indices {
      self.agents[agent].isCut = false
      self.startAgent(agent)
    }
    for manager in self.managers.indices {
      self.managers[manager].refusesUntil = 0
      self.restartManager(manager)
    }
    self.run(seconds: 5)
    if self.managers[self.leader].control == nil { self.elect(self.leader, keeping: self.log.tail.count) }
    self.run(seconds: 5)
    self.checkNothingWaits()
    self.probeRoom()
    // Whatever waits now waits for another leader.
    self.elect((self.leader + 1) % self.managers.count, keeping: self.log.tail.count)
    self.run(seconds: 4)
    self.activateNodes()
    self.checkNothingWaits()
    for id in self.oracle.store.serviceIDs() {
      self.insist { store in
        store.service(id)?.isStopped == true ? .stopService(reference: id.description, isStopped: false) : nil
      }
      self.insist { store in
        guard let service = store.service(id) else { return nil }
        let (reference, version) = (id.description, service.meta.version.index)
        return .updateService(reference: reference, version: version, spec: service.spec.satisfiable(in: store), rollback: false)
      }
    }
  }

  private mutating func activateNodes() {
    for node in self.oracle.store.nodes() {
      var spec = node.spec
      spec.availability = .active
      spec.annotations.labels["zone"] = "a"
      self.insist { store in
        guard let now = store.node(node.id), now.spec != spec else { return nil }
        return .updateNode(reference: node.id.description, version: now.meta.version.index, spec: spec)
      }
    }
  }

  /// Asks until the leader takes it.
  mutating func insist(_ make: (Store) -> ControlRequest?) {
    for _ in 0..<20 where self.oracle.violation == nil {
      guard let request = make(self.managers[self.leader].store) else { return }
      let isTaken = self.request(request)
      self.run(until: self.now + 4 * self.knobs.commitDelay + 100_000_000)
      if isTaken { return }
    }
    self.oracle.fail("no convergence: the leader takes no requests")
  }

  // MARK: - How it has to be

  private var nodes: [Node] { self.oracle.store.nodes() }

  /// How many tasks of a service have to run, or to have completed.
  private func wanted(_ service: Service) -> Int {
    switch service.spec.mode {
    case .replicated(let replicas):
      return Int(replicas)
    case .replicatedJob(_, let total):
      return Int(total)
    case .global, .globalJob:
      let reserved = service.spec.task.resources?.reservations?.nanoCPUs ?? 0
      return self.nodes.count { $0.description?.resources?.nanoCPUs ?? 0 >= reserved }
    }
  }

  private mutating func checkConvergence() {
    let store = self.oracle.store
    for service in store.services() {
      let tasks = store.tasks(of: service.id).filter { $0.jobIteration == service.jobStatus?.jobIteration }
      let final: TaskState = service.spec.mode.isJob ? .complete : .running
      let there = tasks.count { $0.status.state == final && $0.isWanted }
      let name = service.spec.annotations.name
      if there != self.wanted(service) {
        let waiting = tasks.filter { $0.isWanted && $0.status.state != final }.map { "\($0.status.state) \($0.status.err)" }
        self.oracle.fail(
          "no convergence: \(there) of \(self.wanted(service)) tasks of \(name) (\(service.spec.mode)) are \(final), "
            + "update \(service.updateStatus.map { "\($0.state)" } ?? "-"); others: \(waiting)"
        )
      }
      let state = service.updateStatus?.state
      if state == .updating || state == .rollbackStarted { self.oracle.fail("no convergence: the update of \(name) doesn't end") }
    }
    for task in store.tasks() where task.serviceID.map({ store.service($0) == nil }) ?? false {
      self.oracle.fail("O11: a task of a removed service is left: \(task.status.state)")
    }
    self.checkHistory()
    // What runs, and what the log says, is the same.
    for agent in self.agents where !agent.isGone {
      let known = store.tasks(on: agent.node).filter { $0.status.state == .running }.map(\.id).sorted()
      if agent.runtime.running != known {
        self.oracle.fail("no convergence: \(agent.runtime.running.count) tasks run on a node, the log says \(known.count)")
      }
      guard let node = store.node(agent.node), node.status.state != .ready else { continue }
      self.oracle.fail(
        "no convergence: a node is \(node.status.state), its agent \(agent.session == nil ? "without" : "with") a session"
      )
    }
  }

  /// O12: no place has more history than it may.
  private mutating func checkHistory() {
    var counts: [TaskPlace: Int] = [:]
    for task in self.oracle.store.tasks() {
      if let place = TaskPlace(task) { counts[place, default: 0] += 1 }
    }
    for (place, count) in counts where count > 4 { self.oracle.fail("O12: \(place) has \(count) tasks") }
  }

  /// When nothing happens, nothing is decided.
  private mutating func checkQuiet() {
    guard self.oracle.violation == nil else { return }
    let index = self.log.lastIndex
    self.run(seconds: 30)
    guard self.log.lastIndex == index else { return self.oracle.fail("no rest: the log grows although nothing happens") }
    self.oracle.coverage.saw(.quiet)
  }

  /// All members are alike, and so is who starts from a snapshot.
  private mutating func checkMembers() {
    guard self.oracle.violation == nil else { return }
    let bytes = self.oracle.store.encodeSnapshot()
    for manager in self.managers.indices {
      self.catchUp(manager)
      if self.managers[manager].store.encodeSnapshot() != bytes { self.oracle.fail("O9: the members' states differ") }
    }
    if (try? Store(snapshot: bytes))?.encodeSnapshot() != bytes { self.oracle.fail("O9: a restored state differs") }
    // Nothing is in flight any more.
    if let view = self.managers[self.leader].control?.view, view.encodeSnapshot() != bytes {
      self.oracle.fail("O9: the leader decides by another state")
    }
  }

  // MARK: - How it has to end

  /// O11: when all services are gone, nothing is left of them, and every node can be had whole.
  private mutating func tearDown() {
    self.activateNodes()
    let published = Set(self.oracle.store.services().flatMap { $0.endpoint?.ports ?? [] }.map(\.publishedPort)).sorted()
    for id in self.oracle.store.serviceIDs() {
      self.insist { store in store.service(id).map { _ in .removeService(reference: id.description) } }
    }
    self.run(seconds: 30)
    guard self.oracle.violation == nil else { return }
    if self.oracle.store.taskCount > 0 { self.oracle.fail("O11: \(self.oracle.store.taskCount) tasks of no service are left") }
    for agent in self.agents where !agent.isGone {
      if !agent.runtime.containers.isEmpty || !agent.disk.isEmpty { self.oracle.fail("O11: a node keeps something of its tasks") }
      if let need = agent.needs.min() { self.oracle.fail("O10: a node keeps \(need) of tasks that are gone") }
    }
    for secret in self.oracle.store.secrets() {
      self.insist { store in store.secret(secret.id).map { _ in .removeSecret(reference: secret.id.description) } }
    }
    for config in self.oracle.store.configs() {
      self.insist { store in store.config(config.id).map { _ in .removeConfig(reference: config.id.description) } }
    }
    for network in self.oracle.store.networks() {
      self.insist { store in store.network(network.id).map { _ in .removeNetwork(reference: network.id.description) } }
    }
    if let left = self.oracle.store.networks().first { self.oracle.fail("O11: network \(left.id) is still in use") }
    var spec = ServiceSpec(name: "whole", image: "run")
    spec.endpoint = EndpointSpec(ports: published.map { PortConfig(targetPort: $0, publishedPort: $0, publishMode: .host) })
    spec.endpoint?.ports.removeAll { $0.publishedPort == 0 }
    for node in self.nodes { self.takeWhole(node, spec) }
    self.run(seconds: 20)
    guard self.oracle.violation == nil else { return }
    for node in self.nodes {
      let runs = self.oracle.store.tasks(on: node.id).contains { $0.status.state == .running }
      if !runs { self.oracle.fail("O11: a node without tasks has no room for one that needs all of it") }
    }
    if self.oracle.violation == nil { self.oracle.coverage.saw(.wholeNodesFree) }
  }

  private mutating func takeWhole(_ node: Node, _ template: ServiceSpec) {
    var spec = template
    spec.annotations.name += node.description?.hostname ?? ""
    spec.task.resources = ResourceRequirements(reservations: node.description?.resources)
    spec.task.placement = Placement(constraints: ["node.id==\(node.id)"])
    let name = spec.annotations.name
    self.insist { store in store.service(named: name) == nil ? .createService(spec) : nil }
  }
}

extension Store {
  /// Whether what a service depends on will be there when all is well.
  fileprivate func isComing(_ dependency: ServiceDependency) -> Bool {
    guard let service = self.service(named: dependency.service) else { return false }
    switch service.spec.mode {
    case .replicated(let replicas): return replicas > 0 && dependency.condition != .completed
    case .global: return dependency.condition != .completed
    case .replicatedJob(let concurrent, let total): return concurrent > 0 && total > 0
    case .globalJob: return true
    }
  }
}

extension ServiceSpec {
  /// The specification, so that its tasks can run everywhere where there is anything to have.
  fileprivate func satisfiable(in store: Store) -> ServiceSpec {
    var spec = self
    var container = spec.task.container ?? ContainerSpec()
    container.image = spec.mode.isJob ? "complete" : "run"
    container.mounts = []
    spec.task.runtime = .container(container)
    spec.task.restart = nil
    spec.task.logDriver = nil
    let distribution = self.task.placement ?? Placement()
    spec.task.placement = Placement(preferences: distribution.preferences, strategy: distribution.strategy)
    // Whoever waits for somebody who never comes waits for ever.
    spec.dependencies.removeAll { !store.isComing($0) }
    spec.schedule = nil
    // Services on every node keep a need that the small node can't meet.
    let small = ResourceRequirements(reservations: Resources(nanoCPUs: 100_000_000))
    spec.task.resources = spec.mode.isGlobal ? small : nil
    // There the old task has to go first, so that no update waits for room.
    if spec.mode.isGlobal { spec.update?.order = .stopFirst }
    if spec.endpoint?.ports.contains(where: { $0.publishMode == .host }) ?? false { spec.endpoint = nil }
    return spec
  }
}
