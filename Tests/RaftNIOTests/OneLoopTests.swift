// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import Raft
import RaftNIO
import Synchronization
import TestTraits
import Testing

@Suite("Members on one event loop", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct OneLoopTests {
  /// A client that answers every answer with the next proposal, from within it.
  private final class EagerClient: Sendable {
    private let node: RaftNode<Ledger>
    private let state = Mutex((answers: 0, isStopped: false))

    init(of node: RaftNode<Ledger>) {
      self.node = node
      self.ask()
    }

    /// How many proposals were answered.
    var answers: Int { self.state.withLock { $0.answers } }
    /// Whether leadership was lost meanwhile.
    var isStopped: Bool { self.state.withLock { $0.isStopped } }

    func stop() { self.state.withLock { $0.isStopped = true } }

    private func ask() {
      self.node.propose([1]) { result in
        let goesOn = self.state.withLock { state in
          if case .failure = result { state.isStopped = true } else { state.answers += 1 }
          return !state.isStopped
        }
        if goesOn { self.ask() }
      }
    }
  }

  @Test("a member alone has time for others while it is asked again with every answer")
  func alone() async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap()) { $0.durability = .none }
    _ = try await group.nextLeader()
    let client = EagerClient(of: node)
    while client.answers < 1_000 { _ = try await node.status() }
    client.stop()
    try await group.stopAll()
  }

  @Test("every member keeps up while the leader is asked again with every answer")
  func together() async throws {
    let network = InProcessNetwork()
    let group = try TestGroup()
    let loop = memberLoops.next()
    for id in 1...3 as ClosedRange<UInt64> {
      try await group.start(id, .bootstrap([[], [], []]), on: loop) {
        $0.network = .inProcess(network)
        $0.durability = .none
      }
    }
    _ = try await group.nextLeader()
    var hasSeenAll = false
    while !hasSeenAll {
      for id in 1...3 as ClosedRange<UInt64> { try await group.readIndex(of: id) }
      let leader = try await group.leader()
      let others = [1, 2, 3].map { RaftID($0) }.filter { $0 != leader.configuration.member }
      let client = EagerClient(of: leader)
      while client.answers < 1_000, !client.isStopped {
        let status = try await leader.status()
        // Who is written to first hears of it last, but not much later.
        guard client.answers > 100, status.role == .leader else { continue }
        for other in others { #expect(try #require(status.lag(of: other)) < 100) }
        hasSeenAll = true
      }
      client.stop()
    }
    let last = try await group.propose([2]).index
    let commands = try await group.commands(of: 1, upTo: last)
    #expect(try await group.commands(of: 2, upTo: last) == commands)
    #expect(try await group.commands(of: 3, upTo: last) == commands)
    try await group.stopAll()
  }
}
