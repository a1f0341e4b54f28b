// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Decides about slots of one service.
struct SlotDecider: Sendable {
  /// The service, in its box: a decider is handed from slot to slot.
  let box: Stored<Service>
  /// The wall time of the turn.
  let time: Timestamp
  /// The monotonic time of the turn.
  let now: Duration
  /// How long a replacement waits for the task before it to stop.
  let stopTimeout: Duration
  /// How many tasks a slot keeps; negative keeps all.
  let historyLimit: Int64

  var service: Service { self.box.value }

  /// Decides about a slot whose service, or node, is no more.
  static func abandon(_ tasks: [SlotTask]) -> SlotDecision {
    var decision = SlotDecision()
    for slotTask in tasks {
      if slotTask.task.desiredState < .remove {
        decision.desired.append(DesiredStateChange(task: slotTask.task.id, state: .remove))
      } else if Self.isOver(slotTask) {
        decision.removable.append(slotTask.task.id)
      }
    }
    return decision
  }

  /// Decides about a slot.
  ///
  /// - Parameters:
  ///   - tasks: The slot's tasks, oldest first.
  ///   - admission: What the slot's node is good for.
  ///   - hold: Until when a task of the slot is held, as it was found before.
  func decide(
    _ tasks: [SlotTask],
    admission: SlotDecision.Admission,
    hold: ServiceRecord.Hold? = nil
  ) -> SlotDecision {
    if admission == .gone { return Self.abandon(tasks) }
    var decision = SlotDecision()
    var present = tasks.filter { $0.task.desiredState < .remove }
    decision.removable = tasks.filter { $0.task.desiredState >= .remove && Self.isOver($0) }.map(\.task.id)
    if self.service.spec.mode.isJob {
      present = self.retireIterations(present, into: &decision)
      if self.hasCompleted(present, into: &decision) { return decision }
    }
    guard self.service.mayHaveTasks else {
      let active = present.filter { $0.task.isWanted && !$0.task.hasEnded }
      decision.desired += active.map { DesiredStateChange(task: $0.task.id, state: .remove) }
      return decision
    }
    var wanted = present.filter(\.task.isWanted)
    if admission == .barred {
      decision.desired += wanted.map { DesiredStateChange(task: $0.task.id, state: .shutdown) }
      self.trimHistory(of: present.filter { !$0.task.isWanted }, kept: wanted.count, into: &decision)
      return decision
    }

    var lost = wanted.filter { !Self.stays($0) }
    wanted.removeAll { !Self.stays($0) }
    let leaving = self.lastToLeave(lost, replacedBy: wanted, in: present)
    if let leaving { lost.removeAll { $0.task.id == leaving.task.id } }
    if !wanted.contains(where: \.isFresh), let last = lost.last, let rest = self.rest(of: last.task, hold) {
      // It ended before it was its turn to run: its replacement waits for that turn, so that no delay is skipped. What it should have replaced runs on.
      decision.hold = rest
      decision.occupancy = .runnable
      // An update doesn't wait for the turn of what it replaces anyway.
      decision.freshness = last.isFresh ? .replacing : .outdated
      return decision
    }
    decision.desired += lost.map { DesiredStateChange(task: $0.task.id, state: .shutdown) }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(38), lost.last?.node == .down { decision.desired.removeAll { $0.task == lost.last?.task.id } }
    #endif

    if wanted.isEmpty {
      let last = lost.last ?? present.last
      let isNew = !lost.isEmpty || last?.task.id == leaving?.task.id
      self.refill(after: last, isNew: isNew, leaving: leaving, present, admission, into: &decision)
      if let leaving, decision.replacement == nil {
        decision.desired.append(DesiredStateChange(task: leaving.task.id, state: .shutdown))
      }
    } else {
      self.keepOne(of: wanted, present, overlapping: leaving == nil, hold, into: &decision)
    }
    let gone = present.filter { !$0.task.isWanted }
    // What an update didn't get to replace yet is no history of what follows the specification.
    let ended = lost.count(where: \.task.endedByItself)
    let kept = wanted.count(where: \.isFresh) + ended + (decision.replacement == nil ? 0 : 1)
    self.trimHistory(of: gone, kept: kept, into: &decision)
    return decision
  }

  private static func stays(_ slotTask: SlotTask) -> Bool {
    guard !slotTask.task.hasEnded else { return false }
    switch slotTask.node {
    case .unassigned, .usable: return true
    case .draining, .down, .gone: return false
    }
  }

  /// What runs on on a node that is drained until another task of the slot runs: where updates start the new task first, draining does so, too.
  ///
  /// Nobody waits for a replacement that the restart policy doesn't allow.
  private func lastToLeave(_ lost: [SlotTask], replacedBy wanted: [SlotTask], in present: [SlotTask]) -> SlotTask? {
    guard case .replicated = self.service.spec.mode, self.service.effectiveUpdate.order == .startFirst,
      !wanted.contains(where: { $0.task.status.state == .running })
    else { return nil }
    let running = lost.filter { $0.node == .draining && $0.task.status.state == .running }
    guard let last = Self.best(of: running), self.rules(of: last.task).replaces(last.task, in: present.map(\.task)) else {
      return nil
    }
    return last
  }

  private var finalState: TaskState { self.service.spec.mode.finalState }

  private func rules(of task: SwarmTask) -> RestartRules { RestartRules(task.spec.value.restart) }

  // MARK: - Empty slots

  /// Nobody is left in the slot, or only who is leaving: replaces the last task if its restart policy says so.
  private func refill(
    after last: SlotTask?,
    isNew: Bool,
    leaving: SlotTask?,
    _ present: [SlotTask],
    _ admission: SlotDecision.Admission,
    into decision: inout SlotDecision
  ) {
    guard let last else {
      if self.service.spec.mode.isGlobal, admission == .open { self.fill(self.finalState, startAt: nil, &decision) }
      return
    }
    let rules = self.rules(of: last.task)
    guard rules.replaces(last.task, in: present.map(\.task)) else {
      // A rollback always ends with tasks of the old specification, whatever became of them before.
      guard self.service.updateStatus?.state != .rollbackStarted || last.isFresh else { return }
      decision.occupancy = .finished
      // No update waits for a node that takes no tasks; when it does again, the slot is looked at again.
      decision.freshness = last.isFresh || admission != .open ? .current : .outdated
      return
    }
    // On lost and drained nodes nothing is wrong with the task itself. An agent that stops what nobody told it to stop gets no next one at once.
    let wasStoppedUnasked = last.task.status.state == .shutdown && last.task.isWanted && last.node == .usable
    var delay = last.task.endedByItself || wasStoppedUnasked ? rules.delay : .zero
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(42), last.task.status.state == .rejected { delay = .zero }
    #endif
    // Its replacement had to wait for its node, or never reached the log: what is left of the delay still counts.
    if !isNew { delay = min(max(last.task.endedAt + delay - self.time, .zero), delay) }
    // It lost its node while it waited for its turn, which is still to come.
    if last.isFresh { delay = max(delay, self.delay(of: last.task)) }
    // Who ended long ago leaves a vacant slot; of numbered ones the service fills as many as it needs.
    let isLeftVacant = !isNew && delay == .zero && leaving == nil && !self.service.spec.mode.isGlobal
    guard !isLeftVacant, admission == .open else { return }
    let waits = present.contains { $0.isRunningSomewhere && $0.task.id != leaving?.task.id }
    let startAt = delay > .zero ? self.time + delay : nil
    self.fill(delay > .zero || waits ? .ready : self.finalState, startAt: startAt, &decision)
  }

  private func fill(_ desired: TaskState, startAt: Timestamp?, _ decision: inout SlotDecision) {
    decision.replacement = SlotDecision.Replacement(desired: desired, startAt: startAt)
    decision.occupancy = .runnable
    decision.freshness = .replacing
  }

  // MARK: - Filled slots

  /// Several tasks may want to run: one does, and during a start-first update the one that it replaces as well.
  ///
  /// - Parameter overlapping: Whether that is possible: nobody runs on a node that is drained in the slot's name.
  private func keepOne(
    of wanted: [SlotTask],
    _ present: [SlotTask],
    overlapping: Bool,
    _ hold: ServiceRecord.Hold?,
    into decision: inout SlotDecision
  ) {
    decision.occupancy = .runnable
    let fresh = wanted.filter(\.isFresh)
    guard let keeper = Self.best(of: fresh.isEmpty ? wanted : fresh) else { return }
    let overlaps = overlapping && self.service.effectiveUpdate.order == .startFirst && keeper.task.status.state < .running
    var stopping = present.filter { !$0.task.isWanted && $0.isRunningSomewhere }
    for other in wanted where other.task.id != keeper.task.id {
      if keeper.isFresh, !other.isFresh, overlaps { continue }
      decision.desired.append(DesiredStateChange(task: other.task.id, state: .shutdown))
      if other.isRunningSomewhere { stopping.append(other) }
    }
    if !keeper.isFresh {
      decision.freshness = self.isGivenUp(present) ? .current : .outdated
    } else {
      decision.freshness = keeper.task.status.state < .running ? .replacing : .current
    }
    if keeper.task.desiredState < .running { self.start(keeper.task, unless: stopping, hold, into: &decision) }
  }

  /// Whether no more tasks of the current specification are tried beside the one that runs, because as many as may be ended by themselves.
  private func isGivenUp(_ present: [SlotTask]) -> Bool {
    // What became of the old specification before the update doesn't count when it is rolled back.
    let isRollback = self.service.updateStatus?.state == .rollbackStarted
    let last = present.last { other in
      other.isFresh && other.task.endedByItself && (!isRollback || other.task.specVersion == self.service.specVersion)
    }
    guard let last else { return false }
    return !self.rules(of: last.task).replaces(last.task, in: present.map(\.task))
  }

  /// The task that is furthest on its way.
  static func best(of tasks: [SlotTask]) -> SlotTask? {
    tasks.max { left, right in
      let (one, two) = (left.task, right.task)
      if one.status.state != two.status.state { return one.status.state < two.status.state }
      if one.desiredState != two.desiredState { return one.desiredState < two.desiredState }
      return one.id > two.id
    }
  }

  /// Lets a prepared task run once its delay is over and the task before it has stopped.
  private func start(
    _ task: SwarmTask,
    unless stopping: [SlotTask],
    _ hold: ServiceRecord.Hold?,
    into decision: inout SlotDecision
  ) {
    var wait = self.delay(of: task)
    if !stopping.isEmpty {
      let limit = task.meta.createdAt + self.stopTimeout
      wait = max(wait, min(max(limit - self.time, .zero), self.stopTimeout))
    }
    if let hold = self.hold(task, for: wait, isForStop: !stopping.isEmpty, hold) {
      decision.hold = hold
    } else {
      decision.desired.append(DesiredStateChange(task: task.id, state: self.finalState))
    }
  }

  /// Until when an ended task would still have been waiting for its start.
  private func rest(of task: SwarmTask, _ hold: ServiceRecord.Hold?) -> ServiceRecord.Hold? {
    guard task.hasEnded, task.desiredState < .running else { return nil }
    return self.hold(task, for: self.delay(of: task), isForStop: false, hold)
  }

  /// What is left of the task's restart delay; clamped, so that no jump of a clock makes it longer than it is.
  private func delay(of task: SwarmTask) -> Duration {
    guard let startAt = task.startAt else { return .zero }
    return min(max(startAt - self.time, .zero), self.rules(of: task).delay)
  }

  private func hold(
    _ task: SwarmTask,
    for wait: Duration,
    isForStop: Bool,
    _ known: ServiceRecord.Hold?
  ) -> ServiceRecord.Hold? {
    var until = self.now + wait
    // A node that comes back while the delay goes on may bring a task that is to stop: that is another reason to wait.
    if let known, known.task == task.id, known.isForStop || !isForStop { until = min(until, known.until) }
    return until > self.now ? ServiceRecord.Hold(task: task.id, until: until, isForStop: isForStop) : nil
  }

  // MARK: - History

  /// Whether nothing more will ever happen to the task.
  private static func isOver(_ slotTask: SlotTask) -> Bool {
    slotTask.task.hasEnded || slotTask.task.status.state < .assigned || slotTask.node == .gone
  }

  func trimHistory(of gone: [SlotTask], kept: Int, into decision: inout SlotDecision) {
    // Who never had a node has no history.
    decision.removable += gone.filter { $0.task.status.state < .assigned }.map(\.task.id)
    var over = gone.filter { Self.isOver($0) && $0.task.status.state >= .assigned }
    let rules = RestartRules(self.service.spec.task.restart)
    guard let limit = rules.historyLimit(default: self.historyLimit) else { return }
    // Who is still to stop, maybe on a node that nobody reaches, is no history yet and drives none out.
    let surplus = over.count + kept - limit
    // In a slot where nobody is left, how the newest ended says whether it is filled again.
    if kept == 0, let newest = gone.last?.task.id { over.removeAll { $0.task.id == newest } }
    guard surplus > 0 else { return }
    // Ends that count as attempts are kept longest.
    let ordered = over.filter { !$0.task.endedByItself } + over.filter(\.task.endedByItself)
    decision.removable += ordered.prefix(surplus).map(\.task.id)
  }
}

extension Service {
  /// The configuration of the update, or rollback, that is going on or would be next.
  var effectiveUpdate: UpdateConfig {
    let isRollback = self.updateStatus?.state == .rollbackStarted || self.updateStatus?.state == .rollbackPaused
    return (isRollback ? self.spec.rollback : self.spec.update) ?? UpdateConfig()
  }
}
