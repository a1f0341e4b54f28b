// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Dispatcher")
struct DispatcherTests {
  private func state(_ swarm: ControlHarness, _ node: NodeID) -> NodeStatus.State? {
    swarm.store.node(node)?.status.state
  }

  @Test("52: a node that misses three heartbeats is down")
  func heartbeats() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    swarm.hang(node)
    swarm.advance(by: .seconds(14))
    #expect(self.state(swarm, node) == .ready)
    swarm.advance(by: .seconds(2))
    #expect(self.state(swarm, node) == .down)
    #expect(swarm.store.node(node)?.status.message == "heartbeat failure")
  }

  /// The tasks that agents hear of in a turn, message by message.
  private func heard(in turn: Turn) -> [Int] {
    turn.messages.compactMap { output in
      guard case .assignments(_, let message) = output else { return nil }
      return message.changes.count
    }
  }

  /// A swarm of one node with two services of one task each: the first's is in the log, the second's is proposed.
  private func swarmThatDecides() -> (swarm: ControlHarness, proposed: [Proposal], turn: Turn) {
    var swarm = ControlHarness()
    _ = swarm.addNode("node")
    swarm.now += .seconds(1)
    let turns = (1...2).map { number in
      let spec = ServiceSpec(
        annotations: Annotations(name: "web\(number)"),
        task: TaskSpec(runtime: .container(ContainerSpec(image: "run"))),
        mode: .replicated(replicas: 1)
      )
      swarm.request([.createService(Service(id: swarm.ids.make(), spec: spec))])
      return swarm.control.turn(now: swarm.now, time: swarm.time)
    }
    for proposal in turns[0].proposals { swarm.commit(proposal.entry) }
    let turn = swarm.control.turn(now: swarm.now, time: swarm.time)
    return (swarm, turns[1].proposals, turn)
  }

  @Test("an agent hears once of what is decided at the same time")
  func gathering() {
    var (swarm, proposed, turn) = self.swarmThatDecides()
    #expect(!proposed.isEmpty)
    #expect(self.heard(in: turn).isEmpty)
    for proposal in proposed { swarm.commit(proposal.entry) }
    turn = swarm.control.turn(now: swarm.now, time: swarm.time)
    #expect(self.heard(in: turn) == [2])
  }

  @Test("an agent doesn't wait longer than 50 ms for what else is decided")
  func gatheringEnds() {
    var (swarm, _, turn) = self.swarmThatDecides()
    #expect(turn.nextWake == swarm.now + .milliseconds(50))
    swarm.now += .milliseconds(49)
    turn = swarm.control.turn(now: swarm.now, time: swarm.time)
    #expect(self.heard(in: turn).isEmpty)
    swarm.now += .milliseconds(1)
    turn = swarm.control.turn(now: swarm.now, time: swarm.time)
    #expect(self.heard(in: turn) == [1])
  }

  @Test("52: after a leader change nodes that come back keep everything")
  func leaderChange() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(5)
    let service = swarm.create(replicas: 10)
    let before = swarm.running(service).map(\.id)
    let entries = swarm.log.count
    swarm.changeLeader()
    swarm.advance(by: .seconds(60))
    #expect(swarm.running(service).map(\.id) == before)
    #expect(swarm.log.count == entries)
    #expect(nodes.allSatisfy { self.state(swarm, $0) == .ready })
  }

  @Test("52: a node that doesn't come back is down after twice the grace when the others did")
  func leaderChangeWithDeadNode() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(4)
    let service = swarm.create(replicas: 4)
    swarm.hang(nodes[0])
    swarm.silent = [nodes[0]]
    swarm.changeLeader()
    swarm.advance(by: .milliseconds(3_900))
    #expect(self.state(swarm, nodes[0]) == .unknown)
    swarm.advance(by: .milliseconds(200))
    #expect(self.state(swarm, nodes[0]) == .down)
    #expect(swarm.store.node(nodes[0])?.status.message == #"heartbeat failure for node in "unknown" state"#)
    #expect(swarm.running(service).count == 4)
  }

  @Test("52: when hardly any node comes back, the leader waits for twice the heartbeats")
  func leaderChangeWithoutNodes() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(4)
    swarm.changeLeader(reconnecting: false)
    swarm.advance(by: .seconds(10))
    swarm.silent = []
    swarm.advance(by: .seconds(5))
    #expect(nodes.allSatisfy { self.state(swarm, $0) == .ready })
    swarm.changeLeader(reconnecting: false)
    swarm.advance(by: .seconds(29))
    #expect(nodes.allSatisfy { self.state(swarm, $0) == .unknown })
    swarm.advance(by: .seconds(2))
    #expect(nodes.allSatisfy { self.state(swarm, $0) == .down })
  }

  @Test("52: a node that doesn't come back to a new leader is unknown: it keeps its tasks, and gets others when it comes")
  func unseenNode() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 2)
    swarm.changeLeader(reconnecting: false)
    swarm.advance(by: .milliseconds(1_900))
    #expect(nodes.allSatisfy { self.state(swarm, $0) == .ready })
    swarm.advance(by: .milliseconds(200))
    #expect(nodes.allSatisfy { self.state(swarm, $0) == .unknown })
    let message = #"Node moved to "unknown" state due to leadership change in cluster"#
    #expect(nodes.allSatisfy { swarm.store.node($0)?.status.message == message })
    swarm.silent = [nodes[0]]
    swarm.settle()
    #expect(nodes.map { self.state(swarm, $0) } == [.unknown, .ready])
    swarm.scale(service, to: 4)
    #expect(swarm.spread(service, over: nodes) == [1, 3])
    swarm.silent = []
    swarm.settle()
    #expect(self.state(swarm, nodes[0]) == .ready)
    #expect(swarm.store.node(nodes[0])?.status.message.isEmpty == true)
    #expect(swarm.spread(service, over: nodes) == [1, 3])
  }

  @Test("52: a node that neither the last leader nor this one has seen is down when its time is over")
  func unknownAgain() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 2)
    swarm.hang(nodes[0])
    swarm.changeLeader(reconnecting: false)
    swarm.advance(by: .seconds(3))
    #expect(self.state(swarm, nodes[0]) == .unknown)
    swarm.silent = [nodes[0]]
    swarm.changeLeader()
    swarm.advance(by: .seconds(5))
    #expect(nodes.map { self.state(swarm, $0) } == [.down, .ready])
    #expect(swarm.spread(service, over: nodes) == [0, 2])
  }

  @Test("nodes that come back one by one are waited for as long as they keep coming")
  func trickle() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(8)
    swarm.changeLeader(reconnecting: false)
    for node in nodes {
      swarm.advance(by: .seconds(3))
      swarm.silent.remove(node)
      swarm.settle()
    }
    #expect(nodes.allSatisfy { self.state(swarm, $0) == .ready })
  }

  @Test("no task goes to the node of a manager that died with the last term")
  func suspectedNode() {
    var swarm = ControlHarness()
    let dead = swarm.addNode("dead", role: .manager)
    let live = swarm.addNode("live")
    swarm.hang(dead)
    swarm.silent = [dead]
    swarm.changeLeader()
    let observation = ManagerObservation(node: dead, raftID: 1, address: "a:1", isLeader: false, reachability: .unreachable)
    swarm.control.handle(.members([observation]), now: swarm.now, time: swarm.time)
    let service = swarm.create(replicas: 2)
    #expect(swarm.spread(service, over: [dead, live]) == [0, 2])
  }

  @Test("53: calls that name no session, another one, or another node's task are refused")
  func refusals() throws {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 2)
    let task = try #require(swarm.running(service).first { $0.nodeID == nodes[1] })
    let own = try #require(swarm.running(service).first { $0.nodeID == nodes[0] })
    let session = try #require(swarm.agents[nodes[0]]?.session)
    let wrong: SessionID = swarm.ids.make()
    let stranger: NodeID = swarm.ids.make()
    let now = swarm.now
    #expect(throws: SwarmError(code: .invalidArgument, message: "session invalid")) {
      try swarm.control.heartbeat(node: nodes[0], session: wrong, now: now)
    }
    #expect(throws: SwarmError(code: .notFound, message: "node not registered")) {
      try swarm.control.heartbeat(node: stranger, session: session, now: now)
    }
    let failed = TaskStatus(state: .failed)
    let updates = [TaskStatusUpdate(task: own.id, status: failed), TaskStatusUpdate(task: task.id, status: failed)]
    let time = swarm.time
    #expect(throws: SwarmError(code: .permissionDenied, message: "cannot update a task not assigned this node")) {
      try swarm.control.updateStatuses(updates, node: nodes[0], session: session, now: now, time: time)
    }
    swarm.settle()
    #expect(swarm.running(service).count == 2)
  }

  @Test("56: what has ended stays as it ended, whatever its node says later")
  func endedTwice() {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let service = swarm.create()
    let task = swarm.running(service)[0]
    // The task runs on, is told to stop, and its agent then says that it did.
    swarm.report([TaskStatusUpdate(task: task.id, status: TaskStatus(state: .complete))], task.nodeID ?? NodeID())
    swarm.settle()
    #expect(swarm.store.task(task.id)?.status.state == .complete)
    #expect(swarm.wanted(service).map(\.desiredState) == [.ready])
    swarm.advance(by: .seconds(5))
    #expect(swarm.running(service).count == 1)
  }

  @Test("a node that went away tells how its tasks ended, and nothing else, until it comes back")
  func lastWords() throws {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 2)
    let lost = nodes[0]
    let task = try #require(swarm.running(service).first { $0.nodeID == lost })
    let session = try #require(swarm.agents[lost]?.session)
    swarm.kill(lost)
    swarm.advance(by: .seconds(3))
    #expect(swarm.store.node(lost)?.status.state == .down)
    let (now, time) = (swarm.now, swarm.time)
    func report(_ state: TaskState, in session: SessionID) throws {
      let update = TaskStatusUpdate(task: task.id, status: TaskStatus(state: state, message: "\(state)"))
      try swarm.control.updateStatuses([update], node: lost, session: session, now: now, time: time)
      swarm.settle()
    }
    try report(.starting, in: session)
    #expect(swarm.store.task(task.id)?.status.state == .running)
    try report(.shutdown, in: session)
    #expect(swarm.store.task(task.id)?.status.state == .shutdown)
    #expect(throws: SwarmError(code: .notFound, message: "node not registered")) {
      try report(.failed, in: SessionID("0123456789abcdefghijklmno") ?? session)
    }
    swarm.revive(lost)
    swarm.advance(by: .seconds(3))
    #expect(throws: SwarmError(code: .invalidArgument, message: "session invalid")) { try report(.failed, in: session) }
  }

  @Test(
    "agents of ours hear of the networks of their tasks, Docker's only of those that every engine has",
    arguments: [true, false]
  )
  func networks(isOurs: Bool) throws {
    var swarm = ControlHarness()
    swarm.agentsAreOurs = isOurs
    let node = swarm.addNode()
    func ask(_ request: ControlRequest) throws {
      swarm.request(try ControlRequest.changes(for: request, in: swarm.store, now: swarm.time, ids: &swarm.ids))
      swarm.settle()
    }
    swarm.request(PredefinedNetworks.missing(in: swarm.store, ids: &swarm.ids))
    try ask(.createNetwork(NetworkSpec(annotations: Annotations(name: "front"))))
    let container = ContainerSpec(image: "run")
    var spec = ServiceSpec(annotations: Annotations(name: "web"), task: TaskSpec(runtime: .container(container)))
    spec.task.networks = ["host", "front"].map {
      NetworkAttachmentConfig(target: $0, aliases: ["a"], driverAttachmentOpts: ["o": "v"])
    }
    try ask(.createService(spec))
    let attached = try #require(swarm.agents[node]?.held.values.first?.task.networks)
    #expect(attached.compactMap { $0.network?.spec.annotations.name } == (isOurs ? ["host", "front"] : ["host"]))
    #expect(attached.allSatisfy { $0.aliases == ["a"] && $0.driverAttachmentOpts == ["o": "v"] })
    #expect(attached.first?.network?.isPredefined == true)
    let id = try #require(attached.first?.network?.id)
    #expect(throws: SwarmError(code: .failedPrecondition, message: "host is a pre-defined network and cannot be removed")) {
      try ask(.removeNetwork(reference: id.description))
    }
    #expect(PredefinedNetworks.missing(in: swarm.store, ids: &swarm.ids).isEmpty)
  }

  @Test("54: the first message is complete even when empty, the others continue it")
  func chain() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    #expect(swarm.agents[node]?.applied == "1")
    _ = swarm.create(replicas: 2)
    #expect(swarm.agents[node]?.applied == "2")
    #expect(swarm.agents[node]?.held.count == 2)
  }

  @Test("54: an agent that comes back gets the whole set, and what it misses is gone")
  func completeAgain() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create(replicas: 3)
    swarm.kill(node)
    swarm.advance(by: .seconds(1))
    swarm.scale(service, to: 1)
    swarm.revive(node)
    swarm.advance(by: .seconds(1))
    #expect(swarm.agents[node]?.held.count == 1)
    #expect(swarm.running(service).count == 1)
  }

  @Test("agents are told what managers decide, and nothing of what they said themselves")
  func noEcho() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    _ = swarm.create()
    #expect(swarm.agents[node]?.applied == "2")
    swarm.advance(by: .seconds(30))
    #expect(swarm.agents[node]?.applied == "2")
  }

  @Test("56: a status that goes backwards is ignored")
  func backwards() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create()
    let task = swarm.running(service)[0]
    let entries = swarm.log.count
    swarm.report([TaskStatusUpdate(task: task.id, status: TaskStatus(state: .starting))], node)
    swarm.report([TaskStatusUpdate(task: task.id, status: TaskStatus(state: .running))], node)
    swarm.settle()
    #expect(swarm.running(service).count == 1)
    #expect(swarm.log.count == entries)
  }

  @Test("steps before running stay in the leader's memory")
  func observed() {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let service = swarm.create(image: "stuck")
    let task = swarm.tasks(service)[0]
    #expect(task.status.state == .assigned)
    #expect(swarm.control.observedStatus(of: task.id)?.state == .preparing)
    swarm.request([.removeService(service)])
    swarm.advance(by: .seconds(1))
    #expect(swarm.control.observedStatus(of: task.id) == nil)
  }

  @Test("60: the fourth registration within eight seconds is refused")
  func rateLimit() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    for _ in 0..<2 {
      swarm.register(node)
      swarm.settle()
    }
    #expect(swarm.refusals.isEmpty)
    swarm.register(node)
    swarm.silent = [node]
    swarm.settle()
    #expect(swarm.refusals.map(\.code) == [.unavailable])
    swarm.advance(by: .seconds(9))
    swarm.register(node)
    swarm.settle()
    #expect(swarm.refusals.count == 1)
  }

  @Test("a new registration ends the session before it; resuming goes on with it")
  func supersede() throws {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let first = try #require(swarm.agents[node]?.session)
    swarm.register(node)
    swarm.settle()
    let second = try #require(swarm.agents[node]?.session)
    #expect(first != second)
    #expect(swarm.closed.map(\.0) == [first])
    swarm.register(node, resuming: second)
    swarm.settle()
    #expect(swarm.agents[node]?.session == second)
    #expect(swarm.closed.count == 1)
  }

  @Test("the end of the connection before is no loss once the node goes on with its session over another one")
  func takenUpAgain() throws {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let session = try #require(swarm.agents[node]?.session)
    swarm.register(node, resuming: session)
    // Seen late: the answer over the new connection is still on its way.
    swarm.control.handle(.streamLost(session), now: swarm.now, time: swarm.time)
    swarm.settle()
    swarm.advance(by: .seconds(4))
    #expect(swarm.store.node(node)?.status.state == .ready)
    #expect(swarm.agents[node]?.session == session && swarm.closed.isEmpty)
  }

  @Test("a node nobody knows is refused")
  func unknownNode() {
    var swarm = ControlHarness()
    let stranger: NodeID = swarm.ids.make()
    swarm.agents[stranger] = FakeAgent(node: stranger, description: NodeDescription())
    swarm.register(stranger)
    swarm.settle()
    #expect(swarm.refusals.map(\.code) == [.notFound])
  }

  @Test("an agent hears of changes of its node and of the managers")
  func sessionMessages() {
    var swarm = ControlHarness()
    let node = swarm.addNode(role: .manager)
    swarm.updateNode(node) { $0.annotations.labels = ["a": "b"] }
    #expect(swarm.agents[node]?.lastMessage?.node?.spec.annotations.labels == ["a": "b"])
    let address = "127.0.0.1:2377"
    let observation = ManagerObservation(node: node, raftID: 1, address: address, isLeader: true, reachability: .reachable)
    swarm.control.handle(.members([observation]), now: swarm.now, time: swarm.time)
    swarm.settle()
    #expect(swarm.agents[node]?.lastMessage?.managers == [WeightedPeer(nodeID: node, address: "127.0.0.1:2377")])
    #expect(swarm.store.node(node)?.managerStatus?.leader == true)
    swarm.control.handle(.members([]), now: swarm.now, time: swarm.time)
    swarm.settle()
    #expect(swarm.store.node(node)?.managerStatus == nil)
    #expect(swarm.agents[node]?.lastMessage?.managers == [])
    // How SwarmKit's authority asks for a renewal.
    let due = NodeCertificate(status: IssuanceStatus(state: .rotate))
    swarm.request([.nodeStatuses([NodeStatusChange(id: node, certificate: due)])])
    swarm.settle()
    #expect(swarm.agents[node]?.lastMessage?.node?.certificate?.status.state == .rotate)
  }

  @Test("74: a slot keeps five tasks, and those that run are never removed")
  func history() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(image: "fail") { $0.task.restart = RestartPolicy(delay: .seconds(1)) }
    let steady = swarm.create("steady", replicas: 3)
    swarm.advance(by: .seconds(30))
    #expect(swarm.tasks(service).count == 5)
    #expect(swarm.running(steady).count == 3)
    swarm.invariants.checkHistory(swarm.store, limit: 5)
  }

  @Test("what many failures leave behind is removed without entries of its own")
  func reaperInCompany() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    _ = swarm.create(replicas: 50, image: "fail") { $0.task.restart = RestartPolicy(delay: .seconds(1)) }
    swarm.advance(by: .seconds(10))
    let removals = swarm.log.count { entry in
      entry.changes.allSatisfy { if case .removeTasks = $0 { true } else { false } }
    }
    #expect(removals <= 2)
  }
}
