// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("What the log says and what it will say")
struct OverlayTests {
  /// An overlay over two nodes and a service, and the log beside it.
  private struct World {
    var store = Store()
    var overlay: Overlay
    let nodes: [NodeID]
    /// The first is there and has the first task, on the first node.
    let services: [ServiceID]
    let tasks: [TaskID]
    private var lastProposal: UInt64 = 0

    init() {
      var ids = IdentifierGenerator(seed: 1)
      self.nodes = [ids.make(), ids.make()]
      self.services = [ids.make(), ids.make()]
      self.tasks = [ids.make(), ids.make(), ids.make()]
      var changes = self.nodes.map { Change.putNode(Node(id: $0, status: NodeStatus(state: .unknown))) }
      changes.append(.createService(Service(id: self.services[0], spec: StoreFixture.spec("web"))))
      _ = self.store.apply(LogEntry(leaderTerm: 1, time: .zero, changes: changes), index: 1)
      self.overlay = Overlay(self.store)
      _ = self.commit(LogEntry(leaderTerm: 1, time: .zero, changes: [self.create(0, on: 0)]))
    }

    /// A task of the first service.
    func create(_ task: Int, on node: Int) -> Change {
      let version = self.store.service(self.services[0])?.specVersion ?? .zero
      let new = NewTask(id: self.tasks[task], slot: UInt64(task + 1), node: self.nodes[node])
      return .createTasks(self.services[0], specVersion: version, desired: .running, [new])
    }

    func end(_ task: Int) -> Change {
      .taskStatuses([TaskStatusChange(task: self.tasks[task], status: TaskStatus(state: .failed))])
    }

    /// What is said of nodes in one turn, an entry for each.
    mutating func propose(_ statements: [(node: Int, state: NodeStatus.State)]) -> [Proposal] {
      self.propose(statements.map { self.entry($0.node, $0.state) })
    }

    /// What is said in one turn.
    mutating func propose(_ entries: [LogEntry]) -> [Proposal] {
      var proposals: [Proposal] = []
      for (position, entry) in entries.enumerated() {
        self.lastProposal += 1
        // An entry that is drafted in two pieces, so that no version is as predicted.
        _ = self.overlay.draft(LogEntry(leaderTerm: 1, time: entry.time, changes: []), in: position)
        _ = self.overlay.draft(entry, in: position)
        proposals.append(Proposal(id: ProposalID(rawValue: self.lastProposal), entry: entry))
      }
      self.overlay.propose(proposals)
      #expect(self.knowsTheLog)
      return proposals
    }

    func entry(_ changes: Change...) -> LogEntry {
      LogEntry(leaderTerm: 1, time: .zero + .seconds(5), changes: changes)
    }

    mutating func lose(_ proposal: Proposal) -> ViewDelta {
      defer { #expect(self.knowsTheLog) }
      return self.overlay.failed(proposal.id)
    }

    func entry(_ node: Int, _ state: NodeStatus.State, client: ClientStamp? = nil) -> LogEntry {
      let change = NodeStatusChange(id: self.nodes[node], status: NodeStatus(state: state))
      return LogEntry(leaderTerm: 1, time: .zero + .seconds(5), client: client, changes: [.nodeStatuses([change])])
    }

    mutating func commit(_ entry: LogEntry) -> Overlay.Committed {
      let applied = self.store.apply(entry, index: self.store.version + 1)
      defer { #expect(self.knowsTheLog) }
      return self.overlay.committed(entry, applied)
    }

    /// Whether nothing is in flight and the view is what the log says, byte for byte.
    var isSettled: Bool {
      self.overlay.count == 0 && self.overlay.view.encodeSnapshot() == self.store.encodeSnapshot()
    }

    /// Whether the overlay knows what the log says of every object, whatever is in flight.
    var knowsTheLog: Bool {
      self.overlay.version == self.store.version && self.overlay.committedCluster?.value == self.store.cluster
        && self.nodes.allSatisfy { node in
          self.overlay.committedNode(node) == self.store.node(node)
            && self.overlay.committedTasks(on: node) == self.store.tasks(on: node)
        }
        && self.services.allSatisfy { self.overlay.committedService($0) == self.store.service($0) }
        && self.tasks.allSatisfy { self.overlay.committedTask($0)?.value == self.store.task($0) }
    }
  }

  @Test("predictions that come true leave nothing of what was predicted, whichever nodes a turn is about", arguments: [0, 1])
  func comesTrue(second: Int) {
    var world = World()
    for round in 0..<3 {
      let states: [NodeStatus.State] = round % 2 == 0 ? [.ready, .down] : [.unknown, .ready]
      let proposals = world.propose([(0, states[0]), (second, states[1])])
      for proposal in proposals {
        #expect(!world.isSettled)
        let committed = world.commit(proposal.entry)
        #expect(committed.proposal == proposal.id)
        #expect(committed.delta.nodes.isEmpty, "nothing is news")
      }
      #expect(world.isSettled)
    }
  }

  @Test("what commits first doesn't hide what a later proposal says of the same object")
  func laterProposal() {
    var world = World()
    let proposals = world.propose([(0, .ready), (0, .down)])
    _ = world.commit(proposals[0].entry)
    #expect(world.overlay.committedNode(world.nodes[0])?.status.state == .ready)
    #expect(world.overlay.view.node(world.nodes[0])?.status.state == .down)
    _ = world.commit(proposals[1].entry)
    #expect(world.isSettled)
  }

  @Test("somebody else's entry, in between or by itself, is taken over with what its client is remembered for")
  func foreignEntry() {
    var world = World()
    let proposals = world.propose([(0, .ready), (1, .ready)])
    _ = world.commit(proposals[0].entry)
    let stamp = ClientStamp(client: ClientID(high: 0, low: 1), sequence: 1)
    let delta = world.commit(world.entry(0, .down, client: stamp)).delta
    #expect(delta.nodes.contains { $0.new?.status.state == .down })
    _ = world.commit(proposals[1].entry)
    #expect(world.isSettled)
    // Again, as a retry; and another one while nothing is in flight.
    #expect(world.commit(world.entry(0, .down, client: stamp)).delta.nodes.isEmpty)
    #expect(world.isSettled)
    let next = ClientStamp(client: ClientID(high: 0, low: 1), sequence: 2)
    #expect(world.commit(world.entry(1, .down, client: next)).delta.nodes.count == 1)
    #expect(world.isSettled)
  }

  @Test("a lost proposal is taken back, and the others stay")
  func lostProposal() {
    var world = World()
    let proposals = world.propose([(0, .ready), (1, .ready)])
    let delta = world.lose(proposals[0])
    #expect(delta.nodes.contains { $0.old?.status.state == .ready && $0.new?.status.state != .ready })
    #expect(world.overlay.view.node(world.nodes[1])?.status.state == .ready)
    _ = world.commit(proposals[1].entry)
    #expect(world.isSettled)
  }

  @Test("what the log says of tasks stays known while others are created, end and are removed", arguments: [false, true])
  func tasks(isDisturbed: Bool) {
    var world = World()
    let proposals = world.propose([
      world.entry(world.create(1, on: 1), world.end(0)),
      world.entry(world.create(2, on: 0), .removeTasks([world.tasks[0], world.tasks[1]])),
      world.entry(world.end(2)),
    ])
    #expect(world.overlay.view.taskIDs(on: world.nodes[0]) == [world.tasks[2]])
    #expect(world.overlay.committedTasks(on: world.nodes[0]).map(\.id) == [world.tasks[0]])
    _ = world.commit(proposals[0].entry)
    #expect(world.overlay.committedTasks(on: world.nodes[1]).map(\.id) == [world.tasks[1]])
    if isDisturbed {
      let version = world.store.service(world.services[0])?.specVersion ?? .zero
      _ = world.commit(
        world.entry(
          .updateService(world.services[0], expected: version, StoreFixture.spec("web", replicas: 9), isRollback: false)
        )
      )
    }
    _ = world.commit(proposals[1].entry)
    _ = world.commit(proposals[2].entry)
    #expect(world.isSettled)
    #expect(world.store.task(world.tasks[2]) == nil || !isDisturbed, "it was to follow another specification")
  }

  @Test("a lost proposal gives names back that it had given to others")
  func namesComeBack() {
    var world = World()
    let other = Service(id: world.services[1], spec: StoreFixture.spec("web"))
    let proposals = world.propose([
      world.entry(.removeService(world.services[0]), .createService(other)), world.entry(world.end(0)),
    ])
    #expect(world.overlay.view.service(named: "web")?.id == world.services[1])
    let delta = world.lose(proposals[0])
    #expect(delta.services.count == 2)
    #expect(world.overlay.view.service(named: "web")?.id == world.services[0])
    #expect(world.overlay.view.service(world.services[1]) == nil)
    _ = world.commit(proposals[1].entry)
    #expect(world.isSettled)
  }

  @Test("a store that is shared is what the overlay's own was, and is wanted only at rest")
  func sharing() {
    var world = World()
    let proposals = world.propose([(0, .ready)])
    #expect(!world.overlay.wantsToShare(after: 1))
    _ = world.commit(proposals[0].entry)
    #expect(world.overlay.wantsToShare(after: 1))
    world.overlay.share(world.store)
    #expect(!world.overlay.wantsToShare(after: 1))
    #expect(world.isSettled)
  }
}
