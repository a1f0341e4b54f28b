// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension Control {
  /// Looks at services and slots that something happened to.
  ///
  /// - Returns: How many slots were looked at, or filled.
  mutating func planServices(_ limit: Int) -> Int {
    self.round += 1
    var looked = 0
    // What is woken meanwhile waits for the next round: it has to see what this one drafts.
    for _ in 0..<self.services.queueLength {
      guard looked < limit, let id = self.services.next() else { break }
      looked += 1 + self.planSlots(of: id, limit - looked)
      // No copy of the record is held here: with one, the next change of a slot would copy all of them.
      if self.services.read(id, { $0.hasQueuedSlots }) == true {
        self.endFailedUpdate(of: id)
        self.services.putBack(id)
        continue
      }
      guard let service = self.view.service(id) else {
        if self.services.read(id, { $0.isEmpty }) == true { self.services.forget(id) }
        continue
      }
      guard self.services.read(id, { $0.needsReview }) == true else { continue }
      self.services.with(id) { $0.needsReview = false }
      looked += self.reviewCount(of: service, filling: max(1, limit - looked))
      self.reviewUpdate(of: service)
      self.reviewSchedule(of: service)
    }
    return looked
  }

  private mutating func planSlots(of id: ServiceID, _ limit: Int) -> Int {
    let keys = self.services.with(id) { $0.dequeue(max(1, limit)) }
    guard !keys.isEmpty else { return 0 }
    let decider = self.view.serviceBox(id).map { service in
      SlotDecider(
        box: service,
        time: self.time,
        now: self.now,
        stopTimeout: self.configuration.stopTimeout,
        historyLimit: self.view.cluster?.spec.orchestration.taskHistoryRetentionLimit ?? 5
      )
    }
    for key in keys { self.planSlot(SlotID(service: id, key: key), decider) }
    return keys.count
  }

  /// Decides about one slot; without a decider its service is no more.
  private mutating func planSlot(_ slot: SlotID, _ decider: SlotDecider?) {
    let tasks = self.tasks(in: slot, of: decider?.box)
    // What is left of a service that is no more goes anyway.
    if decider != nil, self.rejectMisplaced(tasks, in: slot) {
      // Until then nobody else is to go there, also when this is the first look at the slot.
      self.services.with(slot.service) { record in
        guard let known = record.slots[slot.key], known.occupancy == .vacant else { return }
        record.update(slot.key, occupancy: .runnable, freshness: known.freshness)
      }
      return
    }
    var decision: SlotDecision
    if let decider {
      decision = decider.decide(
        tasks,
        admission: self.admission(of: slot.key, for: decider.service),
        hold: self.services.read(slot.service) { $0.holds[slot.key] } ?? nil
      )
    } else {
      decision = SlotDecider.abandon(tasks)
    }
    self.plan.desired += decision.desired
    self.reaper.add(decision.removable)
    if decision.replacement != nil, let service = decider?.service, self.isGated(service) {
      decision.replacement = nil
      decision.occupancy = .vacant
      decision.freshness = .current
    }
    if let replacement = decision.replacement {
      self.plan.creations.append(
        Plan.Creation(slot: slot, desired: replacement.desired, startAt: replacement.startAt)
      )
    }
    if let hold = decision.hold {
      self.timers.set(.slot(slot), at: hold.until)
    } else {
      self.timers.cancel(.slot(slot))
    }
    self.services.with(slot.service) { record in
      record.setHold(decision.hold, in: slot.key)
      record.update(slot.key, occupancy: decision.occupancy, freshness: decision.freshness)
    }
    guard self.updates.index(forKey: slot.service) != nil else { return }
    self.updates[slot.service]?.decided.insert(slot.key)
    self.services.review(slot.service)
  }

  /// Notes how a slot stands whose only task follows the specification, and runs or is about to: nothing is to be decided there.
  ///
  /// It is how most tasks begin, and costs much less than to look at the slot. What could end it (its node, another specification) makes the slot be
  /// looked at by itself.
  ///
  /// - Returns: False when the slot has to be looked at.
  mutating func settle(_ task: SwarmTask, in slot: SlotID) -> Bool {
    guard task.status.state <= .running, self.updates.index(forKey: slot.service) == nil,
      let service = self.view.serviceBox(slot.service)?.value, service.mayHaveTasks,
      task.specVersion == service.specVersion, task.jobIteration == service.jobStatus?.jobIteration,
      task.desiredState == service.spec.mode.finalState
    else { return false }
    let isSettled = self.services.with(slot.service) { record in
      record.note(task.id, aloneIn: slot.key, as: task.status.state < .running ? .replacing : .current)
    }
    if isSettled { self.services.review(slot.service) }
    return isSettled
  }

  // MARK: - What a decision needs to know

  /// The slot's tasks, oldest first.
  mutating func tasks(in slot: SlotID, of service: Stored<Service>?) -> [SlotTask] {
    let ids = self.services.read(slot.service) { $0.slots[slot.key]?.tasks ?? [] } ?? []
    var slotTasks: [SlotTask] = []
    slotTasks.reserveCapacity(ids.count)
    for id in ids {
      guard let task = self.view.taskBox(id) else { continue }
      var isFresh = false
      if let service { isFresh = self.follows(task.value, service.value) }
      slotTasks.append(SlotTask(box: task, node: self.nodeState(of: task.value), isFresh: isFresh))
    }
    guard slotTasks.count > 1 else { return slotTasks }
    return slotTasks.sorted { left, right in
      (left.task.meta.createdAt, left.task.id) < (right.task.meta.createdAt, right.task.id)
    }
  }

  private func nodeState(of task: SwarmTask) -> SlotTask.NodeState {
    guard let id = task.nodeID else { return .unassigned }
    guard let node = self.view.nodeBox(id) else { return .gone }
    if node.value.status.state == .down { return .down }
    return node.value.spec.availability == .drain ? .draining : .usable
  }

  /// Whether the task follows the service's specification as far as it concerns the task.
  private mutating func follows(_ task: SwarmTask, _ service: Service) -> Bool {
    if task.specVersion == service.specVersion { return true }
    let relation = self.services.with(service.id) { record in
      if let known = record.relations[task.specVersion] { return known }
      let relation = SpecRelation(of: task, to: service)
      record.relations[task.specVersion] = relation
      return relation
    }
    switch relation {
    case .same: return true
    case .different: return false
    case .placementOnly:
      // One that waits for a node waits by what was asked for before; it makes room for one that waits by what is asked for now.
      guard !task.waitsForItsNode, let node = task.nodeID.flatMap({ self.view.node($0) }) else { return false }
      let wanted = self.scheduler.taskClass(of: service)
      let facts = NodeFacts(node)
      return wanted.meetsConstraints(facts) && wanted.meetsPlatform(facts)
    }
  }

  private mutating func admission(of key: SlotKey, for service: Service) -> SlotDecision.Admission {
    guard case .node(let id) = key else { return .open }
    guard let node = self.view.node(id) else { return .gone }
    guard node.spec.availability != .drain else { return .barred }
    guard self.scheduler.taskClass(of: service).meetsConstraints(NodeFacts(node)) else { return .barred }
    return self.isAvailable(node) ? .open : .closed
  }

  /// The status with who stored it and when.
  func stamped(_ status: TaskStatus) -> TaskStatus {
    var status = status
    status.appliedBy = self.configuration.leader
    status.appliedAt = self.time
    return status
  }

  /// The node was down for so long that nobody expects its tasks back.
  mutating func orphanTasks(of node: NodeID) {
    for task in self.view.tasks(on: node) {
      var isGivenUp = !task.hasEnded && !task.waitsForItsNode
      #if PLANTED_BUGS
        if PlantedBug.isPlanted(36), task.status.state == .complete { isGivenUp = true }
      #endif
      guard isGivenUp else { continue }
      var status = task.status
      status.state = .orphaned
      status.timestamp = self.time
      status.message = "node is gone for too long"
      self.plan.statuses.append(TaskStatusChange(task: task.id, status: self.stamped(status)))
    }
  }
}
