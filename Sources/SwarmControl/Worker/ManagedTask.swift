// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// One task on its node: what managers want of it, what was observed, what is being done.
///
/// A state machine of its own: each event is followed by ``advance(at:)``, which says what to do next. At any
/// time at most one operation is in flight, and beside it at most one `wait`.
package struct ManagedTask: Sendable, Hashable {
  /// What to do next for the task.
  enum Step: Hashable {
    /// Begin an operation.
    case begin(TaskOperation.Verb)
    /// Cancel the operation in flight.
    case cancelOperation
    /// Cancel the `wait` in flight.
    case cancelWait
    /// Nothing is left of the task: forget it.
    case forget
  }

  /// What the runtime was asked to make for the task in the life of this agent.
  enum Controller: Hashable {
    case none
    case made
    case refused
  }

  /// The task as managers assigned it, with the status that was observed here.
  ///
  /// Desired and observed state only go up.
  package internal(set) var task: SwarmTask
  /// Whether managers still want to know of the task.
  package internal(set) var isAssigned = true
  /// Whether the task is to end, once and for all.
  package internal(set) var isStopping = false
  /// Whether a manager of now has asked for the task.
  ///
  /// After a restart nothing is prepared or started before that.
  var isConfirmed: Bool
  /// When to go on after a temporary failure.
  var retryAt: Duration?

  /// What the runtime made for the task in the life of this agent.
  var controller = Controller.none
  /// Whether `prepare` succeeded in the life of this agent.
  var isPrepared = false
  /// The operation in flight.
  var operation: TaskOperation.Verb?
  /// Whether the operation in flight was cancelled.
  var isCancelling = false
  /// Whether a `wait` is in flight.
  var isWaiting = false
  /// Whether the `wait` in flight was cancelled.
  var isWaitCancelled = false
  /// Whether waiting was tried and can't work.
  var isWaitGivenUp = false
  /// How the task ended, once known.
  var exit: TaskExit?
  /// Whether `shutdown` was tried and can't work.
  var mustTerminate = false
  /// Whether the runtime was made to end the task.
  var hasEnded = false
  /// Why the task is going to be FAILED as soon as it is sure that nothing of it runs.
  var failure: String?
  /// Whether the runtime holds nothing for the task any more.
  var isGone = false
  /// Whether the runtime may hold something for the task.
  var isKnownToRuntime: Bool

  /// Whether there is a record of the task on disk.
  var hasRecord = false
  /// What changed since the flags were last cleared: the record on disk is out of date.
  var needsRecord = false
  /// What changed since the flags were last cleared: managers have to hear of the status.
  var needsReport = false

  /// A task that a manager assigned just now.
  ///
  /// When the manager knows more of it than this node does (its records were lost), the task goes on from
  /// there.
  init(assigned task: SwarmTask, time: Timestamp) {
    self.task = task
    self.isConfirmed = true
    self.isKnownToRuntime = task.status.state > .assigned
    self.isStopping = task.desiredState >= .shutdown
    // What wasn't started needs no record: a restarted agent has the runtime discard it, and is assigned it again.
    self.needsRecord = task.status.state >= .starting
    self.needsReport = true
    if task.status.state < .accepted {
      self.task.status = TaskStatus(timestamp: time, state: .accepted, message: "accepted")
    }
  }

  /// A task that was running on this node before the agent was restarted.
  init(restored record: TaskRecord) {
    self.task = record.task
    self.isConfirmed = false
    self.isKnownToRuntime = true
    self.hasRecord = true
    self.isStopping = record.task.desiredState >= .shutdown
  }

  /// What has to be on disk about the task.
  var record: TaskRecord { TaskRecord(task: self.task) }

  /// What was observed.
  package var status: TaskStatus { self.task.status }

  /// Whether the task's end was observed.
  package var isTerminal: Bool { self.status.state > .running }

  /// Whether something is being done for the task.
  var isBusy: Bool { self.operation != nil || self.isWaiting }
}

// MARK: - What managers and the node want

extension ManagedTask {
  /// A manager sent the task (again).
  ///
  /// Only its desired state counts, and only upwards; a task never moves to another node.
  mutating func assigned(_ task: SwarmTask) {
    self.isAssigned = true
    self.isConfirmed = true
    guard task.desiredState > self.task.desiredState else { return }
    self.task.desiredState = task.desiredState
    if self.hasRecord { self.needsRecord = true }
    if task.desiredState >= .shutdown { self.stop() }
  }

  /// No manager wants to know of the task any more: it ends and everything of it is removed.
  mutating func unassigned() {
    self.isAssigned = false
    self.isConfirmed = true
    self.stop()
  }

  /// The task has to end, whatever managers want.
  mutating func stop() {
    guard !self.isStopping else { return }
    self.isStopping = true
    self.retryAt = nil
  }

  /// The time of ``retryAt`` has come.
  mutating func retry() {
    self.retryAt = nil
  }

  /// The task's record couldn't be written.
  mutating func recordFailed() {
    self.needsRecord = true
  }
}

// MARK: - Moving on

extension ManagedTask {
  /// How long after a temporary failure an operation is tried again.
  static var retryDelay: Duration { .seconds(1) }

  /// Observes the end of the task.
  mutating func finish(_ state: TaskState, _ message: String, at time: Timestamp) {
    if state == .shutdown { self.task.status.err = "" }
    self.move(to: state, message, at: time)
    self.needsRecord = true
  }

  /// Observes a further state; never goes back.
  mutating func move(to state: TaskState, _ message: String, at time: Timestamp) {
    guard state > self.task.status.state else { return }
    self.task.status.state = state
    self.task.status.message = message
    self.task.status.timestamp = time
    // What has ended has no port open.
    if state > .running { self.task.status.portStatus = nil }
    self.needsReport = true
  }
}
