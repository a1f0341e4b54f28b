// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel

/// A store with a driver's view of it: entries get the next index and a time one second later each.
struct StoreFixture {
  var store = Store()
  var ids: IdentifierGenerator
  var time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

  init(seed: UInt64 = 1) {
    self.ids = IdentifierGenerator(seed: seed)
  }

  @discardableResult
  mutating func apply(_ changes: Change..., client: ClientStamp? = nil) -> Applied {
    self.apply(changes, client: client)
  }

  @discardableResult
  mutating func apply(_ changes: [Change], client: ClientStamp? = nil) -> Applied {
    self.time = self.time + .seconds(1)
    let entry = LogEntry(leaderTerm: 1, time: self.time, client: client, changes: changes)
    return self.store.apply(entry, index: self.store.version + 1)
  }

  mutating func addNode(
    hostname: String = "host",
    role: NodeRole = .worker,
    availability: NodeSpec.Availability = .active,
    state: NodeStatus.State = .ready
  ) -> NodeID {
    let node = Node(
      id: self.ids.make(),
      spec: NodeSpec(desiredRole: role, availability: availability),
      description: NodeDescription(hostname: hostname),
      status: NodeStatus(state: state),
      role: role
    )
    self.apply(.putNode(node))
    return node.id
  }

  mutating func addService(
    _ name: String = "web",
    replicas: UInt64 = 1,
    ports: [PortConfig] = []
  ) -> ServiceID {
    let id: ServiceID = self.ids.make()
    self.apply(.createService(Service(id: id, spec: Self.spec(name, replicas: replicas, ports: ports))))
    return id
  }

  static func spec(_ name: String, replicas: UInt64 = 1, image: String = "nginx", ports: [PortConfig] = []) -> ServiceSpec {
    ServiceSpec(
      annotations: Annotations(name: name),
      task: TaskSpec(runtime: .container(ContainerSpec(image: image))),
      mode: .replicated(replicas: replicas),
      endpoint: ports.isEmpty ? nil : EndpointSpec(ports: ports)
    )
  }

  /// Creates tasks in slots from 1, on the nodes given (`nil` for pending).
  mutating func addTasks(
    of service: ServiceID,
    on nodes: [NodeID?],
    desired: TaskState = .running
  ) -> [TaskID] {
    let tasks = nodes.enumerated().map { slot, node in
      NewTask(id: self.ids.make(), slot: UInt64(slot + 1), node: node)
    }
    let version = self.store.service(service)?.specVersion ?? .zero
    self.apply(.createTasks(service, specVersion: version, desired: desired, tasks))
    return tasks.map(\.id)
  }

  @discardableResult
  mutating func observe(_ task: TaskID, _ state: TaskState, from node: NodeID? = nil) -> Applied {
    self.apply(.taskStatuses([TaskStatusChange(task: task, node: node, status: TaskStatus(timestamp: self.time, state: state))]))
  }
}
