// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// What is known of the failures of an update.
struct FailureWatch {
  let specVersion: Version
  /// The most slots that the update may have had to replace.
  var slots: Int
  /// Tasks that failed too early, as far as the leader of a term has seen it.
  var failed: (term: UInt64, tasks: Set<TaskID>) = (0, [])
}

extension OrchestrationOracle {
  /// O7: a new specification begins with no failures.
  mutating func watchBeginning(_ change: ObjectChange<Service>) {
    guard let new = change.new, change.old?.specVersion != new.specVersion else { return }
    let slots = self.mostSlots(of: new)
    self.updates[new.id, default: UpdateWatch()].failures = FailureWatch(specVersion: new.specVersion, slots: slots)
  }

  /// How many slots the service may have at the most.
  private func mostSlots(of service: Service) -> Int {
    var slots = 0
    switch service.spec.mode {
    case .replicated(let replicas): slots = Int(clamping: replicas)
    case .global, .globalJob, .replicatedJob: slots = self.store.nodes().count
    }
    let tasks = self.store.tasks(of: service.id).filter { $0.desiredState < .remove }
    return max(slots, Set(tasks.compactMap { TaskPlace($0) }).count)
  }

  /// O7: a task that an update made ended by itself: when more of them did than the configuration accepts, the update may not go on.
  mutating func watchFailure(
    of task: SwarmTask,
    _ known: UpdateWatch.Replacement,
    _ service: Service,
    _ decision: SimulatedSwarmLog.Decision
  ) {
    let config = service.currentUpdate
    guard config.failureAction != .continue, let state = service.updateStatus?.state,
      state == .updating || state == .rollbackStarted, known.done.map({ $0.term == decision.term }) ?? true
    else { return }
    // At the very end of the monitoring period it depends on when the status was heard.
    let monitor = Nanoseconds((config.monitor ?? .seconds(5)) / .nanoseconds(1))
    if let since = known.runningSince, decision.time - since > monitor * 3 / 4 { return }
    guard var failures = self.updates[service.id]?.failures, failures.specVersion == service.specVersion else { return }
    if failures.failed.term != decision.term { failures.failed = (decision.term, []) }
    failures.failed.tasks.insert(task.id)
    failures.slots = max(failures.slots, self.mostSlots(of: service))
    self.updates[service.id]?.failures = failures
    guard Float(failures.failed.tasks.count) / Float(max(failures.slots, 1)) > config.maxFailureRatio else {
      return self.coverage.saw(.failuresAccepted)
    }
    if config.maxFailureRatio > 0 { self.coverage.saw(.ratioExceeded) }
    if let verdict = self.updates[service.id]?.verdict, verdict.specVersion == service.specVersion, verdict.term == decision.term
    {
      return
    }
    self.updates[service.id]?.verdict = (task.id, service.specVersion, decision.term, decision.time + 20_000_000_000)
  }

  /// O7: an update is complete only when all that it made has been seen to run, or to end, for a monitoring period.
  mutating func checkCompletion(_ applied: Applied, _ before: Store, _ decision: SimulatedSwarmLog.Decision) {
    for change in applied.changes.services {
      guard let old = change.old, let new = change.new, old.specVersion == new.specVersion,
        let state = new.updateStatus?.state, state != old.updateStatus?.state, state == .completed || state == .rollbackCompleted
      else { continue }
      let config = old.currentUpdate
      let monitor = Nanoseconds(max(config.monitor ?? .seconds(5), config.delay) / .nanoseconds(1))
      for (id, replacement) in self.updates[new.id]?.replacements ?? [:] where replacement.specVersion == new.specVersion {
        if let done = replacement.done {
          guard decision.time - done.time < monitor - UpdateWatch.hearing else { continue }
          let period = Duration.nanoseconds(decision.time - done.time)
          self.fail("O7: the update of \(new.id) is complete \(period) after \(id) was seen to run")
        } else if let task = self.store.task(id), task.isWanted, !task.hasEnded, !task.waitsForItsNode,
          before.task(id) != nil
        {
          self.fail("O7: the update of \(new.id) is complete although \(id) is only \(task.status.state)")
        }
      }
    }
  }
}
