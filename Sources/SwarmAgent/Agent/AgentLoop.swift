// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SwarmControl
internal import SwarmModel

/// Owns the worker: takes what has happened, and carries out what follows from it, one turn after the other.
struct AgentLoop {
  private struct OperationKey: Hashable {
    var task: TaskID
    var isWait: Bool
  }

  private var worker: Worker
  private var session: SessionLink?
  private var running: [OperationKey: CancellableOperation<TaskOperation.Outcome>] = [:]
  private var wakeAt: Duration?
  private var isStopping = false

  private let nodeID: NodeID
  private let directory: NodeContext
  private let records: TaskRecordStore
  private let node: NodeState
  private let runner: OperationRunner
  private let clock: AgentClock
  private let inbox: Mailbox<AgentMessage>
  private let logger: Logger

  init(
    worker: Worker,
    context: NodeContext,
    records: TaskRecordStore,
    node: NodeState,
    runner: OperationRunner,
    clock: AgentClock,
    inbox: Mailbox<AgentMessage>,
    logger: Logger
  ) {
    self.worker = worker
    self.nodeID = context.nodeID
    self.directory = context
    self.records = records
    self.node = node
    self.runner = runner
    self.clock = clock
    self.inbox = inbox
    self.logger = logger
  }

  /// Runs until the task is cancelled or the agent is told to stop.
  ///
  /// Operations become children of the group.
  mutating func run(in group: inout ThrowingDiscardingTaskGroup<any Error>, endSession: () -> Void) async {
    self.worker.resume(time: self.clock.time())
    self.carryOut(self.worker.turn(), in: &group)
    while let messages = await self.inbox.next() {
      let now = self.clock.now()
      let time = self.clock.time()
      for message in messages {
        if case .stop(let disposition) = message {
          guard disposition == .stopTasks else { return endSession() }
          self.isStopping = true
          // Nothing more comes from the manager; how tasks end still goes there.
          if let session { session.orders.post(.leave) } else { endSession() }
          self.worker.handle(.stopAll, now: now, time: time)
        } else {
          self.take(message, now: now, time: time)
        }
      }
      self.carryOut(self.worker.turn(), in: &group)
      guard self.isStopping else { continue }
      if self.session == nil { endSession() }
      if self.worker.isQuiet, self.session == nil || self.worker.hasReported { return endSession() }
    }
  }

  private mutating func take(_ message: AgentMessage, now: Duration, time: Timestamp) {
    switch message {
    case .sessionOpened(let link):
      guard !self.isStopping else { return }
      // The node may have changed while the session was being opened.
      guard link.description == self.node.description else { return Self.registerAgain(link) }
      self.session = link
      self.worker.handle(.sessionOpened, now: now, time: time)
    case .sessionClosed(let number):
      guard self.session?.number == number else { return }
      self.session = nil
      self.worker.handle(.sessionClosed, now: now, time: time)
    case .session(let number, let event):
      guard self.session?.number == number else { return }
      self.worker.handle(event, now: now, time: time)
    case .ended(let operation, let outcome):
      self.running[OperationKey(task: operation.task, isWait: operation.verb == .wait)] = nil
      self.note(operation, outcome)
      self.worker.handle(.ended(operation.task, operation.verb, outcome), now: now, time: time)
    case .nodeChanged:
      guard let session = self.session, session.description != self.node.description else { return }
      Self.registerAgain(session)
    case .wake:
      self.wakeAt = nil
      self.worker.handle(.wake, now: now, time: time)
    case .stop:
      break
    }
  }

  /// Ends a session, so that the next one tells what the node is now.
  private static func registerAgain(_ link: SessionLink) {
    link.markDescriptionOld()
    link.orders.post(.end(SwarmError(code: .aborted, message: "the node changed")))
  }

  private mutating func carryOut(_ turn: WorkerTurn, in group: inout ThrowingDiscardingTaskGroup<any Error>) {
    let unwritten = self.write(turn)
    for cancellation in turn.cancellations {
      self.running[OperationKey(task: cancellation.task, isWait: cancellation.isWait)]?.cancel()
    }
    for operation in turn.operations {
      if let reason = unwritten[operation.task] {
        self.inbox.post(.ended(operation, .temporary(reason)))
      } else {
        self.begin(operation, in: &group)
      }
    }
    if let report = turn.report { self.session?.orders.post(.report(report)) }
    if let failure = turn.sessionFailure {
      self.logger.warning("the session can't go on", metadata: ["reason": "\(failure.message)"])
      self.session?.orders.post(.end(failure))
      self.session = nil
    }
    if let wake = turn.nextWake { self.schedule(wake, in: &group) }
  }

  /// Writes and deletes records; returns what couldn't be written, and why.
  private mutating func write(_ turn: WorkerTurn) -> [TaskID: String] {
    var unwritten: [TaskID: String] = [:]
    for record in turn.records {
      self.runner.note(record)
      do {
        try self.records.write(record)
      } catch {
        unwritten[record.task.id] = error.message
      }
    }
    for task in turn.forgotten {
      self.runner.drop(task)
      do {
        try self.records.delete(task)
      } catch {
        self.logger.warning("a task record stays behind", metadata: ["reason": "\(error.message)"])
      }
    }
    if let reason = unwritten.values.first {
      self.logger.error("task records can't be written", metadata: ["reason": "\(reason)"])
      self.worker.handle(.recordsFailed(unwritten.keys.sorted()), now: self.clock.now(), time: self.clock.time())
    }
    return unwritten
  }

  private mutating func begin(
    _ operation: TaskOperation,
    in group: inout ThrowingDiscardingTaskGroup<any Error>
  ) {
    let work = CancellableOperation<TaskOperation.Outcome>()
    self.running[OperationKey(task: operation.task, isWait: operation.verb == .wait)] = work
    let creation = operation.verb == .create ? self.creation(of: operation.task) : nil
    let runner = self.runner
    let inbox = self.inbox
    group.addTask {
      let outcome = await work.run {
        if let (task, context) = creation { return await runner.create(task, context) }
        return await runner.perform(operation)
      }
      inbox.post(.ended(operation, outcome))
    }
  }

  private func creation(of id: TaskID) -> (SwarmTask, TaskContext)? {
    guard let task = self.worker.task(id)?.task else { return nil }
    let description = self.node.runtimeDescription
    let context = TaskContext(
      nodeID: self.nodeID,
      nodeHostname: description.hostname,
      platform: description.platform,
      taskName: TaskContext.name(of: task),
      serviceName: task.serviceAnnotations.name,
      serviceLabels: task.serviceAnnotations.labels,
      directory: self.directory.directory(of: id),
      secrets: self.worker.secrets(of: task),
      configs: self.worker.configs(of: task)
    )
    return (task, context)
  }

  private mutating func schedule(_ wake: Duration, in group: inout ThrowingDiscardingTaskGroup<any Error>) {
    if let wakeAt = self.wakeAt, wakeAt <= wake { return }
    self.wakeAt = wake
    let clock = self.clock
    let inbox = self.inbox
    group.addTask {
      let delay = wake - clock.now()
      if delay > .zero { try? await clock.sleep(delay) }
      inbox.post(.wake)
    }
  }

  private func note(_ operation: TaskOperation, _ outcome: TaskOperation.Outcome) {
    switch outcome {
    case .failed(let reason), .temporary(let reason):
      self.logger.info(
        "task operation failed",
        metadata: ["task": "\(operation.task)", "operation": "\(operation.verb)", "reason": "\(reason)"]
      )
    case .done, .started, .exited, .cancelled:
      self.logger.trace(
        "task operation ended",
        metadata: ["task": "\(operation.task)", "operation": "\(operation.verb)"]
      )
    }
  }
}
