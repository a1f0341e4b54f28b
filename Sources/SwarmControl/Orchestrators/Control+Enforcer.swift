// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

// The constraint enforcer: tasks that would not be given to their nodes any more, because the nodes have changed.
extension Control {
  /// Rejects tasks whose node no longer meets their constraints; the slot is looked at again when that is in the view.
  mutating func rejectMisplaced(_ tasks: [SlotTask], in slot: SlotID) -> Bool {
    guard case .number = slot.key else { return false }
    var isAnyMisplaced = false
    for slotTask in tasks where slotTask.task.isWanted && !slotTask.task.hasEnded {
      guard slotTask.task.spec.value.placement?.constraints.isEmpty == false else { continue }
      guard let node = slotTask.task.nodeID.flatMap({ self.view.node($0) }), node.status.state != .down else { continue }
      guard !self.taskClass(of: slotTask.task).meetsConstraints(NodeFacts(node)) else { continue }
      isAnyMisplaced = true
      self.reject(slotTask.task)
    }
    return isAnyMisplaced
  }

  /// Rejects tasks that reserved what their node doesn't have any more; who came first stays.
  ///
  /// As in SwarmKit, nodes that are paused or drained are left alone, and what stopping tasks still hold isn't counted.
  mutating func rejectOversized() {
    for id in self.nodes.takeOverfull() {
      guard let node = self.view.node(id), node.status.state == .ready, node.spec.availability == .active else { continue }
      var left = node.description?.resources ?? Resources()
      var stock = GenericStock(left.generic)
      let tasks = self.view.tasks(on: id).filter { $0.isWanted && $0.status.state >= .assigned && !$0.hasEnded }
      for task in tasks.sorted(by: { ($0.meta.createdAt, $0.id) < ($1.meta.createdAt, $1.id) }) {
        let wanted = task.spec.value.resources?.reservations ?? Resources()
        let generic = task.assignedGenericResources
        guard wanted.nanoCPUs <= left.nanoCPUs, wanted.memoryBytes <= left.memoryBytes, generic.allSatisfy({ stock.has($0) })
        else {
          self.reject(task)
          continue
        }
        left.nanoCPUs -= max(0, wanted.nanoCPUs)
        left.memoryBytes -= max(0, wanted.memoryBytes)
        for resource in generic { stock.take(resource) }
      }
    }
  }

  private mutating func reject(_ task: SwarmTask) {
    var status = task.status
    status.state = .rejected
    status.timestamp = self.time
    status.message = "task rejected by constraint enforcer"
    status.err = "assigned node no longer meets constraints"
    self.plan.statuses.append(TaskStatusChange(task: task.id, status: self.stamped(status)))
  }
}
