// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// Tries changes out on a fork of the control loop, in virtual time, with agents that do what they are told.
///
/// Nodes neither come nor go meanwhile, and nothing fails; what the control loop decides is what it would decide.
package struct Rehearsal: Sendable {
  /// How the tried out world behaves.
  package struct Configuration: Sendable, Hashable {
    /// How long tasks take from their assignment until they run.
    ///
    /// Default: 1 s.
    package var startTime: Duration
    /// How long tasks take to stop.
    ///
    /// Default: 1 s.
    package var stopTime: Duration
    /// How long tasks of jobs run.
    ///
    /// Default: 1 s.
    package var jobTime: Duration
    /// How far to look ahead.
    ///
    /// Default: 1 h.
    package var horizon: Duration
    /// The most log entries to look at.
    ///
    /// Default: 100,000.
    package var maximumEntries: Int

    package init(
      startTime: Duration = .seconds(1),
      stopTime: Duration = .seconds(1),
      jobTime: Duration = .seconds(1),
      horizon: Duration = .seconds(3_600),
      maximumEntries: Int = 100_000
    ) {
      self.startTime = startTime
      self.stopTime = stopTime
      self.jobTime = jobTime
      self.horizon = horizon
      self.maximumEntries = maximumEntries
    }
  }

  private let configuration: Configuration
  private var store: Store
  private var control: Control
  /// When the rehearsal began, by the control loop's clock and by the wall clock.
  private let began: (now: Duration, time: Timestamp)
  private var now: Duration
  private var entries = 0
  private var agents = Timers<TaskID>()
  private var nextWake: Duration?
  private var recorder: PlanRecorder

  /// Works out what requests would do, one after the other, together with what is under way anyway.
  ///
  /// - Parameters:
  ///   - control: The leader's control loop, or one made just now from a store: then, where nodes are equally good, others may be chosen.
  ///   - now: The present moment by the control loop's clock.
  ///   - time: The present wall time.
  /// - Throws: What the first request that can't be carried out would be answered.
  package static func plan(
    _ requests: [ControlRequest],
    with control: Control,
    now: Duration,
    time: Timestamp,
    configuration: Configuration = Configuration()
  ) throws(SwarmError) -> ChangePlan {
    var rehearsal = Rehearsal(control, now, time, configuration)
    var ids = IdentifierGenerator(seed: 1)
    for request in requests {
      let changes = try ControlRequest.changes(for: request, in: rehearsal.control.view, now: rehearsal.time, ids: &ids)
      rehearsal.commit(changes)
    }
    return rehearsal.run()
  }

  private init(_ control: Control, _ now: Duration, _ time: Timestamp, _ configuration: Configuration) {
    self.configuration = configuration
    self.control = control
    // What is in flight is taken for committed.
    self.store = control.view
    self.control.overlay = Overlay(control.view)
    self.control.statuses.landed()
    self.began = (now, time)
    self.now = now
    self.recorder = PlanRecorder(control.view)
    self.control.keepNodes(until: now + configuration.horizon)
    for task in self.store.tasks() { self.expect(task) }
  }

  private var time: Timestamp { self.began.time + (self.now - self.began.now) }

  private mutating func run() -> ChangePlan {
    while self.entries < self.configuration.maximumEntries {
      let turn = self.control.turn(now: self.now, time: self.time)
      self.nextWake = turn.nextWake
      for proposal in turn.proposals { self.commit(proposal.entry) }
      let due = self.agents.popDue(now: self.now)
      for task in due { self.report(task) }
      guard turn.proposals.isEmpty, due.isEmpty else { continue }
      // Nothing left to do now: goes on to the next moment at which there is.
      guard let next = [self.nextWake, self.agents.next()].compactMap(\.self).min() else { break }
      guard next <= self.began.now + self.configuration.horizon else {
        self.recorder.finish(isSettled: self.agents.next() == nil)
        return self.recorder.plan
      }
      self.now = max(self.now, next)
    }
    self.recorder.finish(isSettled: self.entries < self.configuration.maximumEntries)
    return self.recorder.plan
  }

  private mutating func commit(_ changes: [Change]) {
    self.commit(LogEntry(leaderTerm: 0, time: self.time, changes: changes))
  }

  private mutating func commit(_ entry: LogEntry) {
    self.entries += 1
    let applied = self.store.apply(entry, index: self.store.version + 1)
    self.recorder.record(applied, after: self.now - self.began.now)
    for change in applied.changes.tasks {
      if let task = change.new { self.expect(task) } else if let id = change.old?.id { self.agents.cancel(id) }
    }
    self.control.handle(.committed(entry: entry, applied: applied), now: self.now, time: self.time)
  }

  // MARK: - Agents

  /// Notes when the task's agent will have something to report next.
  private mutating func expect(_ task: SwarmTask) {
    guard let node = task.nodeID.flatMap({ self.store.node($0) }), node.status.state == .ready,
      let (_, duration) = self.nextState(of: task)
    else {
      self.agents.cancel(task.id)
      return
    }
    self.agents.set(task.id, at: self.now + duration)
  }

  private func nextState(of task: SwarmTask) -> (TaskState, Duration)? {
    guard task.status.state >= .assigned, !task.hasEnded else { return nil }
    if task.desiredState >= .shutdown { return (.shutdown, task.status.state == .running ? self.configuration.stopTime : .zero) }
    switch task.status.state {
    case .running:
      return task.desiredState == .complete ? (.complete, self.configuration.jobTime) : nil
    case .ready:
      return task.desiredState >= .running ? (.running, .zero) : nil
    default:
      return (task.desiredState >= .running ? .running : .ready, self.configuration.startTime)
    }
  }

  /// The task's agent reports, on the way that all reports take.
  private mutating func report(_ id: TaskID) {
    guard let task = self.store.task(id), let node = task.nodeID, let (state, _) = self.nextState(of: task) else { return }
    self.control.statuses.report(TaskStatus(timestamp: self.time, state: state, appliedAt: self.time), of: task, on: node)
  }
}

extension Control {
  /// Takes all nodes for as alive as they are now: nobody speaks for them here.
  fileprivate mutating func keepNodes(until end: Duration) {
    _ = self.nodes.giveUpUnheard()
    for node in self.sessions.byNode.keys.sorted() {
      self.sessions.with(node) { $0.lastHeard = end }
    }
  }
}
