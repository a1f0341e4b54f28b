// SPDX-License-Identifier: Apache-2.0

import Raft
import SwarmControl
import SwarmModel
import Testing

@testable import Swarm

@Suite("The store as a state machine")
struct StoreMachineTests {
  @Test("what a leader decided counts in the log's own term alone")
  func terms() throws {
    var machine = StoreMachine(board: StoreBoard(history: 1))
    var ids = IdentifierGenerator(seed: 1)
    let decisions = [7, 6].map { term in
      LogEntry(leaderTerm: term, time: .zero, changes: [.putNode(Node(id: ids.make()))]).encode()[...]
    }
    let entries = try EntryCodec.encode(decisions, term: Term(rawValue: 7), startingAt: LogIndex(rawValue: 1))
    var outputs: [Applied] = []
    try machine.apply(entries, into: &outputs)
    #expect(outputs.map { $0.firstError?.code } == [nil, .unavailable])
    #expect(machine.board.store.nodes().count == 1)
    #expect(machine.board.store.version == 2)
  }

  @Test("snapshots are as far apart as the swarm's specification says, also after one of them was restored")
  func snapshotInterval() throws {
    var machine = StoreMachine(board: StoreBoard(history: 1))
    #expect(machine.entriesBetweenSnapshots == nil)
    var ids = IdentifierGenerator(seed: 1)
    var cluster = Cluster(id: ids.make())
    var outputs: [Applied] = []
    func write(_ interval: UInt64, at index: UInt64) throws {
      cluster.spec.raft.snapshotInterval = interval
      let command = LogEntry(leaderTerm: 1, time: .zero, changes: [.putCluster(cluster)]).encode()[...]
      let entries = try EntryCodec.encode([command], term: Term(rawValue: 1), startingAt: LogIndex(rawValue: index))
      try machine.apply(entries, into: &outputs)
    }
    try write(ClusterSpec().raft.snapshotInterval, at: 1)
    #expect(machine.entriesBetweenSnapshots == 100_000)
    try write(70, at: 2)
    var other = StoreMachine(board: StoreBoard(history: 1))
    try other.restore(from: machine.board.store.encodeSnapshot())
    #expect(machine.entriesBetweenSnapshots == 70)
    #expect(other.entriesBetweenSnapshots == 70)
    try write(0, at: 3)
    #expect(machine.entriesBetweenSnapshots == nil)
  }
}
