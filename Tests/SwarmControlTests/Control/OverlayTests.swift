// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("What the log says and what it will say")
struct OverlayTests {
  /// An overlay over two nodes, and the log beside it.
  private struct World {
    var store = Store()
    var overlay: Overlay
    let nodes: [NodeID]
    private var lastProposal: UInt64 = 0

    init() {
      var ids = IdentifierGenerator(seed: 1)
      self.nodes = [ids.make(), ids.make()]
      let nodes = self.nodes.map { Change.putNode(Node(id: $0)) }
      _ = self.store.apply(LogEntry(leaderTerm: 1, time: .zero, changes: nodes), index: 1)
      self.overlay = Overlay(self.store)
    }

    /// What is said of nodes in one turn, an entry for each.
    mutating func propose(_ statements: [(node: Int, state: NodeStatus.State)]) -> [Proposal] {
      var proposals: [Proposal] = []
      for (position, statement) in statements.enumerated() {
        self.lastProposal += 1
        let entry = self.entry(statement.node, statement.state)
        // An entry that is drafted in two pieces, so that no version is as predicted.
        _ = self.overlay.draft(LogEntry(leaderTerm: 1, time: entry.time, changes: []), in: position)
        _ = self.overlay.draft(entry, in: position)
        proposals.append(Proposal(id: ProposalID(rawValue: self.lastProposal), entry: entry))
      }
      self.overlay.propose(proposals)
      return proposals
    }

    func entry(_ node: Int, _ state: NodeStatus.State, client: ClientStamp? = nil) -> LogEntry {
      let change = NodeStatusChange(id: self.nodes[node], status: NodeStatus(state: state))
      return LogEntry(leaderTerm: 1, time: .zero + .seconds(5), client: client, changes: [.nodeStatuses([change])])
    }

    mutating func commit(_ entry: LogEntry) -> Overlay.Committed {
      let applied = self.store.apply(entry, index: self.store.version + 1)
      return self.overlay.committed(entry, applied)
    }

    /// Whether nothing is in flight and both sides are what the log says, byte for byte.
    var isSettled: Bool {
      let bytes = self.store.encodeSnapshot()
      return self.overlay.count == 0 && self.overlay.committed.encodeSnapshot() == bytes
        && self.overlay.view.encodeSnapshot() == bytes
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
    #expect(world.overlay.committed.node(world.nodes[0])?.status.state == .ready)
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
    let delta = world.overlay.failed(proposals[0].id)
    #expect(delta.nodes.contains { $0.old?.status.state == .ready && $0.new?.status.state != .ready })
    #expect(world.overlay.view.node(world.nodes[1])?.status.state == .ready)
    _ = world.commit(proposals[1].entry)
    #expect(world.isSettled)
  }

  @Test("a store that is shared is what both sides were, and is wanted only at rest")
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
