// SPDX-License-Identifier: Apache-2.0
internal import HashTreeCollections
package import SwarmModel

extension Store {
  /// The cluster object; `nil` before the cluster is initialised.
  package var cluster: Cluster? { self.storedCluster?.value }

  /// The node with an id.
  package func node(_ id: NodeID) -> Node? { self.nodesByID[id]?.value }
  /// The service with an id.
  package func service(_ id: ServiceID) -> Service? { self.servicesByID[id]?.value }
  /// The task with an id.
  package func task(_ id: TaskID) -> SwarmTask? { self.tasksByID[id]?.value }

  /// The secret with an id.
  package func secret(_ id: SecretID) -> Secret? { self.secretsByID[id]?.value }

  /// The config with an id.
  package func config(_ id: ConfigID) -> Config? { self.configsByID[id]?.value }

  /// The network with an id.
  package func network(_ id: NetworkID) -> Network? { self.networksByID[id]?.value }

  /// All networks, sorted by id.
  package func networks() -> [Network] {
    self.networksByID.values.map(\.value).sorted { $0.id < $1.id }
  }

  /// All secrets, sorted by id.
  package func secrets() -> [Secret] {
    self.secretsByID.values.map(\.value).sorted { $0.id < $1.id }
  }

  /// All configs, sorted by id.
  package func configs() -> [Config] {
    self.configsByID.values.map(\.value).sorted { $0.id < $1.id }
  }

  /// The node with an id in its box: what is read of it there costs no copy of all of it.
  func nodeBox(_ id: NodeID) -> Stored<Node>? { self.nodesByID[id] }
  /// The service with an id in its box.
  func serviceBox(_ id: ServiceID) -> Stored<Service>? { self.servicesByID[id] }
  /// The task with an id in its box.
  func taskBox(_ id: TaskID) -> Stored<SwarmTask>? { self.tasksByID[id] }

  /// All nodes, sorted by id.
  package func nodes() -> [Node] {
    self.nodesByID.values.map(\.value).sorted { $0.id < $1.id }
  }

  /// All services, sorted by id.
  package func services() -> [Service] {
    self.servicesByID.values.map(\.value).sorted { $0.id < $1.id }
  }

  /// All tasks, sorted by id.
  package func tasks() -> [SwarmTask] {
    self.taskIDs().compactMap { self.tasksByID[$0]?.value }
  }

  /// The ids of all nodes, sorted.
  package func nodeIDs() -> [NodeID] { self.nodesByID.keys.sorted() }
  /// The ids of all services, sorted.
  package func serviceIDs() -> [ServiceID] { self.servicesByID.keys.sorted() }
  /// The ids of all tasks, sorted.
  package func taskIDs() -> [TaskID] { self.tasksByID.keys.sorted() }

  /// A service's tasks (also a removed service's), sorted by id.
  package func tasks(of service: ServiceID) -> [SwarmTask] {
    self.taskIDs(of: service).compactMap { self.tasksByID[$0]?.value }
  }

  /// A node's tasks, sorted by id.
  package func tasks(on node: NodeID) -> [SwarmTask] {
    self.taskIDs(on: node).compactMap { self.tasksByID[$0]?.value }
  }

  /// The ids of a service's tasks, sorted.
  package func taskIDs(of service: ServiceID) -> [TaskID] {
    self.tasksByService[service]?.sorted() ?? []
  }

  /// The ids of a node's tasks, sorted.
  package func taskIDs(on node: NodeID) -> [TaskID] {
    self.tasksByNode[node]?.ids.sorted() ?? []
  }

  /// The service of a name; case doesn't matter.
  package func service(named name: String) -> Service? {
    self.servicesByName[Self.nameKey(name)].flatMap { self.service($0) }
  }

  /// How many tasks a condition holds for; nothing is sorted or copied for it.
  package func taskCount(where isCounted: (SwarmTask) -> Bool) -> Int {
    self.tasksByID.values.reduce(0) { isCounted($1.value) ? $0 + 1 : $0 }
  }

  /// The number of nodes.
  package var nodeCount: Int { self.nodesByID.count }
  /// The number of services.
  package var serviceCount: Int { self.servicesByID.count }
  /// The number of tasks.
  package var taskCount: Int { self.tasksByID.count }
}
