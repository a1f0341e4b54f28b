// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

// What a leader may have lost on its way through the troubles, and what the next leader would find again.
extension OrchestrationWorld {
  /// Nothing waits for what is there: no task for a node that has room for it, and the log for nothing that a node has said.
  ///
  /// Where entries are small and slow, much waits for its turn for a while, but some of it gets there every few seconds.
  mutating func checkNothingWaits() {
    var waiting = self.waiting
    var idle = 0
    while !waiting.isEmpty, idle < 8, self.oracle.violation == nil {
      self.run(seconds: 1)
      let count = waiting.count
      waiting.formIntersection(self.waiting)
      idle = waiting.count < count ? 0 : idle + 1
    }
    if let first = waiting.sorted().first { self.oracle.fail("no convergence: \(first)") }
  }

  /// O4: what is left of each node can be had.
  mutating func probeRoom() {
    let names = self.oracle.store.nodes().filter(\.takesTasks).compactMap { self.probe($0) }
    self.checkNothingWaits()
    for name in names {
      self.insist { store in store.service(named: name).map { .removeService(reference: $0.id.description) } }
    }
  }

  /// Asks for a task that needs all that is left of a node.
  ///
  /// - Returns: The name of its service.
  private mutating func probe(_ node: Node) -> String? {
    let has = node.description?.resources ?? Resources()
    let load = self.oracle.store.load(of: node.id)
    let things = SimulatedThings(has.generic).without(load.things).count
    let left = Resources(
      nanoCPUs: has.nanoCPUs - load.nanoCPUs,
      memoryBytes: has.memoryBytes - load.memoryBytes,
      generic: things > 0 ? [.discrete(kind: "gpu", value: things)] : []
    )
    guard left.nanoCPUs >= 0, left.memoryBytes >= 0 else { return nil }
    var spec = ServiceSpec(name: "probe-\(node.description?.hostname ?? "")", image: "run")
    spec.task.resources = ResourceRequirements(reservations: left)
    spec.task.placement = Placement(constraints: ["node.id==\(node.id)"])
    let name = spec.annotations.name
    self.insist { store in store.service(named: name) == nil ? .createService(spec) : nil }
    return name
  }

  // MARK: - What waits

  private var waiting: Set<String> { self.unassigned.union(self.unlogged) }

  private var unassigned: Set<String> {
    let store = self.oracle.store
    let waiting = store.tasks().filter { !$0.isPlaced && $0.isWanted && !$0.hasEnded && $0.serviceID != nil }
    guard !waiting.isEmpty else { return [] }
    let nodes = self.agents.filter { $0.session != nil && $0.manager == self.leader }.compactMap { store.node($0.node) }
    var found: Set<String> = []
    for node in nodes where node.takesTasks {
      for task in waiting where task.nodeID ?? node.id == node.id && node.hasRoom(for: task, in: store) {
        found.insert("task \(task.id) waits although node \(node.id) has room for it")
      }
    }
    return found
  }

  private var unlogged: Set<String> {
    var found: Set<String> = []
    for agent in self.agents where agent.session != nil && agent.manager == self.leader {
      for id in agent.tasks.keys {
        guard let said = agent.worker.task(id)?.status.state, let logged = self.oracle.store.task(id)?.status.state else {
          continue
        }
        guard logged < .running ? said >= .running : logged == .running && said > .running else { continue }
        found.insert("node \(agent.node) said that task \(id) is \(said), the log says \(logged)")
      }
    }
    return found
  }
}

extension Node {
  fileprivate var takesTasks: Bool { self.status.state == .ready && self.spec.availability == .active }

  /// Whether the node could have the task, by the simulator's own count.
  fileprivate func hasRoom(for task: SwarmTask, in store: Store) -> Bool {
    let (has, load) = (self.description?.resources ?? Resources(), store.load(of: self.id))
    let needs = task.spec.value.resources?.reservations ?? Resources()
    guard load.nanoCPUs + needs.nanoCPUs <= has.nanoCPUs else { return false }
    guard load.memoryBytes + needs.memoryBytes <= has.memoryBytes else { return false }
    let things = SimulatedThings(has.generic).without(load.things)
    guard SimulatedThings(needs.generic).count <= things.count, self.suits(task, in: store) else { return false }
    let placement = task.spec.value.placement ?? Placement()
    guard placement.constraints.allSatisfy(self.meets) else { return false }
    let architectures = placement.platforms.map(\.architecture)
    let own = self.description?.platform?.architecture ?? ""
    guard architectures.isEmpty || architectures.contains(own) else { return false }
    let siblings = store.tasks(on: self.id).filter { other in
      other.serviceID == task.serviceID && other.isWanted && other.isPlaced && !other.hasEnded
    }
    guard placement.maxReplicas == 0 || UInt64(siblings.count) < placement.maxReplicas else { return false }
    let ports = (task.endpoint?.ports ?? []).filter { $0.publishMode == .host }.map(\.publishedPort)
    return !ports.contains(where: load.ports.contains)
  }
}
