// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationOracle {
  /// O3: nothing is assigned to a node that can't have it.
  ///
  /// What the log refuses by itself is asked of the node as it is; the rest of the node as it is or as the leader knew it: who decided before a label
  /// changed wasn't wrong.
  mutating func checkAssignment(
    of task: SwarmTask,
    to id: NodeID,
    _ decision: SimulatedSwarmLog.Decision,
    _ before: Store
  ) {
    guard let node = self.store.node(id) else { return self.fail("O3: \(task.id) is assigned to a node that doesn't exist") }
    if node.spec.availability != .active { self.fail("O3: \(task.id) is assigned to a node that is \(node.spec.availability)") }
    let known = [node, decision.store.node(id), before.node(id)].compactMap(\.self)
    if !known.contains(where: { $0.status.state == .ready }) {
      self.fail("O3: \(task.id) is assigned to a node that is \(node.status.state)")
    }
    for constraint in task.spec.value.placement?.constraints ?? [] where !known.contains(where: { $0.meets(constraint) }) {
      self.fail("O3: \(task.id) is assigned against \(constraint)")
    }
    let platforms = task.spec.value.placement?.platforms ?? []
    if !platforms.isEmpty, !platforms.contains(where: { $0.architecture == node.description?.platform?.architecture }) {
      self.fail("O3: \(task.id) is assigned to another platform")
    }
    self.checkCompany(of: task, on: known, [decision.store, before, self.store])
    if task.spec.value.placement?.preferences.isEmpty == false { self.coverage.saw(.rackPreferred) }
    if task.spec.value.placement?.strategy == .binpack { self.coverage.saw(.packed) }
    let limit = task.spec.value.placement?.maxReplicas ?? 0
    let siblings = self.store.tasks(on: id).filter { other in
      other.serviceID == task.serviceID && other.isWanted && other.isPlaced && !other.hasEnded
    }
    // Those of another specification may come behind it in the same entry, if that allows more.
    let isOneLimit = siblings.allSatisfy { sibling in
      before.task(sibling.id)?.isPlaced ?? false || sibling.specVersion == task.specVersion
    }
    if limit > 0, isOneLimit, UInt64(siblings.count) > limit {
      self.fail("O3: \(siblings.count) tasks of a service on a node of \(limit) allowed")
    }
  }
}

extension Node {
  /// Whether a constraint of the kinds that simulated services have holds.
  func meets(_ constraint: String) -> Bool {
    if let value = constraint.without(prefix: "node.labels.zone==") { return self.spec.annotations.labels["zone"] == value }
    if let value = constraint.without(prefix: "node.id==") { return self.id.description == value }
    if let value = constraint.without(prefix: "node.hostname!=") { return self.description?.hostname != value }
    // What services want beside them is checked apart.
    return constraint.hasPrefix("service.name")
  }
}

extension String {
  fileprivate func without(prefix: String) -> String? {
    self.hasPrefix(prefix) ? String(self.dropFirst(prefix.count)) : nil
  }
}
