// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

/// The behaviours that swarm mode asks of its consensus, by their numbers.
@Suite("What swarm mode asks of consensus")
struct SwarmBehaviourTests {
  @Test("61: after the death of a leader another one leads; what was committed is kept, and what was not is told apart")
  func leaderDies() throws {
    var group = try Group()
    group.elect(1)
    let kept = try group.propose(1, "kept").upperBound
    group.settle()
    #expect(group[1].applied == kept)
    group.isolated = [RaftID(1)]
    let lost = try group.propose(1, "lost").upperBound
    group.settle()
    #expect(group[1].applied == kept, "nobody is told that it is done")
    let promised = group[1].status.term
    group.crash(1)
    group.isolated = []
    group.elect(2)
    try group.propose(2, "next")
    group.settle()
    try group.restart(1)
    group.advance(.seconds(1))
    // Who proposed compares the term of what is there now with the term in which the index was promised.
    let there = try #require(group[1].disk.durable.entry(at: lost))
    #expect(there.term > promised)
    let (here, elsewhere) = (group[1].disk.durable.entry(at: kept), group[2].disk.durable.entry(at: kept))
    #expect(here != nil && here == elsewhere)
    #expect(group[1].applied == group[2].applied)
    group.check()
  }

  @Test("62: without a quorum no write is done, and the leader says so before long; with one it is")
  func quorumLost() throws {
    var group = try Group()
    group.elect(1)
    group.crash(2)
    group.crash(3)
    let applied = group[1].applied
    try group.propose(1, "in vain")
    let givenUp = group.advance(atMost: group.configuration.electionTimeout * 4) { !$0[1].isLeader }
    #expect(givenUp != nil)
    #expect(group[1].applied == applied)
    let error = #expect(throws: RaftError.self) { try group.propose(1, "refused") }
    #expect(error?.code == .notLeader)
    try group.restart(2)
    let waited = group.advance(atMost: .seconds(5)) { $0.leader != nil }
    #expect(waited != nil)
    let leader = try #require(group.leader).rawValue
    let index = try group.propose(leader, "done").upperBound
    group.settle()
    #expect(group[leader].applied == index)
    group.check()
  }

  @Test("63: who joins after the log was cut gets the snapshot and what follows, and has what the others have")
  func joinsLate() throws {
    var group = try Group(configuration: .with { $0.memory.trailingEntries = 0 })
    group.elect(1)
    for number in 0..<20 { try group.propose(1, "entry \(number)") }
    group.settle()
    try group[1].snapshot()
    let metadata = try #require(group[1].disk.durable.snapshot)
    let id = try group.change(1, .addVoter(context: [])).rawValue
    try group.start(RaftID(id))
    group.advance(.milliseconds(400))
    #expect(group[1].snapshotsToSend == [RaftID(id)])
    let term = group[1].status.term
    group.receive(Message(from: RaftID(1), to: RaftID(id), term: term, body: .installSnapshot(metadata)))
    group.settle()
    try group.feed(1) { core, now in
      core.snapshotSent(to: RaftID(id), upTo: metadata.index, succeeded: true, now: now)
    }
    group.advance(.milliseconds(500))
    #expect(group[id].disk.durable.snapshot == metadata)
    #expect(group[id].applied == group[1].applied)
    #expect(group[id].core.membership == group[1].core.membership)
    #expect(group[id].core.membership[RaftID(id)]?.role == .voter)
    group.check()
  }
}
