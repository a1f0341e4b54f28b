// SPDX-License-Identifier: Apache-2.0

public import Logging
public import ServiceLifecycle
public import SwarmAgent
package import SwarmControl
internal import SwarmIdentity
public import SwarmModel
internal import Synchronization

/// One node that can be outside any swarm, a worker or a manager, and that changes between them at runtime.
///
/// This is the type that hosts embed. It owns everything that a node needs: the one port, the Raft group and the leader's brain on a manager, and
/// the agent that runs tasks in the host's ``SwarmAgent/ContainerRuntime``. All of its state is in one directory, from which the next start resumes.
///
/// ```swift
/// let node = SwarmNode(configuration: .init(stateDirectory: "/var/lib/app/swarm"), runtime: ClosureRuntime(["hello": hello]), logger: logger)
/// try await withThrowingTaskGroup(of: Void.self) { group in
///   group.addTask { try await node.run() }
///   try await node.initialize(InitializeRequest())
///   try await node.services.create(ServiceSpec(annotations: Annotations(name: "greeter"), …))
/// }
/// ```
public final class SwarmNode: ServiceLifecycle.Service {
  /// A job for ``run()``.
  enum Command: Sendable {
    /// Run this beside everything else; when it ends with an error, the node does.
    case run(@Sendable () async throws -> Void)
    /// End ``run()`` with success, or with the error.
    case end((any Error)?)
  }

  struct State {
    var directory: StateDirectory?
    /// What the directory said that this node was, until ``SwarmNode/run()`` goes on with it.
    var resumed: NodeIdentity?
    var membership: Membership?
    var isPending = false
    /// Whether the keys of what was are sealed, until ``SwarmNode/unlock(_:)``.
    var isLocked = false
    /// Why the node can't go on; it ends soon.
    var error = ""
    /// Set when ``SwarmNode/run()`` has returned; a node runs once.
    var hasEnded = false
  }

  let configuration: SwarmNodeConfiguration
  let runtime: any ContainerRuntime
  let logger: Logger
  let clock = NodeClock()
  let state = Mutex(State())
  let commands: AsyncStream<Command>
  let commandInput: AsyncStream<Command>.Continuation

  /// Creates a node; nothing happens before ``run()``.
  ///
  /// - Parameters:
  ///   - configuration: where the node keeps its state, and what wins over requests.
  ///   - runtime: what runs the node's tasks; `nil` for a manager that takes none.
  ///   - logger: where the node writes what happens.
  public init(configuration: SwarmNodeConfiguration, runtime: (any ContainerRuntime)?, logger: Logger) {
    var configuration = configuration
    if runtime == nil { configuration.availability = .drain }
    self.configuration = configuration
    self.runtime = runtime ?? NoRuntime()
    self.logger = logger
    (self.commands, self.commandInput) = AsyncStream.makeStream()
  }

  /// Takes hold of the state directory and reads what this node was, without starting anything.
  ///
  /// ``run()`` does it when nobody else did.
  ///
  /// - Throws: ``SwarmError`` with code `failedPrecondition` when the directory is in use, unreadable or damaged; the message names it.
  public func open() throws(SwarmError) {
    try self.configuration.validate()
    // Under the lock: whoever comes second finds the directory held by this node, not in use by another.
    try self.state.withLock { state throws(SwarmError) in
      guard !state.hasEnded else { throw .nodeHasEnded }
      guard state.directory == nil else { return }
      let directory = try StateDirectory(path: self.configuration.stateDirectory)
      state.resumed = try directory.readIdentity()
      state.directory = directory
    }
  }

  /// Runs the node: resumes in the swarm of its state directory, if there is one, else waits for ``initialize(_:)`` or ``join(_:)``.
  ///
  /// Returns after ``shutdown()`` or a graceful shutdown of its service group, when tasks are stopped and leadership is handed over.
  ///
  /// - Throws: ``SwarmError`` when the node can't go on, for instance because its disk failed.
  public func run() async throws {
    defer {
      let directory = self.state.withLock { state in
        state.hasEnded = true
        return state.directory.take()
      }
      directory?.release()
    }
    try self.open()
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await self.resume()
        for await command in self.commands {
          switch command {
          case .run(let body):
            group.addTask {
              do {
                try await body()
              } catch is CancellationError {
                return
              } catch {
                self.failed(error)
              }
            }
          case .end(let error):
            if let membership = self.state.withLock({ $0.membership }) {
              await membership.shutdown(stoppingTasks: self.configuration.stopsTasksOnShutdown)
            }
            group.cancelAll()
            try await group.waitForAll()
            if let error { throw error }
            return
          }
        }
        // Cancelled: everything below ends with this group.
        group.cancelAll()
      }
    } onGracefulShutdown: {
      self.commandInput.yield(.end(nil))
    }
  }

  /// Ends ``run()``: stops tasks within their grace (if configured so), hands leadership over, keeps the state directory.
  public func shutdown() {
    self.commandInput.yield(.end(nil))
  }

  /// Waits until the node is usable: a manager can read and write the swarm's state, a worker has a session with its leader.
  ///
  /// - Throws: ``SwarmError`` with code `notInSwarm` outside a swarm, `unavailable` when the node has ended, or whatever ``open()`` throws.
  public func ready() async throws {
    try self.open()
    while true {
      let (resumed, membership, hasEnded, isLocked) = self.state.withLock {
        ($0.resumed, $0.membership, $0.hasEnded, $0.isLocked)
      }
      if isLocked { throw SwarmError.locked }
      if hasEnded { throw SwarmError.nodeHasEnded }
      if let membership { return try await membership.ready() }
      // It resumes as soon as it runs.
      guard resumed != nil else { throw SwarmError.notInSwarm }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// What the node knows of itself, without asking anybody.
  public var local: LocalNodeStatus {
    let (membership, isPending, isLocked, resumed, error) = self.state.withLock {
      ($0.membership, $0.isPending, $0.isLocked, $0.resumed, $0.error)
    }
    guard let membership else {
      return LocalNodeStatus(
        state: isLocked ? .locked : isPending || resumed != nil ? .pending : .inactive,
        role: resumed?.role,
        nodeID: resumed?.nodeID
      )
    }
    var status = membership.status
    if !error.isEmpty {
      status.state = .error
      status.error = error
    }
    return status
  }

  /// The swarm's services.
  public var services: Services { Services(node: self) }

  /// The swarm's secrets.
  public var secrets: Secrets { Secrets(node: self) }

  /// The swarm's configs.
  public var configs: Configs { Configs(node: self) }

  /// The swarm's networks.
  public var networks: Networks { Networks(node: self) }
  /// The swarm's nodes.
  public var nodes: Nodes { Nodes(node: self) }
  /// The swarm's tasks.
  public var tasks: Tasks { Tasks(node: self) }
  /// The swarm itself.
  public var cluster: ClusterAccess { ClusterAccess(node: self) }

  /// What happens in the swarm from now on, or from after a version on.
  ///
  /// - Parameter version: the version that the caller has seen last; `nil` begins now.
  /// - Throws: ``SwarmError`` with code `notManager` or `notInSwarm`.
  public func events(since version: Version? = nil) throws(SwarmError) -> SwarmEvents {
    try self.manager().board.events.subscribe(since: version)
  }

  /// What happens from now on to everything but tasks, of which there may be very many.
  package func eventsWithoutTasks() throws(SwarmError) -> SwarmEvents {
    let kinds = ObjectKind.allCases.filter { $0 != .task }
    return try self.manager().board.events.subscribe(kinds.map(WatchSelector.kind), since: nil)
  }

  /// The replicated store as this manager has applied it, without asking the leader; for benchmarks and tests.
  package func replicatedStore() throws(SwarmError) -> Store {
    try self.manager().board.store
  }

  /// Asks the leader for this node's next certificate now, and takes it into use; for tests.
  package func renewCertificate() async throws {
    guard let membership = self.state.withLock(\.membership) else { throw SwarmError.nodeHasEnded }
    try await membership.renewal.renew()
  }

  /// Lets the time of the newest gossip key run out on this leader; for tests.
  package func expireGossipKey() throws {
    let manager = try self.manager()
    manager.nextGossipKey.withLock { $0 = .zero }
    manager.duties.ring()
  }

  /// Has this manager's log let go of what it can, and looks which keys it still needs; for tests.
  package func reviewLogKeys() async throws { try await self.manager().reviewLogKeys() }

  /// Fetches the swarm's gossip keys now; for tests.
  package func refreshGossipKeys() async throws { try await self.state.withLock(\.membership)?.gossip.refreshKeys() }

  /// Waits until this node has a role, after it was promoted or demoted; for tests.
  package func waitForRole(_ role: NodeRole) async throws {
    while self.local.role != role {
      if self.state.withLock(\.hasEnded) { throw SwarmError.nodeHasEnded }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Waits until this node is in a state; for tests.
  package func waitForState(_ state: LocalNodeStatus.State) async throws {
    while self.local.state != state {
      if self.state.withLock(\.hasEnded) { throw SwarmError.nodeHasEnded }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Waits until this manager's keys are sealed with the cluster's unlock key, or with none when it has none; for tests.
  package func waitForSealedKeys() async throws {
    while true {
      let key = try await self.cluster.unlockKey()
      if !key.isEmpty { return try await self.waitForSealedKeys(with: key) }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Waits until this manager's keys are sealed with an unlock key, or with none; for tests.
  package func waitForSealedKeys(with key: String?) async throws {
    while let membership = self.state.withLock(\.membership), membership.certificates.unlockKey?.text != key {
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Waits until this node's gossip holds so many nodes for present, and says which; for tests.
  package func waitForGossip(present count: Int) async throws -> [NodeID] {
    while true {
      let membership = self.state.withLock { $0.hasEnded ? nil : $0.membership }
      guard let membership else { throw SwarmError.nodeHasEnded }
      let present = await membership.gossip.presentNodes()
      if present.count == count { return present }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// The manager in this node.
  func manager() throws(SwarmError) -> Manager {
    let (membership, isLocked) = self.state.withLock { ($0.membership, $0.isLocked) }
    guard let membership else { throw isLocked ? .locked : .notInSwarm }
    guard let manager = membership.manager else { throw .notManager }
    return manager
  }

  /// Runs something beside everything else, as a child of ``run()``.
  func spawn(_ body: @escaping @Sendable () async throws -> Void) {
    self.commandInput.yield(.run(body))
  }

  private func failed(_ error: any Error) {
    self.logger.error("the node can't go on: \(error)")
    self.state.withLock { $0.error = "\(error)" }
    self.commandInput.yield(.end(error))
  }
}

extension SwarmError {
  /// The answer of a node whose ``SwarmNode/run()`` has returned.
  static let nodeHasEnded = SwarmError(code: .unavailable, message: "the node has ended")
  /// Docker's answer of a node outside any swarm.
  static let notInSwarm = SwarmError(
    code: .notInSwarm,
    message: "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm "
      + "and try again."
  )
  /// Docker's answer of a worker.
  static let notManager = SwarmError(
    code: .notManager,
    message: "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this "
      + "command on a manager node or promote the current node to a manager."
  )
}
