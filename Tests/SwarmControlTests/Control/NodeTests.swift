// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Tasks and their nodes")
struct NodeTests {
  @Test("7: a new leader replaces the tasks of a node that is down")
  func downBeforeTerm() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 2)
    swarm.silent = [nodes[0]]
    swarm.agents[nodes[0]]?.isAlive = false
    swarm.store = swarm.store.applying(
      [.nodeStatuses([NodeStatusChange(id: nodes[0], status: NodeStatus(state: .down))])],
      &swarm.index
    )
    swarm.changeLeader()
    swarm.advance(by: .seconds(1))
    #expect(swarm.spread(service, over: nodes) == [0, 2])
  }

  @Test("9: draining a node moves its tasks without a restart delay")
  func drain() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    let service = swarm.create(replicas: 6)
    swarm.updateNode(nodes[0]) { $0.availability = .drain }
    #expect(swarm.spread(service, over: nodes) == [0, 3, 3])
    let left = swarm.tasks(service).filter { $0.nodeID == nodes[0] }
    #expect(left.allSatisfy { $0.desiredState == .shutdown && $0.status.state == .shutdown })
  }

  @Test("9: a drained node's task stops before its replacement starts")
  func drainOrder() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create(image: "stubborn")
    _ = swarm.addNode()
    swarm.updateNode(node) { $0.availability = .drain }
    #expect(swarm.wanted(service).map(\.status.state) == [.ready])
    swarm.advance(by: .seconds(59))
    #expect(swarm.wanted(service).map(\.status.state) == [.ready])
    swarm.advance(by: .seconds(2))
    #expect(swarm.wanted(service).map(\.status.state) == [.running])
  }

  @Test("a drained node's task runs on until its replacement runs, where updates start the new task first")
  func drainStartFirst() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    let service = swarm.create(replicas: 6) { $0.update = UpdateConfig(order: .startFirst) }
    swarm.recorder = PlanRecorder(swarm.store)
    swarm.updateNode(nodes[0]) { $0.availability = .drain }
    #expect(swarm.spread(service, over: nodes) == [0, 3, 3])
    #expect(swarm.recorder?.plan.fewestRunning == ["web": 6])
    #expect(swarm.tasks(service).filter { $0.nodeID == nodes[0] }.allSatisfy { $0.status.state == .shutdown })
  }

  @Test("a task that is to be replaced first stays on its drained node while there is no other")
  func drainStartFirstWithoutRoom() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create { $0.update = UpdateConfig(order: .startFirst) }
    swarm.updateNode(node) { $0.availability = .drain }
    swarm.advance(by: .seconds(100))
    #expect(swarm.wanted(service).map(\.status.state).sorted() == [.pending, .running])
    swarm.changeLeader()
    #expect(swarm.running(service).map(\.nodeID) == [node])
    // An update goes on beside it, and there are never more than two.
    swarm.update(service, setImage("two"))
    #expect(swarm.wanted(service).map(\.status.state).sorted() == [.pending, .running])
    let other = swarm.addNode()
    #expect(swarm.wanted(service).map(\.nodeID) == [other])
    #expect(swarm.images(service) == ["two"])
  }

  @Test("a node that isn't drained any more keeps the task whose replacement waits")
  func drainStartFirstTakenBack() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create { $0.update = UpdateConfig(order: .startFirst) }
    let task = swarm.running(service).map(\.id)
    swarm.updateNode(node) { $0.availability = .drain }
    swarm.updateNode(node) { $0.availability = .active }
    #expect(swarm.wanted(service).map(\.id) == task)
  }

  @Test(
    "what has no replacement to wait for leaves a drained node at once",
    arguments: [RestartPolicy.Condition.none, .any]
  )
  func drainStartFirstWithoutReplacement(condition: RestartPolicy.Condition) {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create {
      if condition == .any { $0.mode = .global }
      $0.update = UpdateConfig(order: .startFirst)
      $0.task.restart = RestartPolicy(condition: condition)
    }
    #expect(swarm.running(service).count == 1)
    swarm.updateNode(node) { $0.availability = .drain }
    #expect(swarm.running(service).isEmpty)
  }

  @Test("a replacement that fails is tried again after its delay, and the task on the drained node runs meanwhile")
  func drainStartFirstFailing() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create { $0.update = UpdateConfig(order: .startFirst) }
    guard let first = swarm.running(service).first, let other = nodes.first(where: { $0 != first.nodeID }) else { return }
    swarm.hang(other)
    if let node = first.nodeID { swarm.updateNode(node) { $0.availability = .drain } }
    guard let second = swarm.wanted(service).first(where: { $0.id != first.id }) else {
      Issue.record("no replacement")
      return
    }
    swarm.report([TaskStatusUpdate(task: second.id, status: TaskStatus(state: .failed))], other)
    swarm.settle()
    #expect(swarm.wanted(service).filter { $0.id != first.id }.map(\.desiredState) == [.ready])
    #expect(swarm.wanted(service).contains { $0.id == first.id })
  }

  @Test("10: a paused node keeps its tasks and gets no new ones")
  func pause() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 2)
    swarm.updateNode(nodes[0]) { $0.availability = .pause }
    #expect(swarm.spread(service, over: nodes) == [1, 1])
    swarm.scale(service, to: 4)
    #expect(swarm.spread(service, over: nodes) == [1, 3])
  }

  @Test("11: a node that comes back is told to shut its old tasks down, and nothing moves back")
  func downAndUp() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 4)
    swarm.kill(nodes[0])
    swarm.advance(by: .seconds(3))
    #expect(swarm.spread(service, over: nodes) == [0, 4])
    swarm.revive(nodes[0])
    swarm.advance(by: .seconds(30))
    #expect(swarm.spread(service, over: nodes) == [0, 4])
    let old = swarm.tasks(service).filter { $0.nodeID == nodes[0] }
    #expect(old.count == 2)
    #expect(old.allSatisfy { $0.status.state == .shutdown })
  }

  @Test("a killed node's tasks run elsewhere when the grace is over")
  func killedNode() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    let service = swarm.create(replicas: 6)
    swarm.kill(nodes[1])
    swarm.advance(by: .milliseconds(1_900))
    #expect(swarm.store.node(nodes[1])?.status.state == .ready)
    swarm.advance(by: .milliseconds(100))
    #expect(swarm.store.node(nodes[1])?.status.state == .down)
    #expect(swarm.spread(service, over: nodes) == [3, 0, 3])
  }

  @Test("a stream that comes back within the grace changes nothing")
  func shortLoss() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 4)
    let before = swarm.log.count
    swarm.kill(nodes[0])
    swarm.advance(by: .seconds(1))
    swarm.revive(nodes[0])
    swarm.advance(by: .seconds(10))
    #expect(swarm.spread(service, over: nodes) == [2, 2])
    #expect(swarm.log.count == before)
  }

  @Test("no new task goes to a node whose stream is lost")
  func avoidLostNode() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    swarm.kill(nodes[0])
    let service = swarm.create(replicas: 2)
    #expect(swarm.spread(service, over: nodes) == [0, 2])
  }

  @Test("a removed node's tasks are given up, and run elsewhere")
  func removeNode() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 4)
    swarm.request([.removeNode(nodes[0], force: true)])
    swarm.settle()
    #expect(swarm.spread(service, over: nodes) == [0, 4])
    #expect(swarm.tasks(service).count { $0.status.state == .orphaned } == 2)
    #expect(swarm.closed.contains { $0.1.code == .permissionDenied })
    swarm.request([.removeService(service)])
    swarm.advance(by: .seconds(1))
    #expect(swarm.tasks(service).isEmpty)
  }

  @Test("tasks of a node that is down for a day are given up, ended ones are not")
  func orphans() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 2) { $0.task.restart = RestartPolicy(condition: .onFailure) }
    let done = swarm.running(service).first { $0.nodeID == nodes[0] }
    let other = swarm.create("other", replicas: 2)
    if let done { swarm.end(done, .complete) }
    swarm.kill(nodes[0])
    swarm.agents[nodes[1]]?.isAlive = true
    swarm.advance(by: .seconds(24 * 3_600 + 60))
    #expect(swarm.tasks(other).count { $0.status.state == .orphaned } == 1)
    #expect(swarm.tasks(service).first { $0.id == done?.id }?.status.state == .complete)
  }

  @Test("51: tasks for which their node has become too small are rejected, the newest first, and run where there is room")
  func shrunkenNode() {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 4)
    let service = swarm.create(replicas: 3) { $0.reserve(cpus: 1) }
    let before = swarm.running(service).sorted { ($0.meta.createdAt, $0.id) < ($1.meta.createdAt, $1.id) }
    #expect(before.count == 3)
    let other = swarm.addNode(cpus: 4)
    swarm.agents[node]?.description.resources?.nanoCPUs = 1_000_000_000
    swarm.kill(node)
    swarm.revive(node)
    let rejected = swarm.tasks(service).filter { $0.status.state == .rejected }
    #expect(Set(rejected.map(\.id)) == Set(before.dropFirst().map(\.id)))
    #expect(rejected.allSatisfy { $0.status.err == "assigned node no longer meets constraints" })
    swarm.advance(by: .seconds(10))
    #expect(swarm.spread(service, over: [node, other]) == [1, 2])
  }

  @Test("51: a node that has become too small keeps its tasks while it is paused, and loses them when it is active again")
  func shrunkenPausedNode() {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 4)
    let service = swarm.create(replicas: 2) { $0.reserve(cpus: 2) }
    swarm.updateNode(node) { $0.availability = .pause }
    swarm.agents[node]?.description.resources?.nanoCPUs = 3_000_000_000
    swarm.kill(node)
    swarm.revive(node)
    #expect(swarm.running(service).count == 2)
    swarm.updateNode(node) { $0.availability = .active }
    #expect(swarm.running(service).count == 1)
  }

  @Test("what ended on a node that is too small stays as it ended, and makes room for what runs")
  func endedOnShrunkenNode() throws {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 4)
    let service = swarm.create(replicas: 2) { $0.reserve(cpus: 2) }
    let before = swarm.running(service).sorted { ($0.meta.createdAt, $0.id) < ($1.meta.createdAt, $1.id) }
    let (stays, ends) = (try #require(before.first), try #require(before.last))
    swarm.updateNode(node) { $0.availability = .pause }
    swarm.agents[node]?.description.resources?.nanoCPUs = 2_000_000_000
    swarm.kill(node)
    swarm.revive(node)
    // Both in one turn: the node may be reviewed again, and what would have to go has just ended.
    var spec = try #require(swarm.store.node(node)?.spec)
    spec.availability = .active
    swarm.request([.updateNodeSpec(node, expected: nil, spec)])
    swarm.end(ends)
    #expect(swarm.store.task(ends.id)?.status.state == .failed)
    #expect(swarm.store.task(stays.id)?.status.state == .running)
  }

  @Test("51: a task whose node no longer meets its constraints is rejected and replaced")
  func enforcement() {
    var swarm = ControlHarness()
    let first = swarm.addNode(labels: ["disk": "ssd"])
    let second = swarm.addNode(labels: ["disk": "ssd"])
    let service = swarm.create(replicas: 2) { $0.constrain("node.labels.disk==ssd") }
    swarm.updateNode(first) { $0.annotations.labels = ["disk": "hdd"] }
    swarm.advance(by: .seconds(6))
    #expect(swarm.spread(service, over: [first, second]) == [0, 2])
    let rejected = swarm.tasks(service).filter { $0.nodeID == first }
    #expect(rejected.map(\.status.state) == [.rejected])
    #expect(rejected.map(\.status.err) == ["assigned node no longer meets constraints"])
  }
}

extension ServiceSpec {
  mutating func constrain(_ constraints: String...) {
    self.task.placement = Placement(constraints: constraints)
  }
}
