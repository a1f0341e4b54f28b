// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// What is known of the ends in one place, as far as restart policies count them.
struct RestartWatch {
  /// The specification that the tasks follow.
  var specVersion: Version
  /// When tasks ended by themselves, as the log says.
  var ends: [Timestamp] = []
  /// Whether the last of them was one too many.
  var isUsedUp = false
  /// The last of them: when a manager heard of it, by its clock, in which term, and after how many jumps of the clock.
  var last: (task: TaskID, at: Timestamp, term: UInt64, clockJumps: Int)?
}

extension OrchestrationOracle {
  /// O8: delay, attempts and window.
  mutating func watchRestarts(_ applied: Applied, _ before: Store, _ decision: SimulatedSwarmLog.Decision) {
    for change in applied.changes.tasks {
      guard let id = (change.new ?? change.old)?.id, let old = before.task(id), old.isWanted, let place = TaskPlace(old),
        self.store.task(id).map({ !$0.isWanted && !$0.endedByItself }) ?? true, old.desiredState >= .running || self.isLost(old)
      else { continue }
      // It lost its node, though it may have been waiting for its time still: nothing is wrong with what takes its place.
      self.restarts[place] = nil
    }
    for change in applied.changes.tasks {
      guard let task = change.new, let place = TaskPlace(task) else { continue }
      if task.desiredState >= .remove {
        self.restarts[place] = nil
        continue
      }
      if let old = change.old, !old.hasEnded, task.hasEnded, old.isWanted, task.endedByItself {
        self.watchEnd(of: task, in: place, before, at: applied.changes.time, decision)
      }
      let wasMeantToRun = change.old.map { $0.desiredState >= .running } ?? false
      if !wasMeantToRun, task.desiredState == .running || task.desiredState == .complete {
        self.watchStart(of: task, in: place, at: applied.changes.time, decision)
      }
      if change.old == nil, task.desiredState == .ready, task.startAt != nil { self.coverage.saw(.restartDelayed) }
    }
    self.watchVacancies(decision)
  }

  /// Whether the task's node is gone, or given up.
  private func isLost(_ task: SwarmTask) -> Bool {
    guard let id = task.nodeID else { return false }
    return self.store.node(id).map { $0.status.state == .down } ?? true
  }

  private mutating func watchEnd(
    of task: SwarmTask,
    in place: TaskPlace,
    _ before: Store,
    at time: Timestamp,
    _ decision: SimulatedSwarmLog.Decision
  ) {
    // Where another task is there already to take its place, as on another node when its own is drained, nothing follows from its end.
    let others = before.tasks(of: task.serviceID ?? ServiceID()).filter { TaskPlace($0) == place && $0.id != task.id }
    guard !others.contains(where: { $0.isWanted && !$0.hasEnded && $0.specVersion == task.specVersion }) else { return }
    var watch = self.restarts[place] ?? RestartWatch(specVersion: task.specVersion)
    if watch.specVersion != task.specVersion { watch = RestartWatch(specVersion: task.specVersion) }
    watch.ends.append(task.endedAt)
    // Who was heard long before the clock jumped says nothing about delays.
    let heard = task.status.appliedAt ?? task.status.timestamp
    let isFresh = time - heard >= .zero && time - heard < .seconds(1)
    watch.last = isFresh ? (task.id, heard, decision.term, decision.clockJumps) : nil
    self.vacancies[place] = VacancyWatch(specVersion: task.specVersion, since: decision.time, term: decision.term)
    if watch.isUsedUp { self.fail("O8: \(watch.ends.count) ends in \(place), of which the last but one was to be the last") }
    // Older ends are out of history, whatever clocks said of when they were.
    watch.isUsedUp = task.hasUsedUpAttempts(endedAt: watch.ends.suffix(task.attempts))
    self.restarts[place] = watch
    guard let policy = task.spec.value.restart, policy.maxAttempts > 0 else { return }
    if watch.isUsedUp { self.coverage.saw(.attemptsUsedUp) }
    if !watch.isUsedUp, watch.ends.count > Int(clamping: policy.maxAttempts) { self.coverage.saw(.endForgotten) }
  }

  private mutating func watchStart(
    of task: SwarmTask,
    in place: TaskPlace,
    at time: Timestamp,
    _ decision: SimulatedSwarmLog.Decision
  ) {
    guard let watch = self.restarts[place], watch.specVersion == task.specVersion, let last = watch.last, last.task != task.id,
      last.term == decision.term, last.clockJumps == decision.clockJumps
    else { return }
    let delay = task.spec.value.restart?.delay ?? .seconds(5)
    if time - last.at < delay { self.fail("O8: \(place) is restarted after \(time - last.at), not after \(delay)") }
  }
}
