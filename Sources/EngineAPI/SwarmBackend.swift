// SPDX-License-Identifier: Apache-2.0

package import Swarm
package import SwarmAgent
package import SwarmModel

/// What the API needs of a node; `SwarmNode` has all of it.
///
/// Every method throws `SwarmError`, and ends soon when its task is cancelled. References are a full id, an
/// exact name (for nodes: the
/// host name) or the unique beginning of an id, in this order. Lists are in the order of ids.
package protocol SwarmBackend: Sendable {
  /// What the node knows of itself, without asking anybody.
  var local: LocalNodeStatus { get }

  func initialize(_ request: InitializeRequest) async throws -> NodeID
  func join(_ request: JoinRequest) async throws
  func leave(force: Bool) async throws

  func cluster() async throws -> Cluster
  func updateCluster(version: UInt64, spec: ClusterSpec, rotating secrets: Set<RotatableSecret>) async throws
  func unlockKey() async throws -> String
  func unlock(_ key: String) async throws

  func nodes() async throws -> [Node]
  func node(_ reference: String) async throws -> Node
  func updateNode(_ id: NodeID, version: UInt64, spec: NodeSpec) async throws
  func removeNode(_ reference: String, force: Bool) async throws

  func services() async throws -> [SwarmModel.Service]
  func serviceStatuses() async throws -> [ServiceID: ServiceStatus]
  func service(_ reference: String) async throws -> SwarmModel.Service
  func createService(_ spec: ServiceSpec) async throws -> CreatedService
  func updateService(_ id: ServiceID, version: UInt64, spec: ServiceSpec, rollback: Bool) async throws -> [String]
  func removeService(_ reference: String) async throws

  func secrets() async throws -> [Secret]
  func secret(_ reference: String) async throws -> Secret
  func createSecret(_ spec: SecretSpec) async throws -> SecretID
  func updateSecret(_ id: SecretID, version: UInt64, spec: SecretSpec) async throws
  func removeSecret(_ reference: String) async throws

  func configs() async throws -> [Config]
  func config(_ reference: String) async throws -> Config
  func createConfig(_ spec: ConfigSpec) async throws -> ConfigID
  func updateConfig(_ id: ConfigID, version: UInt64, spec: ConfigSpec) async throws
  func removeConfig(_ reference: String) async throws

  func networks() async throws -> [Network]
  func network(_ reference: String) async throws -> Network
  func createNetwork(_ spec: NetworkSpec) async throws -> NetworkID
  func removeNetwork(_ reference: String) async throws

  func tasks() async throws -> [SwarmTask]
  func task(_ reference: String) async throws -> SwarmTask

  func logs(of subject: LogSubject, _ options: LogOptions) async throws -> SwarmLogs
  /// What happens from now on to everything but tasks; throws on nodes that aren't managers.
  func events() throws -> SwarmEvents

  /// What is used of nodes now; of all when none are named.
  func usages(of nodes: [NodeID]) async throws -> [NodeUsage]

  /// Runs a command beside a task; see `Tasks.exec`.
  func exec(
    _ task: TaskID,
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32

  /// The tasks that were started on this node and that managers haven't forgotten, as the node itself knows them; also on workers.
  func localTasks() async throws -> [SwarmTask]
  /// What is used of this node now, and what its running tasks use.
  func localUsage() async throws -> NodeUsage
  /// What a task on this node wrote.
  func localLogs(of task: SwarmTask, _ options: LogOptions) async throws -> SwarmLogs
  /// Runs a command beside a task on this node.
  func localExec(
    _ task: TaskID,
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32

  func explain(_ task: TaskID) async throws -> PlacementExplanation
  func restartService(_ reference: String) async throws
  func setService(_ reference: String, stopped: Bool) async throws
  func plan(_ changes: [SwarmNode.PlannedChange]) async throws -> ChangePlan
}

extension SwarmBackend {
  /// A node that tells no events.
  package func events() throws -> SwarmEvents { throw SwarmError.dockerOnly }

  /// A node that has only what Docker's API has.
  package func usages(of nodes: [NodeID]) async throws -> [NodeUsage] { throw SwarmError.dockerOnly }

  /// A node that has only what Docker's API has.
  package func exec(
    _ task: TaskID,
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    throw SwarmError.dockerOnly
  }

  /// A node that knows of its tasks what the swarm does.
  package func localTasks() async throws -> [SwarmTask] {
    guard let node = self.local.nodeID else { return [] }
    return try await self.tasks().filter { $0.nodeID == node }
  }

  /// A node that knows of its tasks what the swarm does.
  package func localUsage() async throws -> NodeUsage {
    let node = self.local.nodeID ?? NodeID()
    return try await self.usages(of: [node]).first ?? NodeUsage(node: node)
  }

  /// A node that knows of its tasks what the swarm does.
  package func localLogs(of task: SwarmTask, _ options: LogOptions) async throws -> SwarmLogs {
    try await self.logs(of: .task(task.id.description), options)
  }

  /// A node that knows of its tasks what the swarm does.
  package func localExec(
    _ task: TaskID,
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    try await self.exec(task, request, input: input, output: output)
  }

  /// A node that has only what Docker's API has.
  package func explain(_ task: TaskID) async throws -> PlacementExplanation { throw SwarmError.dockerOnly }

  /// A node that has only what Docker's API has.
  package func restartService(_ reference: String) async throws { throw SwarmError.dockerOnly }

  /// A node that has only what Docker's API has.
  package func setService(_ reference: String, stopped: Bool) async throws { throw SwarmError.dockerOnly }

  /// A node that has only what Docker's API has.
  package func plan(_ changes: [SwarmNode.PlannedChange]) async throws -> ChangePlan { throw SwarmError.dockerOnly }
}

extension SwarmError {
  fileprivate static let dockerOnly = SwarmError(code: .unimplemented, message: "this node can't do that")
}
