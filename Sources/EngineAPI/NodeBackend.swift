// SPDX-License-Identifier: Apache-2.0

internal import Swarm
internal import SwarmAgent
internal import SwarmModel

/// A node, as the API sees it.
struct NodeBackend: SwarmBackend {
  let node: SwarmNode

  var local: LocalNodeStatus { self.node.local }

  func initialize(_ request: InitializeRequest) async throws -> NodeID { try await self.node.initialize(request) }
  func join(_ request: JoinRequest) async throws { try await self.node.join(request) }
  func leave(force: Bool) async throws { try await self.node.leave(force: force) }

  func cluster() async throws -> Cluster { try await self.node.cluster.get() }
  func updateCluster(version: UInt64, spec: ClusterSpec, rotating secrets: Set<RotatableSecret>) async throws {
    try await self.node.cluster.update(version: version, spec: spec, rotating: secrets)
  }
  func unlockKey() async throws -> String { try await self.node.cluster.unlockKey() }
  func unlock(_ key: String) async throws { try await self.node.unlock(key) }

  func nodes() async throws -> [Node] { try await self.node.nodes.list() }
  func node(_ reference: String) async throws -> Node { try await self.node.nodes.get(reference) }
  func updateNode(_ id: NodeID, version: UInt64, spec: NodeSpec) async throws {
    try await self.node.nodes.update(id, version: version, spec: spec)
  }
  func removeNode(_ reference: String, force: Bool) async throws {
    try await self.node.nodes.remove(reference, force: force)
  }

  func services() async throws -> [SwarmModel.Service] { try await self.node.services.list() }
  func serviceStatuses() async throws -> [ServiceID: ServiceStatus] { try await self.node.services.statuses() }
  func service(_ reference: String) async throws -> SwarmModel.Service { try await self.node.services.get(reference) }
  func createService(_ spec: ServiceSpec) async throws -> CreatedService {
    try await self.node.services.create(spec.named())
  }
  func updateService(_ id: ServiceID, version: UInt64, spec: ServiceSpec, rollback: Bool) async throws -> [String] {
    try await self.node.services.update(id, version: version, spec: spec, rollback: rollback)
  }
  func removeService(_ reference: String) async throws { try await self.node.services.remove(reference) }

  func secrets() async throws -> [Secret] { try await self.node.secrets.list() }
  func secret(_ reference: String) async throws -> Secret { try await self.node.secrets.get(reference) }
  func createSecret(_ spec: SecretSpec) async throws -> SecretID { try await self.node.secrets.create(spec) }
  func updateSecret(_ id: SecretID, version: UInt64, spec: SecretSpec) async throws {
    try await self.node.secrets.update(id, version: version, spec: spec)
  }
  func removeSecret(_ reference: String) async throws { try await self.node.secrets.remove(reference) }

  func configs() async throws -> [Config] { try await self.node.configs.list() }
  func config(_ reference: String) async throws -> Config { try await self.node.configs.get(reference) }
  func createConfig(_ spec: ConfigSpec) async throws -> ConfigID { try await self.node.configs.create(spec) }
  func updateConfig(_ id: ConfigID, version: UInt64, spec: ConfigSpec) async throws {
    try await self.node.configs.update(id, version: version, spec: spec)
  }
  func removeConfig(_ reference: String) async throws { try await self.node.configs.remove(reference) }

  func networks() async throws -> [Network] { try await self.node.networks.list() }
  func network(_ reference: String) async throws -> Network { try await self.node.networks.get(reference) }
  func createNetwork(_ spec: NetworkSpec) async throws -> NetworkID { try await self.node.networks.create(spec) }
  func removeNetwork(_ reference: String) async throws { try await self.node.networks.remove(reference) }

  func tasks() async throws -> [SwarmTask] { try await self.node.tasks.list() }
  func task(_ reference: String) async throws -> SwarmTask { try await self.node.tasks.get(reference) }

  func logs(of subject: LogSubject, _ options: LogOptions) async throws -> SwarmLogs {
    try await self.node.logs(of: subject, options)
  }
  func events() throws -> SwarmEvents { try self.node.eventsWithoutTasks() }

  func usages(of nodes: [NodeID]) async throws -> [NodeUsage] { try await self.node.nodes.usage(of: nodes) }

  func exec(
    _ task: TaskID,
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    try await self.node.tasks.exec(task.description, request, input: input, output: output)
  }

  func localTasks() async throws -> [SwarmTask] { self.node.localTasks }
  func localUsage() async throws -> NodeUsage { try await self.node.localUsage() }
  func localLogs(of task: SwarmTask, _ options: LogOptions) async throws -> SwarmLogs {
    try self.node.localLogs(of: task, options)
  }
  func localExec(
    _ task: TaskID,
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    try await self.node.execLocally(request, beside: task, input: input, output: output)
  }

  func explain(_ task: TaskID) async throws -> PlacementExplanation { try await self.node.tasks.explain(task.description) }
  func restartService(_ reference: String) async throws { try await self.node.services.restart(reference) }
  func setService(_ reference: String, stopped: Bool) async throws {
    if stopped { try await self.node.services.stop(reference) } else { try await self.node.services.start(reference) }
  }
  func plan(_ changes: [SwarmNode.PlannedChange]) async throws -> ChangePlan { try await self.node.plan(changes) }
}
