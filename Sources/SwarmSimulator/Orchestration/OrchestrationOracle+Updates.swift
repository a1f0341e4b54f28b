// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// What is known of the tasks that an update made.
struct UpdateWatch {
  /// One such task.
  struct Replacement {
    var specVersion: Version
    /// When it was found to run, or to have ended, and in which term that was.
    var done: (time: Nanoseconds, term: UInt64)?
    /// When it was found to run.
    var runningSince: Nanoseconds?
  }

  /// How exactly it is known when a leader heard of a task, which it does before the log says so.
  static var hearing: Nanoseconds { 200_000_000 }

  var replacements: [TaskID: Replacement] = [:]
  /// A task that failed so that the update may not go on, and until when it may seem to.
  var verdict: (task: TaskID, specVersion: Version, term: UInt64, deadline: Nanoseconds)?
  var failures: FailureWatch?
}

extension OrchestrationOracle {
  // MARK: - O7

  /// How far an update is, is told in the right order, and only once.
  mutating func checkUpdateStatus(_ change: ObjectChange<Service>, _ entry: LogEntry) {
    self.watchBeginning(change)
    guard let new = change.new else { return self.updates[change.old?.id ?? ServiceID()] = nil }
    let (before, after) = (change.old?.updateStatus?.state, new.updateStatus?.state)
    if let old = change.old, old.specVersion != new.specVersion {
      if before == .updating { self.coverage.saw(.updateSuperseded) }
      if entry.client != nil, after == .rollbackStarted { self.coverage.saw(.rolledBackByHand) }
      self.updates[new.id]?.verdict = nil
      if entry.client == nil, before == .rollbackStarted || before == .rollbackPaused || before == .rollbackCompleted {
        self.fail("O7: what was rolled back is rolled back again")
      }
    }
    guard before != after, let after else { return }
    if let verdict = self.updates[new.id]?.verdict, after == .completed || after == .rollbackCompleted,
      verdict.specVersion == new.specVersion, verdict.term == entry.leaderTerm
    {
      self.fail("O7: the update of \(new.id) is complete although its task \(verdict.task) failed")
    }
    self.updates[new.id]?.verdict = nil
    switch after {
    case .updating: self.coverage.saw(.updateBegan)
    case .paused: self.coverage.saw(.updatePaused)
    case .rollbackStarted: self.coverage.saw(.rolledBack)
    case .rollbackPaused: self.coverage.saw(.rollbackPaused)
    case .completed, .rollbackCompleted:
      self.coverage.saw(after == .completed ? .updateCompleted : .rollbackCompleted)
      if new.spec.mode.isGlobal { self.coverage.saw(.globalUpdated) }
      if before != (after == .completed ? .updating : .rollbackStarted) { self.fail("O7: \(after) after \(before ?? .unknown)") }
      self.checkComplete(new)
    case .unknown: break
    }
  }

  /// When an update is complete, no task runs that doesn't follow the specification.
  private mutating func checkComplete(_ service: Service) {
    // Where attempts are used up, what runs is left alone.
    guard (service.spec.task.restart?.condition ?? .any) == .any, service.spec.task.restart?.maxAttempts ?? 0 == 0 else { return }
    for task in self.store.tasks(of: service.id) where task.isWanted && !task.hasEnded && task.status.state >= .running {
      guard let node = task.nodeID.flatMap({ self.store.node($0) }), node.status.state == .ready else { continue }
      if task.differs(from: service) { self.fail("O7: the update is complete, but \(task.id) is of an older specification") }
    }
  }

  /// Parallelism and delay, and what follows when a task fails.
  mutating func watchUpdates(
    _ applied: Applied,
    _ before: Store,
    _ decision: SimulatedSwarmLog.Decision,
    now: Nanoseconds
  ) {
    for change in applied.changes.tasks {
      guard let task = change.new, let id = task.serviceID, let service = self.store.service(id), !service.spec.mode.isJob else {
        continue
      }
      guard let old = change.old else {
        self.watchCreation(of: task, service, before, decision)
        continue
      }
      if self.updates[id]?.replacements[task.id] != nil, task.status.state != old.status.state {
        self.watchProgress(of: task, from: old, service, at: applied.changes.time, decision)
      }
    }
    for (id, update) in self.updates {
      guard let verdict = update.verdict, verdict.term == decision.term, verdict.deadline < decision.time else { continue }
      guard let service = self.store.service(id), service.specVersion == verdict.specVersion else { continue }
      self.fail("O7: the update of \(id) goes on although its task \(verdict.task) failed")
    }
  }

  private mutating func watchCreation(
    of task: SwarmTask,
    _ service: Service,
    _ before: Store,
    _ decision: SimulatedSwarmLog.Decision
  ) {
    let place = TaskPlace(task)
    // Who ended, or lost its node, is replaced by the way, without the update having any part in it.
    let replaced = before.tasks(of: service.id).contains { other in
      guard TaskPlace(other) == place, other.isWanted, other.differs(from: service) else { return false }
      guard let known = self.store.task(other.id), !known.hasEnded else { return false }
      guard let id = other.nodeID else { return true }
      return [before.node(id), decision.store.node(id), self.store.node(id)].allSatisfy { node in
        node?.status.state == .ready && node?.spec.availability == .active
          && (other.spec.value.placement?.constraints ?? []).allSatisfy { node?.meets($0) ?? false }
      }
    }
    guard replaced else { return }
    self.updates[service.id, default: UpdateWatch()].replacements[task.id] = .init(specVersion: task.specVersion)
    if let state = service.updateStatus?.state, state == .paused || state == .rollbackPaused {
      self.fail("O7: a slot is updated although the update is paused")
    }
    let config = service.currentUpdate
    guard config.parallelism > 0, let update = self.updates[service.id] else { return }
    let busy = update.replacements.filter { id, replacement in
      guard replacement.specVersion == task.specVersion else { return false }
      guard let done = replacement.done else {
        // No update waits for room on a full node; who got it just now may come on top.
        let isStranded = [before, decision.store].compactMap { $0.task(id) }.contains { $0.nodeID != nil && !$0.isPlaced }
        return !isStranded && self.store.task(id).map { $0.isWanted && ($0.nodeID == nil || $0.isPlaced) } ?? false
      }
      // Another leader doesn't know how long ago it was.
      return done.term == decision.term
        && decision.time - done.time + UpdateWatch.hearing < Nanoseconds(config.delay / .nanoseconds(1))
    }
    if busy.count > Int(clamping: config.parallelism) {
      self.fail("O7: \(busy.count) slots are updated at a time, instead of \(config.parallelism)")
    }
  }

  private mutating func watchProgress(
    of task: SwarmTask,
    from old: SwarmTask,
    _ service: Service,
    at time: Timestamp,
    _ decision: SimulatedSwarmLog.Decision
  ) {
    // Who only waited for room, and went with the node, has done nothing.
    guard let known = self.updates[service.id]?.replacements[task.id], task.status.state >= .running, !old.waitsForItsNode else {
      return
    }
    // The leader heard of it before the entry was made, the longer before the more proposals were lost.
    let wait = min(max(time - (task.status.appliedAt ?? time), .zero), .seconds(5))
    var heard = decision.time - Nanoseconds(wait / .nanoseconds(1))
    // Of a task that ended before the log said that it runs, the leader may have known that it does.
    if let ran = self.ran[task.id], ran.term == decision.term { heard = min(heard, ran.time) }
    if known.done == nil, task.isWanted { self.updates[service.id]?.replacements[task.id]?.done = (heard, decision.term) }
    if task.status.state == .running { self.updates[service.id]?.replacements[task.id]?.runningSince = heard }
    // A task that failed is often not wanted any more in the very entry that says so.
    guard task.endedByItself, old.isWanted, known.specVersion == service.specVersion else { return }
    self.watchFailure(of: task, known, service, decision)
  }
}

extension SwarmTask {
  /// Whether the task isn't what the service wants now; where a task is to be doesn't count, as long as its node will do.
  func differs(from service: Service) -> Bool {
    guard self.specVersion != service.specVersion else { return false }
    var own = self.spec.value
    own.placement = service.spec.task.placement
    return own != service.spec.task
  }
}

extension Service {
  /// The configuration of the update, or rollback, that goes on.
  var currentUpdate: UpdateConfig {
    let isRollback = self.updateStatus?.state == .rollbackStarted || self.updateStatus?.state == .rollbackPaused
    return (isRollback ? self.spec.rollback : self.spec.update) ?? UpdateConfig()
  }
}
