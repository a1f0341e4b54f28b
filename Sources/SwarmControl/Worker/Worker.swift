// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import SwarmModel

/// What an agent knows of its tasks and does next: a value without clock, files or network.
///
/// Feed it with ``handle(_:now:time:)`` and carry out what ``turn()`` hands back. Rules that always hold,
/// whatever the events:
///
/// - the observed state of a task only goes up, and a task that was told to stop is never started;
/// - per task at most one operation is in flight, beside which at most a `wait` runs;
/// - a task is written down before it is started, and its record is kept until managers forget the task.
package struct Worker: Sendable {
  /// Something that happened.
  package enum Event: Sendable {
    /// A session with the leader is open.
    ///
    /// Every known status is reported again with it.
    case sessionOpened
    /// The session is lost.
    case sessionClosed
    /// A message of the session's assignment stream.
    case assignments(AssignmentsMessage)
    /// The report of this number arrived.
    case reported(UInt64)
    /// An operation ended.
    case ended(TaskID, TaskOperation.Verb, TaskOperation.Outcome)
    /// Records of the last turn couldn't be written.
    ///
    /// Their operations end as ``TaskOperation/Outcome/temporary(_:)``, without having begun.
    case recordsFailed([TaskID])
    /// ``WorkerTurn/nextWake`` has come.
    case wake
    /// The node goes away: every task is to end.
    case stopAll
  }

  /// The most statuses in one report.
  package static let reportLimit = 1024

  let nodeID: NodeID
  var tasks: [TaskID: ManagedTask] = [:]
  var secrets: [SecretID: Secret] = [:]
  var configs: [ConfigID: Config] = [:]
  /// The set of assignments that the next incremental message has to apply to; nil before a complete one.
  var assignmentSet: String?
  var isSessionOpen = false
  var isStoppingAll = false

  private var retries: [TaskID: Duration] = [:]
  private var outOfDate: Deque<TaskID> = []
  private var unreported: Deque<TaskID> = []
  private var isUnreported: Set<TaskID> = []
  private var reportInFlight: UInt64?
  private var lastReport: UInt64 = 0
  private var pending = WorkerTurn()

  /// Creates the worker of a node, with the records that an earlier agent left on disk.
  package init(nodeID: NodeID, records: [TaskRecord] = []) {
    self.nodeID = nodeID
    for record in records {
      self.tasks[record.task.id] = ManagedTask(restored: record)
    }
  }

  /// Takes note of an event.
  ///
  /// What follows from it comes with the next ``turn()``.
  package mutating func handle(_ event: Event, now: Duration, time: Timestamp) {
    switch event {
    case .sessionOpened:
      self.openSession()
    case .sessionClosed:
      self.closeSession()
    case .assignments(let message):
      self.assign(message, now: now, time: time)
    case .reported(let number):
      if self.reportInFlight == number { self.reportInFlight = nil }
    case .ended(let id, let verb, let outcome):
      self.tasks[id]?.ended(verb, outcome, at: time, now: now)
      self.advance(id, time: time)
    case .recordsFailed(let ids):
      for id in ids {
        self.tasks[id]?.recordFailed()
        self.advance(id, time: time)
      }
    case .wake:
      self.retry(now: now, time: time)
    case .stopAll:
      self.isStoppingAll = true
      for id in self.tasks.keys.sorted() {
        self.tasks[id]?.stop()
        self.advance(id, time: time)
      }
    }
  }

  /// Begins the life of a restarted worker: goes on with what the records say runs or is being stopped.
  package mutating func resume(time: Timestamp) {
    for id in self.tasks.keys.sorted() { self.advance(id, time: time) }
  }

  /// Hands over all that has to be done now.
  package mutating func turn() -> WorkerTurn {
    var turn = self.pending
    self.pending = WorkerTurn()
    var written: Set<TaskID> = []
    while let id = self.outOfDate.popFirst() {
      guard let task = self.tasks[id] else { continue }
      if written.insert(id).inserted { turn.records.append(task.record) }
    }
    if !turn.forgotten.isEmpty {
      turn.forgotten.removeAll { self.tasks[$0] != nil }
    }
    turn.report = self.nextReport()
    turn.nextWake = self.retries.values.min()
    return turn
  }

  /// The status of every task that managers want to know of, sorted by id.
  package var statuses: [TaskStatusUpdate] {
    self.tasks.values.filter(\.isAssigned)
      .map { TaskStatusUpdate(task: $0.task.id, status: $0.status) }
      .sorted { $0.task < $1.task }
  }

  /// What is known of a task here; nil when it is unknown or forgotten.
  package func task(_ id: TaskID) -> ManagedTask? { self.tasks[id] }

  /// Whether every task has ended and nothing is being done any more.
  package var isQuiet: Bool {
    self.tasks.values.allSatisfy { $0.isTerminal && !$0.isBusy }
  }

  /// Whether managers know all that there is to know.
  package var hasReported: Bool { self.unreported.isEmpty && self.reportInFlight == nil }
}

// MARK: - Tasks

extension Worker {
  /// Lets a task move on as far as it can, and collects what that takes.
  mutating func advance(_ id: TaskID, time: Timestamp) {
    while let step = self.tasks[id]?.advance(at: time) {
      switch step {
      case .begin(let verb):
        self.pending.operations.append(TaskOperation(task: id, verb: verb))
      case .cancelOperation:
        self.pending.cancellations.append(.init(task: id))
      case .cancelWait:
        self.pending.cancellations.append(.init(task: id, isWait: true))
      case .forget:
        let hasRecord = self.tasks.removeValue(forKey: id)?.hasRecord ?? false
        if hasRecord { self.pending.forgotten.append(id) }
      }
    }
    self.retries[id] = self.tasks[id]?.retryAt
    guard self.tasks[id] != nil else { return }
    if self.tasks[id]?.needsRecord == true {
      self.tasks[id]?.needsRecord = false
      self.tasks[id]?.hasRecord = true
      self.outOfDate.append(id)
    }
    if self.tasks[id]?.needsReport == true {
      self.tasks[id]?.needsReport = false
      self.report(id)
    }
  }

  private mutating func retry(now: Duration, time: Timestamp) {
    for id in self.retries.filter({ $0.value <= now }).keys.sorted() {
      self.tasks[id]?.retry()
      self.advance(id, time: time)
    }
  }
}

// MARK: - Sessions and reports

extension Worker {
  /// Ends the session from here: its stream of assignments makes no sense.
  mutating func failSession(_ message: String) {
    self.closeSession()
    self.pending.sessionFailure = SwarmError(code: .aborted, message: message)
  }

  private mutating func openSession() {
    self.closeSession()
    self.isSessionOpen = true
    self.pending.sessionFailure = nil
    for id in self.tasks.keys.sorted() { self.report(id) }
  }

  private mutating func closeSession() {
    self.isSessionOpen = false
    self.assignmentSet = nil
    self.reportInFlight = nil
    self.unreported.removeAll(keepingCapacity: true)
    self.isUnreported.removeAll(keepingCapacity: true)
  }

  private mutating func report(_ id: TaskID) {
    guard self.isSessionOpen, self.isUnreported.insert(id).inserted else { return }
    self.unreported.append(id)
  }

  private mutating func nextReport() -> WorkerTurn.StatusReport? {
    guard self.isSessionOpen, self.reportInFlight == nil else { return nil }
    var updates: [TaskStatusUpdate] = []
    while updates.count < Self.reportLimit, let id = self.unreported.popFirst() {
      self.isUnreported.remove(id)
      guard let task = self.tasks[id], task.isAssigned else { continue }
      updates.append(TaskStatusUpdate(task: id, status: task.status))
    }
    guard !updates.isEmpty else { return nil }
    self.lastReport += 1
    self.reportInFlight = self.lastReport
    return WorkerTurn.StatusReport(number: self.lastReport, updates: updates)
  }
}
