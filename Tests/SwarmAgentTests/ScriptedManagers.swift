// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// Managers without sockets: a leader that assigns what the test says, and followers that point to it.
final class ScriptedManagers: ManagerConnecting {
  typealias Messages = AsyncThrowingStream<SessionMessage, any Error>
  typealias Assignments = AsyncThrowingStream<AssignmentsMessage, any Error>

  /// What the managers saw and know.
  struct State {
    var reachable: Set<String>
    var leader: String?
    var hasHints = true
    /// Managers that accept a session and then say nothing.
    var silent: Set<String> = []
    var tasks: [TaskID: SwarmTask] = [:]
    var attempts: [String] = []
    var requests: [SessionRequest] = []
    var heartbeats = 0
    var reports: [[TaskStatusUpdate]] = []
    var reportFailures = 0
    var sessionID: SessionID?
    /// How many reports had come when the agent ended its last session.
    var reportsInSession: Int?
    var sets = 0
    var ids = IdentifierGenerator(seed: 1)
    var messages: Messages.Continuation?
    var assignments: Assignments.Continuation?

    /// The last status reported of a task.
    func status(_ task: TaskID) -> TaskStatus? {
      self.reports.joined().last { $0.task == task }?.status
    }
  }

  private struct Waiter {
    var condition: @Sendable (State) -> Bool
    var continuation: CheckedContinuation<Void, Never>
  }

  private let state: Mutex<State>
  private let waiters = Mutex<(last: UInt64, waiting: [UInt64: Waiter])>((0, [:]))

  init(leader: String? = "a", others: [String] = []) {
    self.state = Mutex(State(reachable: Set(others + (leader.map { [$0] } ?? [])), leader: leader))
  }

  var now: State { self.state.withLock { $0 } }

  /// Changes something and wakes who waited for it.
  @discardableResult
  func change<Result: Sendable>(_ body: (inout State) throws -> Result) rethrows -> Result {
    defer { self.wakeWaiters() }
    return try self.state.withLock { try body(&$0) }
  }

  /// Waits until a condition holds, or the test is cancelled.
  func until(_ condition: @escaping @Sendable (State) -> Bool) async {
    let id = self.waiters.withLock { waiters in
      waiters.last += 1
      return waiters.last
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waiter = Waiter(condition: condition, continuation: continuation)
        self.waiters.withLock { $0.waiting[id] = waiter }
        self.wakeWaiters()
        if Task.isCancelled { self.stopWaiting(id) }
      }
    } onCancel: {
      self.stopWaiting(id)
    }
  }

  private func stopWaiting(_ id: UInt64) {
    self.waiters.withLock { $0.waiting.removeValue(forKey: id) }?.continuation.resume()
  }

  /// Waits until the last status reported of a task is this one.
  func until(_ task: TaskID, is state: TaskState) async {
    await self.until { $0.status(task)?.state == state }
  }

  private func wakeWaiters() {
    let state = self.now
    let due = self.waiters.withLock { waiters in
      let due = waiters.waiting.filter { $0.value.condition(state) }
      for id in due.keys { waiters.waiting[id] = nil }
      return due.values.map(\.continuation)
    }
    for continuation in due { continuation.resume() }
  }

  func withConnection<Result: Sendable>(
    to address: String,
    as node: NodeID,
    _ body: (any DispatcherConnection) async throws -> Result
  ) async throws -> Result {
    try self.change {
      $0.attempts.append(address)
      guard $0.reachable.contains(address) else {
        throw SwarmError(code: .unavailable, message: "nobody answers at \(address)")
      }
    }
    return try await body(ScriptedConnection(address: address, managers: self))
  }
}

// MARK: - What a test does

extension ScriptedManagers {
  /// Assigns a task, or changes what is wanted of it.
  func assign(_ tasks: SwarmTask...) {
    self.change { state in
      for task in tasks { state.tasks[task.id] = task }
      Self.send(tasks.map { AssignmentChange(action: .update, object: .task($0)) }, &state)
    }
  }

  /// Takes a task away.
  func remove(_ id: TaskID) {
    self.change { state in
      state.tasks[id] = nil
      Self.send([AssignmentChange(action: .remove, object: .task(SwarmTask(id: id)))], &state)
    }
  }

  /// Skips a message, so that the next one doesn't apply.
  func skipMessage() { self.change { $0.sets += 1 } }

  /// The leader loses the session.
  func loseSession(_ error: SwarmError? = nil) {
    let (messages, assignments) = self.change { state in
      defer { (state.messages, state.assignments) = (nil, nil) }
      return (state.messages, state.assignments)
    }
    messages?.finish(throwing: error)
    assignments?.finish(throwing: error)
  }

  private static func send(_ changes: [AssignmentChange], _ state: inout State) {
    guard let stream = state.assignments else { return }
    let appliesTo = "\(state.sets)"
    state.sets += 1
    stream.yield(
      AssignmentsMessage(kind: .incremental, appliesTo: appliesTo, resultsIn: "\(state.sets)", changes: changes)
    )
  }
}

/// A connection to one of the ``ScriptedManagers``.
struct ScriptedConnection: DispatcherConnection {
  let address: String
  let managers: ScriptedManagers

  private func requireLeader(_ state: ScriptedManagers.State) throws {
    guard state.leader == self.address else {
      let hint = state.hasHints ? state.leader : nil
      throw SwarmError(code: .unavailable, message: "\(self.address) isn't the leader", leaderHint: hint)
    }
  }

  func session(_ request: SessionRequest) async throws -> ScriptedManagers.Messages {
    let (stream, continuation) = ScriptedManagers.Messages.makeStream()
    try self.managers.change { state in
      if state.silent.contains(self.address) { return }
      try self.requireLeader(state)
      state.requests.append(request)
      let id = request.sessionID ?? state.ids.make()
      state.sessionID = id
      state.messages = continuation
      state.reportsInSession = nil
      continuation.onTermination = { _ in self.managers.change { $0.reportsInSession = $0.reports.count } }
      let peers = state.reachable.sorted().map {
        WeightedPeer(nodeID: AgentHost.makeID($0.first ?? "a"), address: $0)
      }
      continuation.yield(SessionMessage(sessionID: id, managers: peers))
    }
    return stream
  }

  func heartbeat(node: NodeID, session: SessionID) async throws -> Duration {
    try self.managers.change { state in
      try self.requireLeader(state)
      state.heartbeats += 1
    }
    return .seconds(7)
  }

  func assignments(node: NodeID, session: SessionID) async throws -> ScriptedManagers.Assignments {
    let (stream, continuation) = ScriptedManagers.Assignments.makeStream()
    try self.managers.change { state in
      try self.requireLeader(state)
      state.assignments = continuation
      state.sets = 1
      let changes = state.tasks.values.sorted { $0.id < $1.id }
        .map { AssignmentChange(action: .update, object: .task($0)) }
      continuation.yield(AssignmentsMessage(kind: .complete, appliesTo: "", resultsIn: "1", changes: changes))
    }
    return stream
  }

  func updateTaskStatus(node: NodeID, session: SessionID, updates: [TaskStatusUpdate]) async throws {
    try self.managers.change { state in
      try self.requireLeader(state)
      guard state.sessionID == session else {
        throw SwarmError(code: .invalidArgument, message: "wrong session")
      }
      guard state.reportFailures == 0 else {
        state.reportFailures -= 1
        throw SwarmError(code: .unavailable, message: "try again")
      }
      state.reports.append(updates)
    }
  }
}
