// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension Control {
  /// Takes the update of a service a step further: replaces outdated slots within the bounds of its configuration, and ends it when all is well, or isn't.
  mutating func reviewUpdate(of service: Service) {
    guard !service.spec.mode.isJob, let record = self.services[service.id] else { return }
    let state = service.updateStatus?.state
    guard state != .paused, state != .rollbackPaused else {
      self.updates[service.id] = nil
      return
    }
    let isUnderWay = service.isUpdateUnderWay
    guard isUnderWay || !record.outdated.isEmpty else {
      self.updates[service.id] = nil
      return
    }
    var progress = self.progress(of: service, record)
    // Taken out and put back, so that it is changed in place.
    self.updates[service.id] = nil
    let config = service.effectiveUpdate
    if self.endFailedUpdate(of: service, progress) { return }
    if !isUnderWay {
      self.plan.others.append(
        .updateStatus(
          service.id,
          specVersion: service.specVersion,
          UpdateStatus(state: .updating, startedAt: self.time, message: "update in progress")
        )
      )
    }
    self.finishSlots(of: service, record, config, &progress)
    self.startSlots(of: service, record, config, &progress)
    self.settle(service, record, config, &progress)
    self.updates[service.id] = progress
  }

  /// A task's observed state changed: tells the update that watches it.
  mutating func updateObserved(_ task: SwarmTask) {
    guard let id = task.serviceID, self.updates.index(forKey: id) != nil, let service = self.view.service(id) else { return }
    self.updates[id]?.taskChanged(task, monitor: service.effectiveUpdate.effectiveMonitor, now: self.now)
    self.services.review(id)
  }

  private func progress(of service: Service, _ record: ServiceRecord) -> UpdateProgress {
    if let known = self.updates[service.id], known.specVersion == service.specVersion { return known }
    if let failed = self.failedUpdates[service.id], failed.specVersion == service.specVersion { return failed }
    var progress = UpdateProgress(
      specVersion: service.specVersion,
      total: record.outdated.count + record.replacing.count
    )
    // Of an update that began elsewhere (with another leader, or as a rollback), the slots that are on their way count as being replaced.
    guard service.isUpdateUnderWay else { return progress }
    // The tasks planned in this very round belong to it as well.
    for creation in self.plan.creations where creation.slot.service == service.id && record.replacing.contains(creation.slot.key)
    {
      progress.busy[creation.slot.key] = self.round
    }
    progress.decided = Set(record.replacing)
    for key in record.replacing where progress.busy[key] == nil {
      let tasks = (record.slots[key]?.tasks ?? []).compactMap { self.view.task($0) }
      let fresh = tasks.filter { $0.specVersion == service.specVersion && $0.isWanted }
      guard fresh.count == 1, let task = fresh.first, !task.hasEnded else { continue }
      progress.busy[key] = 0
      progress.watched[task.id] = UpdateProgress.Watch()
    }
    self.resumeDelays(of: service, &progress)
    return progress
  }

  /// Takes up the updates that another leader began, before anything is heard of their tasks: slots are looked at one after the other, and until then
  /// what is being replaced may have come to run, or to an end.
  mutating func takeUpUpdates() {
    for service in self.view.services() where !service.spec.mode.isJob {
      guard service.isUpdateUnderWay else { continue }
      var progress = UpdateProgress(specVersion: service.specVersion, total: 0)
      for key in self.services[service.id]?.slots.keys.sorted() ?? [] {
        let tasks = self.tasks(in: SlotID(service: service.id, key: key), of: self.view.serviceBox(service.id))
          .filter { $0.task.isWanted && !$0.task.hasEnded }
        let replacements = tasks.filter { $0.task.specVersion == service.specVersion }
        if replacements.count == 1, let task = replacements.first?.task, task.status.state < .running {
          progress.busy[key] = 0
          progress.watched[task.id] = UpdateProgress.Watch()
          progress.total += 1
        } else if !tasks.isEmpty, !tasks.contains(where: \.isFresh) {
          progress.total += 1
        }
      }
      self.resumeDelays(of: service, &progress)
      self.updates[service.id] = progress
    }
  }

  /// Tasks of the update that run since a short while, maybe heard of just now, have their delay and their monitoring period still to go.
  ///
  /// Both are clamped: whatever the clocks of the leaders say, nothing takes longer than it would have with one of them.
  private func resumeDelays(of service: Service, _ progress: inout UpdateProgress) {
    let config = service.effectiveUpdate
    let monitor = config.effectiveMonitor
    for task in self.view.tasks(of: service.id) where task.specVersion == service.specVersion {
      guard task.isWanted, task.status.state == .running else { continue }
      let age = max(self.time - task.endedAt, .zero)
      if age < config.delay { progress.cooldowns.append(self.now + config.delay - age) }
      guard age < monitor else { continue }
      progress.watched[task.id] = UpdateProgress.Watch(runningSince: self.now - age)
      progress.total += 1
    }
  }

  /// Slots whose new task runs, or ended, make room for the next, after the delay.
  private mutating func finishSlots(
    of service: Service,
    _ record: ServiceRecord,
    _ config: UpdateConfig,
    _ progress: inout UpdateProgress
  ) {
    progress.cooldowns.removeAll { $0 <= self.now }
    // Only what was decided about since the last time can have got there.
    for key in progress.decided.sorted() where progress.busy[key] != self.round {
      progress.decided.remove(key)
      guard progress.busy[key] != nil else { continue }
      let tasks = (record.slots[key]?.tasks ?? []).compactMap { self.view.task($0) }
      let pending = tasks.filter { progress.watched[$0.id] != nil && $0.isWanted && $0.status.state < .running }
      guard pending.allSatisfy(\.waitsForItsNode), !self.isMakingRoom(tasks, for: progress.specVersion) else { continue }
      #if PLANTED_BUGS
        if PlantedBug.isPlanted(40), !pending.isEmpty { continue }
      #endif
      progress.busy[key] = nil
      // No update waits for room that nothing in the slot is about to make.
      if config.delay > .zero, pending.isEmpty { progress.cooldowns.append(self.now + config.delay) }
    }
  }

  /// Whether what was stopped first still runs, and what is to take its place hasn't got its node: on a full node it does when the other has ended.
  ///
  /// Of a node that isn't ready the end may never be heard.
  private func isMakingRoom(_ tasks: [SwarmTask], for version: Version) -> Bool {
    guard tasks.allSatisfy({ !$0.isWanted || $0.waitsForItsNode }) else { return false }
    return tasks.contains { task in
      guard !task.hasEnded, !task.waitsForItsNode, task.specVersion != version, let node = task.nodeID else { return false }
      return self.view.node(node)?.status.state == .ready
    }
  }

  private mutating func startSlots(
    of service: Service,
    _ record: ServiceRecord,
    _ config: UpdateConfig,
    _ progress: inout UpdateProgress
  ) {
    let free = config.effectiveParallelism - progress.busy.count - progress.cooldowns.count
    // Mostly the update waits for the slots that it has begun with; which of the others come next needn't be known then.
    guard free > 0 || !progress.cooldowns.isEmpty else { return }
    let waiting = record.outdated.filter { progress.busy[$0] == nil && !self.isClosed($0, record, config) }
    if free > 0 {
      for key in waiting.sorted().prefix(free) {
        progress.busy[key] = self.round
        self.replace(SlotID(service: service.id, key: key), service, config)
      }
    }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(41) { return }
    #endif
    if !waiting.isEmpty, let next = progress.cooldowns.min() {
      self.timers.setEarliest(.update(service.id), at: next)
    }
  }

  /// Whether the slot's node takes no tasks, and nothing in the slot is to be stopped anyway: the slot is looked at again when the node does.
  private func isClosed(_ key: SlotKey, _ record: ServiceRecord, _ config: UpdateConfig) -> Bool {
    guard case .node(let node) = key, !self.scheduler.isAvailable(node) else { return false }
    let tasks = (record.slots[key]?.tasks ?? []).compactMap { self.view.task($0) }
    return config.order == .startFirst || !tasks.contains { $0.isWanted && !$0.hasEnded }
  }

  /// Replaces what is in an outdated slot.
  private mutating func replace(_ slot: SlotID, _ service: Service, _ config: UpdateConfig) {
    let tasks = self.tasks(in: slot, of: self.view.serviceBox(service.id))
    let active = tasks.filter { $0.task.isWanted && !$0.task.hasEnded }
    // A task that just failed in a slot whose old task still runs is tried again only after its restart delay.
    let failed = tasks.last { $0.isFresh && $0.task.endedByItself }
    let delay = failed == nil ? .zero : RestartRules(service.spec.task.restart).delay
    let startAt = delay > .zero ? self.time + delay : nil
    if config.order == .stopFirst || active.isEmpty {
      for other in active {
        self.plan.desired.append(DesiredStateChange(task: other.task.id, state: .shutdown))
      }
      if case .node(let node) = slot.key, !self.scheduler.isAvailable(node) { return }
      let waits = tasks.contains { $0.isRunningSomewhere }
      self.plan.creations.append(
        Plan.Creation(slot: slot, desired: waits || startAt != nil ? .ready : .running, startAt: startAt)
      )
    } else {
      // What was to take the place of a task on a node that is drained comes too late: the new task takes it.
      let last = SlotDecider.best(of: active)?.task.id
      for other in active where other.task.id != last {
        self.plan.desired.append(DesiredStateChange(task: other.task.id, state: .shutdown))
      }
      self.plan.creations.append(
        Plan.Creation(slot: slot, desired: startAt == nil ? .running : .ready, startAt: startAt)
      )
    }
  }

  /// Ends the update once everything was replaced and has run for a monitoring period.
  private mutating func settle(
    _ service: Service,
    _ record: ServiceRecord,
    _ config: UpdateConfig,
    _ progress: inout UpdateProgress
  ) {
    guard record.outdated.isEmpty, progress.busy.isEmpty, !record.replacing.contains(where: { self.keepsOld($0, service) }) else {
      progress.settledAt = nil
      return
    }
    let settledAt = progress.settledAt ?? self.now
    progress.settledAt = settledAt
    let end = settledAt + config.effectiveMonitor
    guard end <= self.now else {
      self.timers.setEarliest(.update(service.id), at: end)
      return
    }
    var status = service.updateStatus ?? UpdateStatus(startedAt: self.time)
    let isRollback = status.state == .rollbackStarted
    status.state = isRollback ? .rollbackCompleted : .completed
    status.completedAt = self.time
    status.message = isRollback ? "rollback completed" : "update completed"
    self.plan.others.append(.updateStatus(service.id, specVersion: service.specVersion, status))
    self.timers.cancel(.update(service.id))
  }

  /// Whether a task of an older specification runs on in the slot, until the one that has to wait for its turn takes its place.
  private mutating func keepsOld(_ key: SlotKey, _ service: Service) -> Bool {
    let tasks = self.tasks(in: SlotID(service: service.id, key: key), of: self.view.serviceBox(service.id))
    return tasks.contains { $0.task.isWanted && !$0.task.hasEnded && !$0.isFresh }
  }

  /// Ends an update that has failed while slots of its service are still to be looked at: where tasks fail faster than that, there are always some.
  mutating func endFailedUpdate(of id: ServiceID) {
    guard let service = self.view.service(id), let progress = self.updates[id] ?? self.failedUpdates[id] else { return }
    guard service.isUpdateUnderWay, progress.specVersion == service.specVersion else { return }
    _ = self.endFailedUpdate(of: service, progress)
  }

  /// Pauses an update, or rolls it back, if too many of its tasks failed.
  ///
  /// - Returns: Whether the update ends here.
  private mutating func endFailedUpdate(of service: Service, _ progress: UpdateProgress) -> Bool {
    let config = service.effectiveUpdate
    guard progress.hasFailed(config) else { return false }
    let isRollback = service.updateStatus?.state == .rollbackStarted
    let cause = "due to failure or early termination of task \(progress.lastFailure?.description ?? "")"
    var status = service.updateStatus ?? UpdateStatus(startedAt: self.time)
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(39), config.failureAction == .rollback { return false }
    #endif
    switch config.failureAction {
    case .continue:
      return false
    case .rollback where !isRollback && service.previousSpec != nil:
      status.state = .rollbackStarted
      status.message = "update rolled back \(cause)"
      self.plan.others += [
        .updateService(service.id, expected: nil, service.spec, isRollback: true),
        .updateStatus(service.id, specVersion: service.specVersion, status),
      ]
    case .pause, .rollback:
      status.state = isRollback ? .rollbackPaused : .paused
      status.message = isRollback ? "rollback paused \(cause)" : "update paused \(cause)"
      self.plan.others.append(.updateStatus(service.id, specVersion: service.specVersion, status))
    }
    self.updates[service.id] = nil
    // The proposal may be lost: then the update has failed all the same.
    self.failedUpdates[service.id] = progress
    self.timers.cancel(.update(service.id))
    return true
  }
}

extension Service {
  /// Whether an update, or a rollback, goes on.
  fileprivate var isUpdateUnderWay: Bool {
    self.updateStatus?.state == .updating || self.updateStatus?.state == .rollbackStarted
  }
}
