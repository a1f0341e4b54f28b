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
}
