// SPDX-License-Identifier: Apache-2.0

public import Logging
internal import NIOPosix
public import ServiceLifecycle
package import SwarmControl
public import SwarmIdentity
public import SwarmModel
internal import SwarmWire
internal import Synchronization

/// The worker of a node: keeps a session with the leader and runs the tasks that it assigns through a
/// ``ContainerRuntime``.
///
/// ```swift
/// let agent = try SwarmAgent(configuration: configuration, credentials: credentials, runtime: runtime, logger: logger)
/// try await agent.run()
/// ```
///
/// An agent runs once. Everything it does is a child of ``run()``.
public final class SwarmAgent: Sendable {
  private let configuration: SwarmAgentConfiguration
  private let runtime: any ContainerRuntime
  private let connector: any ManagerConnecting
  private let clock: AgentClock
  private let logger: Logger
  private let tlsInfo: @Sendable () -> NodeTLSInfo?
  private let onSessionMessage: @Sendable (SessionMessage) -> Void
  private let inbox = Mailbox<AgentMessage>()
  private let runner: OperationRunner
  private let hasRun = Mutex(false)
  private let hearsay = Mutex<[String]>([])

  /// Creates an agent that reaches managers over the network, with mutual TLS.
  ///
  /// - Parameters:
  ///   - configuration: the node, its directory, and where managers are.
  ///   - credentials: the node's certificate and the roots that it trusts.
  ///   - runtime: what runs the tasks.
  ///   - logger: where the agent says what it does.
  /// - Throws: ``SwarmError`` with code `invalidArgument` when the credentials can't be used for TLS.
  public convenience init(
    configuration: SwarmAgentConfiguration,
    credentials: NodeCredentials,
    runtime: any ContainerRuntime,
    logger: Logger
  ) throws(SwarmError) {
    let security = try NodeSecurity(credentials)
    self.init(
      configuration: configuration,
      runtime: runtime,
      connector: NetworkConnector(security: security, group: MultiThreadedEventLoopGroup.singleton),
      logger: logger,
      tlsInfo: { security.credentials.tlsInfo }
    )
  }

  /// Creates an agent.
  ///
  /// - Parameters:
  ///   - connector: how managers are reached.
  ///   - clock: where time comes from.
  ///   - tlsInfo: what managers are told of the node's certificate.
  ///   - onSessionMessage: is told every message of every session: the managers and the node object, as the
  ///     leader sees them.
  package init(
    configuration: SwarmAgentConfiguration,
    runtime: any ContainerRuntime,
    connector: any ManagerConnecting,
    clock: AgentClock = .system,
    logger: Logger,
    tlsInfo: @escaping @Sendable () -> NodeTLSInfo? = { nil },
    onSessionMessage: @escaping @Sendable (SessionMessage) -> Void = { _ in }
  ) {
    self.configuration = configuration
    self.runtime = runtime
    self.connector = connector
    self.clock = clock
    self.logger = logger
    self.tlsInfo = tlsInfo
    self.onSessionMessage = onSessionMessage
    self.runner = OperationRunner(runtime: runtime)
  }

  /// Runs the agent until it is shut down, its task is cancelled, or the runtime gives up.
  ///
  /// First it adopts what an earlier agent on the same state directory left: what ran and still runs, what
  /// ended meanwhile.
  ///
  /// - Throws: `SwarmError` when the state directory can't be used or a newer version wrote it; whatever
  ///   ``ContainerRuntime/open(_:)``, ``ContainerRuntime/run()`` or, unless temporary, the first
  ///   ``ContainerRuntime/describe()`` throw. Cancellation isn't an error.
  public func run() async throws {
    let isFirst = self.hasRun.withLock { hasRun in
      defer { hasRun = true }
      return !hasRun
    }
    guard isFirst else { throw SwarmError(code: .failedPrecondition, message: "an agent runs only once") }
    let disposition = self.configuration.onGracefulShutdown
    try await withGracefulShutdownHandler {
      try await self.runUntilStopped()
    } onGracefulShutdown: {
      self.shutdown(disposition)
    }
  }

  /// Ends the agent: ``run()`` returns when that is done.
  ///
  /// The session ends at once, so that managers know.
  ///
  /// - Parameter disposition: what becomes of the tasks.
  public func shutdown(_ disposition: TaskDisposition = .leaveRunning) {
    self.inbox.post(.stop(disposition))
  }

  /// Says where managers are, as the node has heard elsewhere: they are tried after those that the leader named.
  package func heard(ofManagers addresses: [String]) {
    self.hearsay.withLock { $0 = addresses }
  }

  /// Says that the node's certificate or its roots were replaced: managers are told when they see it, in a new session.
  package func certificateChanged() {
    self.inbox.post(.nodeChanged)
  }

  /// What a task on this node wrote; a stream that fails with ``RuntimeError/Code/notFound`` for a task that
  /// isn't here.
  public func logs(of task: TaskID, _ options: LogOptions = LogOptions()) -> LogStream {
    guard let controller = self.runner.controller(of: task) else {
      return LogStream(failing: RuntimeError(code: .notFound, message: "task \(task) is not on this node"))
    }
    return controller.logs(options)
  }

  /// The tasks that were started on this node and that managers haven't forgotten, sorted by id, as this node knows them.
  package var tasks: [SwarmTask] { self.runner.tasks }

  /// What is used of this node now, and what its running tasks use.
  package func usage() async throws -> NodeUsage {
    try await self.runner.usage(of: self.configuration.nodeID, at: self.clock.time())
  }

  /// Runs a command beside a task on this node, and returns its exit code; it ends, by force, with the call.
  ///
  /// - Throws: `SwarmError` with code `notFound` when the task isn't on this node, or what its runtime says, in the codes of the swarm.
  package func exec(
    _ request: ExecRequest,
    beside task: TaskID,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    try await self.runner.exec(request, beside: task, input: input, output: output)
  }
}

extension SwarmAgent {
  private func runUntilStopped() async throws {
    let records = try TaskRecordStore(directory: "\(self.configuration.stateDirectory)/tasks")
    let restored = try self.restore(records)
    for record in restored { self.runner.note(record) }
    let context = NodeContext(nodeID: self.configuration.nodeID, directory: "\(self.configuration.stateDirectory)/runtime")
    try StateFiles.makeDirectory(context.directory)
    do {
      try await self.runtime.open(context)
      let node = NodeState(runtime: self.runtime, description: try await self.describe(), tlsInfo: self.tlsInfo)
      try await self.discardUnknown(restored)
      try await self.work(restored, records, node, context)
    } catch is CancellationError {
      // The host wanted the agent to end.
    }
  }

  private func restore(_ records: TaskRecordStore) throws -> [TaskRecord] {
    let (restored, damages) = try records.load()
    for damage in damages {
      self.logger.warning(
        "a task record is damaged and not used",
        metadata: ["file": "\(damage.file)", "reason": "\(damage.error.message)"]
      )
    }
    return restored
  }

  private func describe() async throws -> RuntimeDescription {
    while true {
      do {
        return try await self.runtime.describe()
      } catch let error as RuntimeError where error.isTemporary {
        self.logger.info("the runtime isn't ready", metadata: ["reason": "\(error.message)"])
        try await self.clock.sleep(.seconds(1))
      }
    }
  }

  /// Nothing may run on this node that the agent doesn't know of.
  private func discardUnknown(_ restored: [TaskRecord]) async throws {
    let known = Set(restored.map(\.task.id))
    for task in try await self.runtime.knownTasks() where !known.contains(task) {
      self.logger.info("discarding a task that nobody knows", metadata: ["task": "\(task)"])
      do {
        try await self.runtime.discard(task)
      } catch let error as RuntimeError {
        self.logger.warning("a task can't be discarded", metadata: ["task": "\(task)", "reason": "\(error.message)"])
      }
    }
  }

  private func work(
    _ restored: [TaskRecord],
    _ records: TaskRecordStore,
    _ node: NodeState,
    _ context: NodeContext
  ) async throws {
    var loop = AgentLoop(
      worker: Worker(nodeID: self.configuration.nodeID, records: restored),
      context: context,
      records: records,
      node: node,
      runner: self.runner,
      clock: self.clock,
      inbox: self.inbox,
      logger: self.logger
    )
    let errands = ErrandRunner(
      nodeID: self.configuration.nodeID,
      connector: self.connector,
      runner: self.runner,
      clock: self.clock,
      logger: self.logger
    )
    let sessions = SessionLoop(
      nodeID: self.configuration.nodeID,
      seeds: self.configuration.managers,
      connector: self.connector,
      node: node,
      clock: self.clock,
      inbox: self.inbox,
      runner: self.runner,
      errands: errands,
      onMessage: self.onSessionMessage,
      hearsay: { self.hearsay.withLock(\.self) },
      logger: self.logger
    )
    try await withThrowingDiscardingTaskGroup { group in
      let conversation = CancellableOperation<Void>()
      group.addTask {
        do {
          try await self.runtime.run()
        } catch {
          // The loop isn't a child of the group, so the error alone doesn't end it.
          self.shutdown(.leaveRunning)
          throw error
        }
      }
      group.addTask { await conversation.run { await sessions.run() } }
      group.addTask { await errands.run() }
      await loop.run(in: &group) { conversation.cancel() }
      group.cancelAll()
    }
  }
}

extension SwarmAgent: ServiceLifecycle.Service {}
