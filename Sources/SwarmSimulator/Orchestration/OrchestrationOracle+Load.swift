// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationOracle {
  /// O4: a node that gets tasks has, or had when the leader decided, what its tasks hold of everything that the new ones need.
  ///
  /// Of a node that has become smaller its tasks may hold more than there is until they are gone; who needs none of that may come meanwhile.
  mutating func checkLoad(of id: NodeID, for new: [SwarmTask], _ decision: SimulatedSwarmLog.Decision, _ before: Store) {
    let known = [self.store.node(id), decision.store.node(id), before.node(id)].compactMap { $0?.description?.resources }
    let load = self.store.load(of: id)
    let reservations = new.compactMap { $0.spec.value.resources?.reservations }
    if reservations.contains(where: { $0.nanoCPUs > 0 }), load.nanoCPUs > known.map(\.nanoCPUs).max() ?? 0 {
      self.fail("O4: node \(id) has too few processors")
    }
    if reservations.contains(where: { $0.memoryBytes > 0 }), load.memoryBytes > known.map(\.memoryBytes).max() ?? 0 {
      self.fail("O4: node \(id) has too little memory")
    }
    self.checkThings(of: id, load.things, for: new, known)
    if Set(load.ports).count < load.ports.count { self.fail("O4: a port of node \(id) is used twice") }
  }

  /// O4: each task has as many things as it reserves, of those that its node has, and none that another task has.
  private mutating func checkThings(of id: NodeID, _ held: SimulatedThings, for new: [SwarmTask], _ known: [Resources]) {
    var taken = SimulatedThings()
    for task in new {
      let own = SimulatedThings(task.assignedGenericResources)
      let wanted = SimulatedThings(task.spec.value.resources?.reservations?.generic ?? [])
      if own.count != wanted.count { self.fail("O4: \(task.id) has \(own.count) things, instead of \(wanted.count)") }
      if !own.names.isEmpty { self.coverage.saw(.namedThingTaken) }
      if own.counted > 0 { self.coverage.saw(.thingsCounted) }
      for resource in task.assignedGenericResources { taken.add(resource) }
    }
    guard taken.count > 0 else { return }
    if Set(held.names).count < held.names.count { self.fail("O4: two tasks have the same thing of node \(id)") }
    let isThere = known.contains { has in
      taken.areAmong(SimulatedThings(has.generic)) && (taken.counted == 0 || held.counted <= SimulatedThings(has.generic).counted)
    }
    if !isThere { self.fail("O4: node \(id) doesn't have the things that its tasks get") }
  }

  /// O4: what a node that has become smaller has no room for isn't wanted there for long.
  mutating func watchShrunkenNodes(_ applied: Applied, _ decision: SimulatedSwarmLog.Decision, now: Nanoseconds) {
    for change in applied.changes.nodes {
      guard let old = change.old?.description?.resources, let new = change.new?.description?.resources else { continue }
      guard old.nanoCPUs > new.nanoCPUs || old.memoryBytes > new.memoryBytes || old.generic != new.generic else { continue }
      self.shrunken[change.new?.id ?? NodeID()] = (now, decision.term)
    }
    for (id, known) in self.shrunken {
      guard let node = self.store.node(id), let has = node.description?.resources else { continue }
      let wanted = self.store.load(of: id) { $0.isWanted }
      let isWell =
        wanted.nanoCPUs <= has.nanoCPUs && wanted.memoryBytes <= has.memoryBytes
        && wanted.things.areAmong(SimulatedThings(has.generic))
      // Paused and drained nodes are left alone, and those that aren't there.
      guard !isWell, node.status.state == .ready, node.spec.availability == .active, known.term == decision.term else {
        self.shrunken[id] = (now, decision.term)
        continue
      }
      if now - known.since > 20_000_000_000 { self.fail("O4: more is wanted on node \(id) than it has since it shrank") }
    }
  }
}

/// What tasks hold of a node.
struct SimulatedLoad {
  var nanoCPUs: Int64 = 0
  var memoryBytes: Int64 = 0
  var things = SimulatedThings()
  /// The host ports, each as often as it is used.
  var ports: [UInt32] = []
}

extension Store {
  /// What a node's tasks hold of it, the simulator's own count.
  func load(of node: NodeID, of isCounted: (SwarmTask) -> Bool = { _ in true }) -> SimulatedLoad {
    var load = SimulatedLoad()
    for task in self.tasks(on: node) where task.status.state >= .assigned && !task.hasEnded && isCounted(task) {
      load.nanoCPUs += task.spec.value.resources?.reservations?.nanoCPUs ?? 0
      load.memoryBytes += task.spec.value.resources?.reservations?.memoryBytes ?? 0
      for resource in task.assignedGenericResources { load.things.add(resource) }
      let ports = (task.endpoint?.ports ?? []).filter { $0.publishMode == .host && $0.publishedPort > 0 }
      load.ports += ports.map(\.publishedPort)
    }
    return load
  }
}
