// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("Store: nodes and cluster")
struct StoreNodeTests {
  @Test("observations never touch the specification")
  func statuses() throws {
    var fixture = StoreFixture()
    let id = fixture.addNode(role: .manager, availability: .pause, state: .unknown)
    let spec = try #require(fixture.store.node(id)).spec
    let status = ManagerStatus(raftID: 1, addr: "a:1", leader: true, reachability: .reachable)
    fixture.apply(
      .nodeStatuses([
        NodeStatusChange(
          id: id,
          status: NodeStatus(state: .ready),
          description: NodeDescription(hostname: "h2"),
          managerStatus: status
        )
      ])
    )
    let node = try #require(fixture.store.node(id))
    #expect(node.spec == spec)
    #expect(node.status.state == .ready)
    #expect(node.managerStatus == status)
    #expect(try fixture.store.resolveNode("h2").id == id)
    let store = fixture.store
    #expect(throws: SwarmError.self) { try store.resolveNode("host") }
  }

  @Test("an observation that changes nothing is no event, one of an unknown node is rejected")
  func noChange() {
    var fixture = StoreFixture()
    let id = fixture.addNode()
    let applied = fixture.apply(
      .nodeStatuses([
        NodeStatusChange(id: id, status: NodeStatus(state: .ready)),
        NodeStatusChange(id: fixture.ids.make(), status: NodeStatus(state: .ready)),
      ])
    )
    #expect(applied.changes.isEmpty)
    #expect(applied.rejections.map(\.item) == [1])
  }

  @Test("the consensus side of a node can be cleared")
  func clearManager() {
    var fixture = StoreFixture()
    let id = fixture.addNode(role: .manager)
    fixture.apply(.nodeStatuses([NodeStatusChange(id: id, managerStatus: ManagerStatus(raftID: 1))]))
    #expect(fixture.store.node(id)?.managerStatus != nil)
    fixture.apply(.nodeStatuses([NodeStatusChange(id: id, clearsManagerStatus: true, role: .worker)]))
    #expect(fixture.store.node(id)?.managerStatus == nil)
    #expect(fixture.store.node(id)?.role == .worker)
  }

  @Test("the last manager can't be demoted")
  func lastManager() {
    var fixture = StoreFixture()
    let first = fixture.addNode(role: .manager)
    let second = fixture.addNode(role: .manager)
    #expect(fixture.apply(.updateNodeSpec(first, expected: nil, NodeSpec())).firstError == nil)
    let applied = fixture.apply(.updateNodeSpec(second, expected: nil, NodeSpec()))
    #expect(applied.firstError?.code == .failedPrecondition)
    #expect(applied.firstError?.message == "attempting to demote the last manager of the swarm")
    #expect(fixture.store.node(second)?.spec.desiredRole == .manager)
  }

  @Test("only a node that is down can be removed, unless forced", arguments: [NodeStatus.State.ready, .unknown])
  func removeLive(state: NodeStatus.State) {
    var fixture = StoreFixture()
    let id = fixture.addNode(state: state)
    let applied = fixture.apply(.removeNode(id, force: false))
    #expect(applied.firstError?.code == .failedPrecondition)
    #expect(applied.firstError?.message == "node \(id) is not down and can't be removed")
    #expect(fixture.apply(.removeNode(id, force: true)).firstError == nil)
    #expect(fixture.store.nodes().isEmpty)
  }

  @Test("a member of the consensus group can't be removed, not even forced")
  func removeManager() {
    var fixture = StoreFixture()
    let id = fixture.addNode(role: .manager, state: .down)
    fixture.apply(.nodeStatuses([NodeStatusChange(id: id, managerStatus: ManagerStatus(raftID: 1))]))
    let error = fixture.apply(.removeNode(id, force: true)).firstError
    #expect(error?.message.contains("It must be demoted to worker before removal") == true)
  }

  @Test("removing a node orphans its tasks that still may run, and no others")
  func orphans() {
    var fixture = StoreFixture()
    let node = fixture.addNode(state: .ready)
    let other = fixture.addNode()
    let service = fixture.addService()
    let tasks = fixture.addTasks(of: service, on: [node, node, other])
    fixture.observe(tasks[0], .running)
    fixture.observe(tasks[1], .failed)
    let applied = fixture.apply(.removeNode(node, force: true))
    #expect(fixture.store.task(tasks[0])?.status.state == .orphaned)
    #expect(fixture.store.task(tasks[1])?.status.state == .failed)
    #expect(fixture.store.task(tasks[2])?.status.state == .assigned)
    #expect(applied.changes.tasks.compactMap(\.currentBox?.value.id) == [tasks[0]])
  }

  @Test("the cluster's specification is replaced only on the version that was read")
  func cluster() {
    var fixture = StoreFixture()
    #expect(fixture.apply(.updateClusterSpec(expected: nil, ClusterSpec())).firstError?.code == .notFound)
    let id: ClusterID = fixture.ids.make()
    fixture.apply(.putCluster(Cluster(id: id)))
    let spec = ClusterSpec(dispatcher: DispatcherConfig(heartbeatPeriod: .seconds(1)))
    #expect(fixture.apply(.updateClusterSpec(expected: .zero, spec)).firstError?.code == .outOfSequence)
    #expect(fixture.apply(.updateClusterSpec(expected: Version(index: 2), spec)).firstError == nil)
    #expect(fixture.store.cluster?.spec == spec)
    #expect(fixture.store.cluster?.id == id)
  }

  @Test("references are full ids, then names, then beginnings of ids")
  func references() throws {
    var fixture = StoreFixture()
    let ids = ["ab0", "ab1", "c00"].map { ServiceID($0 + String(repeating: "0", count: 22)) ?? ServiceID() }
    for (id, name) in zip(ids, ["one", "c", "three"]) {
      fixture.apply(.createService(Service(id: id, spec: StoreFixture.spec(name))))
    }
    let store = fixture.store
    #expect(try store.resolveService(ids[0].description).id == ids[0])
    #expect(try store.resolveService("three").id == ids[2])
    // A name wins over the beginning of an id.
    #expect(try store.resolveService("c").id == ids[1])
    #expect(try store.resolveService("c0").id == ids[2])
    let ambiguous = #expect(throws: SwarmError.self) { try store.resolveService("ab") }
    #expect(ambiguous?.message == "service ab is ambiguous (2 matches found)")
    #expect(ambiguous?.code == .invalidArgument)
    for reference in ["nope", "", "thre"] {
      let missing = #expect(throws: SwarmError.self) { try store.resolveService(reference) }
      #expect(missing?.message == "service \(reference) not found")
      #expect(missing?.code == .notFound)
    }
  }

  @Test("a host's name that two nodes have is ambiguous")
  func hostnames() {
    var fixture = StoreFixture()
    _ = fixture.addNode(hostname: "same")
    _ = fixture.addNode(hostname: "same")
    let store = fixture.store
    let error = #expect(throws: SwarmError.self) { try store.resolveNode("same") }
    #expect(error?.message == "node same is ambiguous (2 matches found)")
  }
}
