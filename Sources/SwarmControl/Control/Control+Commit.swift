// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension Control {
  /// An entry of the log was applied.
  mutating func entryCommitted(_ entry: LogEntry, _ applied: Applied) {
    let committed = self.overlay.committed(entry, applied)
    if let proposal = committed.proposal { self.statuses.committed(proposal) }
    self.absorb(committed.delta)
    // Nodes only ever hear what is decided.
    self.dispatch(applied.changes)
  }

  /// A proposal was lost: what it should have done is decided again, a moment later.
  mutating func entryFailed(_ id: ProposalID) {
    self.holdUntil = self.now + self.configuration.retryDelay
    self.statuses.failed(id)
    self.absorb(self.overlay.failed(id))
    for index in self.scheduler.table.indices where self.scheduler.table.isOverfull(at: index) {
      self.nodes.isOverfull(self.scheduler.table.ids[index])
    }
  }

  /// Takes over how the view changed, and finds out whom it concerns.
  mutating func absorb(_ delta: ViewDelta) {
    if delta.clusterChanged { self.rebalanceLater() }
    if delta.networksChanged { self.networksChanged() }
    for service in delta.services { self.serviceChanged(from: service.old, to: service.new) }
    for task in delta.tasks { self.taskChanged(from: task.oldBox, to: task.newBox) }
    // Nodes come after tasks: a node that is added, or removed, brings its tasks as they are now.
    for node in delta.nodes { self.nodeChanged(from: node.old, to: node.new) }
  }

  private mutating func serviceChanged(from old: Service?, to new: Service?) {
    guard let id = new?.id ?? old?.id else { return }
    self.scheduler.serviceChanged(from: old, to: new)
    guard let new else {
      self.allocations.freed()
      self.updates[id] = nil
      self.failedUpdates[id] = nil
      self.timers.cancel(.update(id))
      self.services.removed(id)
      return
    }
    if old?.spec != new.spec || old?.endpoint != new.endpoint {
      self.allocations.changed(new)
      if old?.endpoint != nil { self.allocations.freed() }
    }
    if old == nil || old?.specVersion != new.specVersion || old?.spec != new.spec || old?.isStopped != new.isStopped
      || old?.jobStatus != new.jobStatus
    {
      self.wakeDependents(of: id)
      self.services.specificationChanged(new)
      if new.spec.mode.isGlobal {
        for node in self.view.nodeIDs() { self.services.enqueue(SlotID(service: id, key: .node(node))) }
      }
    }
    if old?.updateStatus != new.updateStatus {
      self.services.review(id)
      if old?.updateStatus?.state != new.updateStatus?.state { self.services.enqueueFinished(id) }
    }
  }

  /// Tasks are handed on in their boxes: there are many of them, and a copy of one costs as much as all else here.
  private mutating func taskChanged(from old: Stored<SwarmTask>?, to new: Stored<SwarmTask>?) {
    self.scheduler.taskChanged(from: old, to: new, now: self.now)
    guard let task = (new ?? old)?.value else { return }
    if new == nil { self.reaper.removed(task.id) }
    guard let service = task.serviceID else { return }
    if let old = old?.value, let new = new?.value {
      guard
        old.desiredState != new.desiredState || old.status.state != new.status.state || old.nodeID != new.nodeID
          || old.startAt != new.startAt
      else { return }
    }
    let oldSlot = old.map { SlotID(service: service, key: SlotKey($0.value)) }
    let newSlot = new.map { SlotID(service: service, key: SlotKey($0.value)) }
    if oldSlot != newSlot {
      if let oldSlot { self.services.remove(task.id, from: oldSlot) }
      if let newSlot { self.services.add(task.id, to: newSlot) }
    }
    var isSettled = false
    if let new, let newSlot, oldSlot ?? newSlot == newSlot { isSettled = self.settle(new.value, in: newSlot) }
    if !isSettled {
      if let oldSlot { self.services.enqueue(oldSlot) }
      if let newSlot, newSlot != oldSlot { self.services.enqueue(newSlot) }
    }
    if let new, old?.value.status.state != new.value.status.state { self.updateObserved(new.value) }
    // Also who isn't to run any more may have been all that a service lacked to be healthy.
    self.wakeDependents(of: service)
  }

  private mutating func nodeChanged(from old: Node?, to new: Node?) {
    guard let id = new?.id ?? old?.id else { return }
    self.nodes.changed(id)
    guard let new else {
      self.scheduler.table.remove(id, shares: self.view.tasks(on: id).compactMap { NodeTable.Share($0) })
      self.nodes.forget(id)
      self.timers.cancel(.orphans(id))
      self.wakeSlots(on: id)
      return
    }
    if new.status.state == .ready, old?.status.state != .ready || old?.spec.availability != new.spec.availability {
      self.rebalanceLater()
    }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(46), old?.status.state == .down, new.status.state == .ready { return }
    #endif
    let isNew = self.scheduler.table.update(new, isAvailable: self.isAvailable(new))
    if isNew {
      for share in self.view.tasks(on: id).compactMap({ NodeTable.Share($0) }) { self.scheduler.table.add(share) }
    }
    if let index = self.scheduler.table.indexByID[id], self.scheduler.table.isOverfull(at: index) { self.nodes.isOverfull(id) }
    if new.status.state == .down {
      self.timers.setEarliest(.orphans(id), at: self.now + self.configuration.orphanTimeout)
    } else {
      self.timers.cancel(.orphans(id))
    }
    let isSame =
      old.map { old in
        old.status.state == new.status.state && old.spec.availability == new.spec.availability
          && NodeFacts(old) == NodeFacts(new)
      } ?? false
    if !isSame { self.wakeSlots(on: id) }
  }

  /// Something about the node decides differently now: looks at the slots of its tasks, and at the node's own slots of global services.
  mutating func wakeSlots(on node: NodeID) {
    for task in self.view.tasks(on: node) {
      guard let service = task.serviceID else { continue }
      self.services.enqueue(SlotID(service: service, key: SlotKey(task)))
    }
    for service in self.services.global.sorted() {
      self.services.enqueue(SlotID(service: service, key: .node(node)))
    }
  }
}
