// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel

/// Makes entries of all kinds from a seed, sensible ones and stale ones, and applies them.
struct RandomHistory {
  var fixture: StoreFixture
  private(set) var entries: [LogEntry] = []
  private var random: IdentifierGenerator
  private var sequence: UInt64 = 0

  init(seed: UInt64) {
    self.fixture = StoreFixture(seed: seed)
    self.random = IdentifierGenerator(seed: ~seed)
    // Written out because golden bytes hold it, whatever the default is.
    let raft = RaftConfig(snapshotInterval: 10_000)
    self.apply([.putCluster(Cluster(id: self.fixture.ids.make(), spec: ClusterSpec(raft: raft)))])
    for number in 0..<3 {
      let node = Node(
        id: self.fixture.ids.make(),
        spec: NodeSpec(desiredRole: number == 0 ? .manager : .worker),
        description: NodeDescription(hostname: "node\(number)"),
        status: NodeStatus(state: .ready)
      )
      self.apply([.putNode(node)])
    }
  }

  mutating func step() {
    let changes = (0..<Int.random(in: 1...3, using: &self.random)).map { _ in self.change() }
    self.apply(changes)
  }

  private mutating func apply(_ changes: [Change]) {
    self.fixture.time = self.fixture.time + .milliseconds(700)
    self.sequence += 1
    let client = ClientStamp(client: ClientID(high: self.sequence % 3, low: 1), sequence: self.sequence / 2 + 1)
    let entry = LogEntry(
      leaderTerm: 1,
      time: self.fixture.time,
      client: self.sequence.isMultiple(of: 4) ? client : nil,
      changes: changes
    )
    self.entries.append(entry)
    _ = self.fixture.store.apply(entry, index: self.fixture.store.version + 1)
  }

  private mutating func change() -> Change {
    let store = self.fixture.store
    let node = self.pick(store.nodeIDs())
    let service = self.pick(store.serviceIDs())
    let task = self.pick(store.taskIDs())
    let ports = [PortConfig(targetPort: 80, publishedPort: UInt32(8000 + self.number(4)))]
    let spec = StoreFixture.spec("service\(self.number(6))", replicas: self.number(5), ports: self.number(2) == 0 ? ports : [])
    switch self.number(14) {
    case 0: return .createService(Service(id: self.fixture.ids.make(), spec: spec))
    case 1: return .updateService(service, expected: nil, self.updated(service), isRollback: self.number(4) == 0)
    case 2:
      let status = UpdateStatus(state: .updating)
      return self.number(3) == 0 ? .removeService(service) : .updateStatus(service, specVersion: nil, status)
    case 3, 4, 5, 6:
      let tasks = (1...4).map { slot in
        NewTask(
          id: self.fixture.ids.make(),
          slot: slot,
          node: self.number(3) == 0 ? nil : self.pick(store.nodeIDs()),
          err: self.number(2) == 0 ? "busy" : nil
        )
      }
      let version = store.service(service)?.specVersion ?? .zero
      return .createTasks(service, specVersion: version, desired: .running, tasks)
    case 7: return .assignTasks([TaskAssignment(task: task, node: node)])
    case 8: return .pendingReasons([PendingReason(task: task, err: "full \(self.number(3))")])
    case 9: return .desiredStates([DesiredStateChange(task: task, state: self.pick(TaskState.allCases) ?? .running)])
    case 10, 11:
      let status = TaskStatus(timestamp: self.fixture.time, state: self.pick(TaskState.allCases) ?? .running)
      return .taskStatuses([TaskStatusChange(task: task, node: store.task(task)?.nodeID, status: status)])
    case 12: return .removeTasks([task])
    default:
      let state: NodeStatus.State = self.number(4) == 0 ? .down : .ready
      return .nodeStatuses([NodeStatusChange(id: node, status: NodeStatus(state: state))])
    }
  }

  private mutating func updated(_ id: ServiceID) -> ServiceSpec {
    var spec = self.fixture.store.service(id)?.spec ?? ServiceSpec()
    spec.task.forceUpdate = self.number(3)
    spec.annotations.labels = ["l": "\(self.number(3))"]
    return spec
  }

  private mutating func number(_ bound: UInt64) -> UInt64 {
    UInt64.random(in: 0..<bound, using: &self.random)
  }

  private mutating func pick<Kind>(_ ids: [Identifier<Kind>]) -> Identifier<Kind> {
    ids.randomElement(using: &self.random) ?? Identifier()
  }

  private mutating func pick(_ states: [TaskState]) -> TaskState? {
    states.randomElement(using: &self.random)
  }
}
