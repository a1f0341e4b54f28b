// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

/// What has to hold after every committed entry, whatever happens.
struct Invariants {
  var isStartFirstAllowed = false

  /// Checks an entry that was just applied.
  func check(_ applied: Applied, after: Store) {
    var slots: [ServiceID: Set<SlotKey>] = [:]
    var nodes: Set<NodeID> = []
    for change in applied.changes.tasks {
      self.checkMonotonic(change)
      guard let task = change.new else { continue }
      if let service = task.serviceID { slots[service, default: []].insert(SlotKey(task)) }
      guard let node = task.nodeID, task.status.state == .assigned, change.old?.status.state ?? .new < .assigned else { continue }
      self.checkAssignment(task, node, after)
      nodes.insert(node)
    }
    for (service, keys) in slots {
      self.checkSlots(keys, of: service, after)
      self.checkJob(service, after)
    }
    for node in nodes { self.checkResources(of: node, after) }
    if !applied.changes.services.isEmpty { self.checkPorts(after) }
  }

  /// O5: tasks only move forward, and never to another node.
  private func checkMonotonic(_ change: ObjectChange<SwarmTask>) {
    guard let old = change.old, let new = change.new else { return }
    #expect(new.status.state >= old.status.state, "O5: \(new.id) went back to \(new.status.state)")
    #expect(new.desiredState >= old.desiredState, "O5: \(new.id) is wanted less far")
    #expect(old.nodeID == nil || old.nodeID == new.nodeID, "O5: \(new.id) moved to another node")
  }

  /// O3: nothing is assigned to a node that can't have it.
  private func checkAssignment(_ task: SwarmTask, _ id: NodeID, _ store: Store) {
    guard let node = store.node(id) else {
      Issue.record("O3: \(task.id) is assigned to a node that doesn't exist")
      return
    }
    #expect(node.status.state == .ready, "O3: \(task.id) is assigned to a node that is \(node.status.state)")
    #expect(node.spec.availability == .active, "O3: \(task.id) is assigned to a node that is \(node.spec.availability)")
    let constraints = PlacementConstraint.parse(task.spec.value.placement?.constraints ?? []) ?? []
    var affinity = ServiceAffinity()
    for constraint in constraints where !affinity.take(constraint) {
      #expect(Constraint(constraint).holds(for: NodeFacts(node)), "O3: \(task.id) is assigned against \(constraint)")
    }
    #expect(NodeFacts(node).runs(task.spec.value.placement?.platforms ?? []), "O3: \(task.id) is assigned to another platform")
  }

  /// O4: reservations and host ports of a node's tasks fit the node.
  private func checkResources(of id: NodeID, _ store: Store) {
    guard let node = store.node(id) else { return }
    let holding = store.tasks(on: id).filter { NodeTable.Share.holds($0.status.state) }
    let cpus = holding.reduce(0) { $0 + ($1.spec.value.resources?.reservations?.nanoCPUs ?? 0) }
    let total = node.description?.resources?.nanoCPUs ?? 0
    #expect(cpus <= total, "O4: node \(id) is over-committed")
    let named = holding.flatMap(\.assignedGenericResources).filter { if case .named = $0 { true } else { false } }
    #expect(Set(named).count == named.count, "O4: a thing of node \(id) is used twice")
    let ports = holding.flatMap { HostPort.of($0.publishedPorts) }
    #expect(Set(ports).count == ports.count, "O4: a host port of node \(id) is used twice")
    for (service, tasks) in Dictionary(grouping: holding.filter(\.isWanted), by: \.serviceID) {
      guard let service, let limit = store.service(service)?.spec.task.placement?.maxReplicas, limit > 0 else { continue }
      #expect(UInt64(tasks.count) <= limit, "O3: \(tasks.count) tasks on a node of \(limit) allowed")
    }
  }

  /// O1, O2: at most one task of a slot (of a node, for global services) is wanted, two while a start-first update overlaps.
  private func checkSlots(_ keys: Set<SlotKey>, of service: ServiceID, _ store: Store) {
    let isOverlapping = self.isStartFirstAllowed || store.service(service)?.spec.update?.order == .startFirst
    // A task that has ended may still be wanted until that is dealt with.
    let wanted = store.tasks(of: service).filter { $0.isWanted && !$0.hasEnded }
    for (key, tasks) in Dictionary(grouping: wanted, by: { SlotKey($0) }) where keys.contains(key) {
      #expect(tasks.count <= (isOverlapping ? 2 : 1), "O1: \(tasks.count) tasks are wanted in \(key)")
    }
  }

  /// O1, for jobs: never more at a time, and never more in total, than asked for.
  private func checkJob(_ id: ServiceID, _ store: Store) {
    guard let job = store.service(id), case .replicatedJob(let concurrent, let total) = job.spec.mode else { return }
    let tasks = store.tasks(of: id).filter { $0.jobIteration == job.jobStatus?.jobIteration }
    let active = tasks.count { $0.isWanted && !$0.hasEnded }
    #expect(UInt64(active) <= concurrent, "O1: \(active) tasks of a job at a time, instead of \(concurrent)")
    let slots = Set(tasks.map(\.slot))
    #expect(UInt64(slots.count) <= total, "O1: a job of \(total) completions has \(slots.count) slots")
  }

  /// O13: no port of the mesh belongs to two services.
  private func checkPorts(_ store: Store) {
    let ports = store.services().compactMap(\.endpoint).flatMap(\.ports)
      .filter { $0.publishMode == .ingress && $0.publishedPort > 0 }
      .map { PublishedPort(number: $0.publishedPort, kind: $0.protocol) }
    #expect(Set(ports).count == ports.count, "O13: a port of the mesh belongs to two services")
  }

  /// O10: the secrets at a node are those that its live tasks use.
  func checkSecrets(of agent: FakeAgent) {
    let used = agent.held.values.filter { $0.state <= .running }.flatMap { $0.task.spec.value.container?.secrets ?? [] }
    for id in agent.secrets.keys {
      #expect(used.contains { $0.secretID == id }, "O10: a node has a secret that none of its tasks uses")
    }
  }

  /// O12: at the end of everything no slot has more history than it may.
  func checkHistory(_ store: Store, limit: Int) {
    var counts: [SlotID: Int] = [:]
    for task in store.tasks() {
      guard let service = task.serviceID else { continue }
      counts[SlotID(service: service, key: SlotKey(task)), default: 0] += 1
    }
    for (slot, count) in counts { #expect(count <= limit, "O12: slot \(slot) has \(count) tasks") }
  }
}
