// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Swarm
import SwarmAgent
import SwarmModel
import Synchronization

/// A swarm in memory whose tasks run as soon as they are made: just enough for the API to have something to show.
final class ScriptedSwarm: SwarmBackend {
  struct State: Sendable {
    var local = LocalNodeStatus()
    var cluster: Cluster?
    var nodes: [NodeID: Node] = [:]
    var services: [ServiceID: SwarmModel.Service] = [:]
    var tasks: [TaskID: SwarmTask] = [:]
    var secrets: [SecretID: Secret] = [:]
    var configs: [ConfigID: Config] = [:]
    var networks: [NetworkID: Network] = [:]
    var index: UInt64 = 10
    var ids = IdentifierGenerator(seed: 7)
    /// Thrown by everything that needs a leader.
    var failure: SwarmError?
    /// What has been asked for, for tests that look.
    var initializations: [InitializeRequest] = []
    var joins: [JoinRequest] = []
    /// What every service and task wrote, and why something is missing.
    var logs: [TaskLogLine] = []
    var missingLogs: SwarmError?
    /// Who waits for more.
    var followers: [LogFeed] = []
    /// Which logs were asked for.
    var logRequests: [LogOptions] = []
    /// What commands beside tasks do.
    var onExec: Exec?
    /// What nodes use, at the first look, the second and so on.
    var onUsages: (@Sendable (_ nodes: [NodeID], _ look: Int) -> [NodeUsage])?
    var looks = 0
    /// How far new tasks get.
    var taskState = TaskState.running

    mutating func nextMeta(createdAt: Timestamp? = nil) -> Meta {
      self.index += 1
      let now = Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(self.index))
      return Meta(version: Version(index: self.index), createdAt: createdAt ?? now, updatedAt: now)
    }
  }

  typealias Exec =
    @Sendable (
      TaskID, ExecRequest, any AsyncSequence<ExecInput, any Error> & Sendable, @Sendable (ExecOutput) async throws -> Void
    ) async throws -> Int32

  static let tokens = JoinTokens(
    worker: "SWMTKN-1-\(String(repeating: "0", count: 50))-\(String(repeating: "w", count: 25))",
    manager: "SWMTKN-1-\(String(repeating: "0", count: 50))-\(String(repeating: "m", count: 25))"
  )

  private let state = Mutex(State())

  /// A node outside any swarm.
  init() {}

  /// A manager that leads a swarm with one worker.
  static func active() -> ScriptedSwarm {
    let swarm = ScriptedSwarm()
    swarm.change { $0.becomeManager(hostname: "node1") }
    swarm.change { _ = $0.addNode("node2", role: .worker) }
    return swarm
  }

  func change<Value>(_ body: (inout sending State) throws -> sending Value) rethrows -> Value {
    try self.state.withLock(body)
  }

  var local: LocalNodeStatus { self.state.withLock { $0.local } }

  func initialize(_ request: InitializeRequest) async throws -> NodeID {
    try self.state.withLock { state in
      guard state.local.state == .inactive else { throw Self.alreadyActive }
      state.initializations.append(request)
      state.becomeManager(hostname: "node1")
      state.cluster?.spec = request.spec
      return state.local.nodeID ?? NodeID()
    }
  }

  func logs(of subject: LogSubject, _ options: LogOptions) async throws -> SwarmLogs {
    self.state.withLock { state in
      state.logRequests.append(options)
      let feed = LogFeed(limit: .max)
      _ = feed.offer(state.logs.map(\.message))
      if options.follow { state.followers.append(feed) } else { feed.finish(throwing: state.missingLogs) }
      return SwarmLogs(feed: feed)
    }
  }

  func exec(
    _ task: TaskID,
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    guard let exec = self.state.withLock({ $0.onExec }) else {
      throw SwarmError(code: .unimplemented, message: "not in the script")
    }
    return try await exec(task, request, input, output)
  }

  func usages(of nodes: [NodeID]) async throws -> [NodeUsage] {
    try self.state.withLock { state in
      guard let usages = state.onUsages else { throw SwarmError(code: .unimplemented, message: "not in the script") }
      state.looks += 1
      return usages(nodes.isEmpty ? state.nodes.keys.sorted() : nodes, state.looks)
    }
  }

  func join(_ request: JoinRequest) async throws {
    try self.state.withLock { state in
      guard state.local.state == .inactive else { throw Self.alreadyActive }
      guard [Self.tokens.worker, Self.tokens.manager].contains(request.token) else {
        throw SwarmError(code: .invalidArgument, message: "invalid join token")
      }
      state.joins.append(request)
      state.local = LocalNodeStatus(
        state: .active,
        role: request.token == ScriptedSwarm.tokens.manager ? .manager : .worker,
        nodeID: state.ids.make()
      )
    }
  }

  func leave(force: Bool) async throws {
    try self.state.withLock { state in
      guard state.local.state == .active else {
        throw SwarmError(code: .notInSwarm, message: "This node is not part of a swarm")
      }
      guard force || state.local.role == .worker else {
        throw SwarmError(
          code: .unavailable,
          message: "You are attempting to leave the swarm on a node that is participating as a manager. "
            + "Removing the last manager erases all current state of a swarm. Use `--force` to suppress this message."
        )
      }
      state = State()
    }
  }

  private static let alreadyActive = SwarmError(
    code: .unavailable,
    message: "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one."
  )

  func read<Value>(_ body: (borrowing State) throws -> sending Value) throws -> Value {
    try self.state.withLock { state in
      if let failure = state.failure { throw failure }
      guard state.local.controlAvailable else {
        throw SwarmError(
          code: .notInSwarm,
          message: "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node "
            + "to swarm and try again."
        )
      }
      return try body(state)
    }
  }

  func write<Value>(_ body: (inout sending State) throws -> sending Value) throws -> Value {
    _ = try self.read { _ in true }
    return try self.state.withLock(body)
  }
}

extension ScriptedSwarm.State {
  mutating func becomeManager(hostname: String) {
    let cluster = Cluster(id: self.ids.make(), meta: self.nextMeta(), rootCA: RootCA(joinTokens: ScriptedSwarm.tokens))
    self.cluster = cluster
    let id = self.addNode(hostname, role: .manager)
    self.local = LocalNodeStatus(
      state: .active,
      role: .manager,
      nodeID: id,
      clusterID: cluster.id,
      nodeAddress: "127.0.0.1:2377",
      isLeader: true,
      managers: [.init(nodeID: id, address: "127.0.0.1:2377")]
    )
  }

  @discardableResult
  mutating func addNode(_ hostname: String, role: NodeRole) -> NodeID {
    let id: NodeID = self.ids.make()
    self.nodes[id] = Node(
      id: id,
      meta: self.nextMeta(),
      spec: NodeSpec(desiredRole: role),
      description: NodeDescription(
        hostname: hostname,
        platform: Platform(architecture: "x86_64", os: "linux"),
        resources: Resources(nanoCPUs: 2_000_000_000, memoryBytes: 8 << 30),
        engine: EngineDescription(engineVersion: "0.1.0", labels: ["disk": "ssd"])
      ),
      status: NodeStatus(state: .ready, addr: "127.0.0.1"),
      managerStatus: role == .manager
        ? ManagerStatus(raftID: 1, addr: "127.0.0.1:2377", leader: true, reachability: .reachable) : nil,
      role: role
    )
    return id
  }

  /// Gives a service the tasks that its specification wants; those that were made from another template are shut down.
  mutating func reconcile(_ service: SwarmModel.Service) {
    let nodes = self.nodes.keys.sorted()
    let box = TaskSpecBox(service.spec.task)
    var places: [(slot: UInt64, node: NodeID)] = []
    switch service.spec.mode {
    case .replicated(let replicas):
      for slot in 0..<replicas { places.append((slot + 1, nodes[Int(slot) % nodes.count])) }
    case .global: places = nodes.map { (0, $0) }
    case .replicatedJob, .globalJob: break
    }
    for (id, task) in self.tasks where task.serviceID == service.id && task.desiredState <= .running {
      let place = places.firstIndex { $0.slot == task.slot && $0.node == task.nodeID }
      if let place, task.spec.value == service.spec.task {
        places.remove(at: place)
      } else {
        self.tasks[id]?.desiredState = .shutdown
        self.tasks[id]?.status.state = .shutdown
      }
    }
    for (slot, node) in places {
      let meta = self.nextMeta()
      let id: TaskID = self.ids.make()
      self.tasks[id] = SwarmTask(
        id: id,
        meta: meta,
        spec: box,
        serviceID: service.id,
        slot: slot,
        nodeID: node,
        serviceAnnotations: service.spec.annotations,
        status: TaskStatus(timestamp: meta.createdAt, state: self.taskState, message: "started"),
        desiredState: .running,
        specVersion: service.specVersion
      )
    }
  }
}
