// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// When, and by whom, it was decided that a task is made that isn't to run yet.
struct WaitWatch {
  var since: Nanoseconds
  var term: UInt64
  /// How often the leader's clock had jumped.
  var clockJumps: Int
}

extension OrchestrationOracle {
  /// O1, O7: who takes a place starts when the one before has stopped, or stops it only by running, whichever the service's order is.
  mutating func watchOrder(_ applied: Applied, _ before: Store, _ decision: SimulatedSwarmLog.Decision) {
    let views = [decision.store, before, self.store]
    for change in applied.changes.tasks {
      guard let task = change.new else {
        if let old = change.old { self.waits[old.id] = nil }
        continue
      }
      if change.old == nil, !task.isMeantToRun {
        self.waits[task.id] = WaitWatch(since: decision.time, term: decision.term, clockJumps: decision.clockJumps)
      }
      guard let place = TaskPlace(task) else { continue }
      if task.isMeantToRun, change.old.map({ !$0.isMeantToRun }) ?? true { self.checkStart(of: task, in: place, views, decision) }
      if change.old?.isWanted == true, task.desiredState == .shutdown { self.checkStop(of: task, in: place, views) }
    }
  }

  // MARK: - Stop first

  /// Stop first: nothing starts where another task may still run on a node that is there, unless that took too long to stop.
  private mutating func checkStart(
    of task: SwarmTask,
    in place: TaskPlace,
    _ views: [Store],
    _ decision: SimulatedSwarmLog.Decision
  ) {
    let wait = self.waits.removeValue(forKey: task.id)
    guard !views.contains(where: { $0.overlaps(place.service) }) else { return }
    // Who was taken out of its place for good (the service was scaled, stopped, or is a job that runs again) isn't waited for. Nor is it in SwarmKit:
    // what fills slots there counts none of the tasks that are to be removed, and a job's new tasks come with the order to remove those of the last run.
    let others = self.store.tasks(of: place.service).filter { other in
      other.id != task.id && TaskPlace(other) == place && other.desiredState < .remove
    }
    guard let other = others.first(where: { other in views.allSatisfy { $0.mayRun(other.id) } }) else {
      if wait != nil, others.contains(where: { $0.hasEnded }) { self.coverage.saw(.startedAfterStop) }
      return
    }
    guard let wait else { return self.fail("O7: \(task.id) is to run at once, although \(other.id) may still run in \(place)") }
    let waited = decision.time - wait.since
    // Clocks of managers that never jumped differ by less than a second.
    let isOneClock = wait.term == decision.term && wait.clockJumps == decision.clockJumps
    guard isOneClock || wait.clockJumps == 0 && decision.clockJumps == 0 else { return }
    guard waited < self.stopTimeout - (isOneClock ? 0 : 1_000_000_000) else { return self.coverage.saw(.stopTimedOut) }
    self.fail("O7: \(task.id) is to run after \(Duration.nanoseconds(waited)), although \(other.id) may still run in \(place)")
  }

  // MARK: - Start first

  /// Start first: what runs is stopped only when another task of its place runs.
  private mutating func checkStop(of task: SwarmTask, in place: TaskPlace, _ views: [Store]) {
    // The same entry may give the whole place up.
    guard self.store.task(task.id)?.desiredState == .shutdown else { return }
    let isLeft = views.allSatisfy {
      $0.overlaps(place.service) && $0.task(task.id)?.status.state == .running && $0.mayRun(task.id)
    }
    guard isLeft else { return }
    let isRelieved = views.contains { view in
      view.tasks(of: place.service).contains { other in
        guard other.id != task.id, TaskPlace(other) == place, other.isWanted else { return false }
        // Its node was removed when the leader had heard that it ran.
        return other.status.state == .running || other.nodeID.map { self.store.node($0) == nil } ?? false
      }
    }
    guard !isRelieved else { return self.coverage.saw(.stoppedAfterStart) }
    if self.movesTasks, views.contains(where: { !$0.isUpdated(place.service) }) { return }
    if views.contains(where: { $0.mayStop(task, in: place) }) { return }
    self.fail("O7: \(task.id) is stopped before another task runs in \(place)")
  }
}

extension SwarmTask {
  /// Whether the task may run as soon as it can.
  fileprivate var isMeantToRun: Bool { self.desiredState == .running || self.desiredState == .complete }
}

extension Store {
  /// Whether a task may run on a node that isn't down.
  fileprivate func mayRun(_ id: TaskID) -> Bool {
    guard let task = self.task(id), !task.hasEnded, task.status.state >= .assigned else { return false }
    return task.nodeID.flatMap { self.node($0) }.map { $0.status.state != .down } ?? false
  }

  /// Whether the service's tasks are replaced by tasks that start first.
  fileprivate func overlaps(_ id: ServiceID) -> Bool {
    guard let service = self.service(id), !service.spec.mode.isJob else { return false }
    return service.currentUpdate.order == .startFirst
  }

  fileprivate func isUpdated(_ id: ServiceID) -> Bool {
    let state = self.service(id)?.updateStatus?.state
    return state == .updating || state == .rollbackStarted
  }

  /// Whether nothing has to take the place of a task that runs: its service is stopped, there may be none on its node, or its restart policy is against it.
  fileprivate func mayStop(_ task: SwarmTask, in place: TaskPlace) -> Bool {
    guard let service = self.service(place.service), !service.isStopped else { return true }
    guard let node = task.nodeID.flatMap({ self.node($0) }) else { return true }
    let isDrained = node.spec.availability == .drain
    if service.spec.mode.isGlobal {
      return isDrained || !(service.spec.task.placement?.constraints ?? []).allSatisfy(node.meets)
    }
    let policy = task.spec.value.restart
    return isDrained && (policy?.condition == RestartPolicy.Condition.none || policy?.maxAttempts ?? 0 > 0)
  }
}
