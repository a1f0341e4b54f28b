// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

extension Store {
  /// Why the task has no node, or where one more like it would fit; `nil` for a task that isn't there.
  ///
  /// Computed from the store alone, so any manager can tell; what only the leader suspects of a node isn't in it.
  ///
  /// - Parameter limit: How many near misses are listed.
  package func explainPlacement(of id: TaskID, nearest limit: Int = 3) -> PlacementExplanation? {
    guard let task = self.task(id) else { return nil }
    var table = NodeTable()
    // No other node will do for a task that waits for its own.
    for node in task.waitsForItsNode ? [task.nodeID.flatMap { self.node($0) }].compactMap(\.self) : self.nodes() {
      _ = table.update(node, isAvailable: node.status.state == .ready && node.spec.availability == .active)
      for other in self.tasks(on: node.id) where other.id != id || task.nodeID == nil {
        if let share = NodeTable.Share(other) { table.add(share) }
      }
    }
    for service in self.services() { table.neighbours.serviceChanged(service.id, to: service) }
    let key = TaskClassKey(service: task.serviceID ?? ServiceID(), specVersion: task.specVersion)
    let drivers = self.networkPlugins.drivers(of: task.spec.value, in: task.serviceID.flatMap { self.service($0) })
    let taskClass = TaskClass(key: key, spec: task.spec.value, ports: task.publishedPorts, networkDrivers: drivers)
    return taskClass.explanation(of: task, in: table, nearest: limit) { self.node($0) }
  }
}

extension TaskClass {
  /// What each node says to a task of the class.
  func explanation(
    of task: SwarmTask,
    in table: NodeTable,
    nearest limit: Int,
    node: (NodeID) -> Node?
  ) -> PlacementExplanation {
    var eligible = EligibleNodes()
    eligible.update(self.requirements, from: table)
    let failure = PlacementFailure(of: self, eligible: eligible.nodes, in: table)
    var misses: [(filters: Int, lack: Double, miss: PlacementExplanation.NearMiss)] = []
    for index in table.indices {
      guard let facts = table.facts(at: index), let node = node(facts.id) else { continue }
      let obstacles = self.obstacles(at: index, facts, node, in: table)
      guard !obstacles.isEmpty else { continue }
      let miss = PlacementExplanation.NearMiss(node: facts.id, hostname: facts.hostname, obstacles: obstacles)
      misses.append((Set(obstacles.map(\.filter)).count, obstacles.reduce(0) { $0 + self.lack($1) }, miss))
    }
    misses.sort { left, right in
      (left.filters, left.lack, left.miss.node) < (right.filters, right.lack, right.miss.node)
    }
    return PlacementExplanation(
      task: task.id,
      node: task.waitsForItsNode ? nil : task.nodeID,
      nodes: failure.fitting + failure.counts.values.reduce(0, +),
      fitting: failure.fitting,
      failures: failure.counts,
      nearest: misses.prefix(limit).map(\.miss)
    )
  }

  /// Everything that speaks against a node, in the order of the filters.
  private func obstacles(
    at index: Int,
    _ facts: NodeFacts,
    _ node: Node,
    in table: NodeTable
  ) -> [PlacementExplanation.Obstacle] {
    var obstacles: [PlacementExplanation.Obstacle] = []
    if !table.available[index] { obstacles.append(.unavailable(node.status.state, node.spec.availability)) }
    let (nanoCPUs, memoryBytes) = (table.freeNanoCPUs(at: index), table.freeMemoryBytes(at: index))
    if self.nanoCPUs > 0, nanoCPUs < self.nanoCPUs { obstacles.append(.processorTime(missing: self.nanoCPUs - nanoCPUs)) }
    if self.memoryBytes > 0, memoryBytes < self.memoryBytes {
      obstacles.append(.memory(missing: self.memoryBytes - memoryBytes))
    }
    let stock = table.genericStock(at: index)
    for need in self.generic where stock.free(need.kind) < need.count {
      obstacles.append(.generic(kind: need.kind, missing: need.count - stock.free(need.kind)))
    }
    if let plugin = self.requirements.missingPlugin(facts) {
      obstacles.append(.plugin(type: plugin.type, name: plugin.name))
    }
    for constraint in self.requirements.constraints ?? [] where !constraint.holds(for: facts) {
      obstacles.append(.constraint(constraint.source.description, actual: constraint.actual(facts)))
    }
    if !self.meetsPlatform(facts) { obstacles.append(.platform(facts.platform)) }
    for port in self.hostPorts where table.isAnyUsed([port], at: index) {
      obstacles.append(.hostPort(port.number, port.transport))
    }
    let most = self.mostPerNode(table)
    if table.counts(of: self.key.service)[index] >= most { obstacles.append(.maxReplicas(UInt64(clamping: most))) }
    if !self.likesNeighbours(at: index, in: table) {
      obstacles.append(.affinity(self.affinity.sources.first?.description))
    }
    return obstacles
  }

  /// How much of what a task needs is missing, from 0 to 1; what can't be measured is missing altogether.
  private func lack(_ obstacle: PlacementExplanation.Obstacle) -> Double {
    switch obstacle {
    case .processorTime(let missing): min(1, Double(missing) / Double(self.nanoCPUs))
    case .memory(let missing): min(1, Double(missing) / Double(self.memoryBytes))
    default: 1
    }
  }
}
