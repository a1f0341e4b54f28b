// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Elections")
struct ElectionTests {
  @Test("one of three becomes leader and commits an entry of its term")
  func simple() throws {
    var group = try Group()
    group.elect(2)
    #expect(group[2].status.term == Term(2))
    #expect(group.nodes.allSatisfy { $0.status.leader == RaftID(2) && $0.status.commit == LogIndex(4) })
    group.check()
  }

  @Test("a group of one elects itself, but not before its vote is on the disk")
  func single() throws {
    var group = try Group(voters: 1)
    group.slowDisks = [RaftID(1)]
    group.campaign(1)
    #expect(group[1].status.role == .candidate)
    group.sync(1)
    #expect(group[1].status.role == .leader)
    group.settle()
    #expect(group[1].status.commit == LogIndex(1))
    group.sync(1)
    #expect(group[1].status.commit == LogIndex(2))
    group.check()
  }

  @Test("neither a vote nor the request for one leaves before it is on the disk")
  func votesAreStored() throws {
    var group = try Group()
    group.slowDisks = [RaftID(1), RaftID(2), RaftID(3)]
    group.campaign(1)
    #expect(group[1].status.role == .candidate)
    #expect(!group.sent.contains { if case .voteRequest = $0.body { true } else { false } })
    group.sync(1)
    group.settle()
    #expect(group[2].status.term == Term(2))
    #expect(!group.sent.contains { if case .voteResponse = $0.body { true } else { false } })
    group.sync(2)
    group.settle()
    #expect(group.leader == RaftID(1))
    group.check()
  }

  @Test("a member that votes, loses power and comes back doesn't vote for another in that term")
  func noSecondVote() throws {
    var group = try Group()
    group.passes = { if case .voteResponse = $0.body { false } else { true } }
    group.campaign(1)
    #expect(group[2].disk.durable.hardState.votedFor == RaftID(1))
    try group.restart(2)
    group.passes = { _ in true }
    let rival = Message.Candidacy(term: Term(2), last: LogPosition(index: LogIndex(9), term: Term(2)))
    group.sent = []
    group.receive(Message(from: RaftID(3), to: RaftID(2), term: Term(2), body: .voteRequest(rival)))
    group.settle()
    #expect(group.sent.contains { $0.to == RaftID(3) && $0.body == .voteResponse(granted: false) })
    group.check()
  }

  @Test("a member whose log lacks committed entries isn't elected")
  func shortLog() throws {
    var group = try Group()
    group.elect(1)
    group.isolated = [RaftID(3)]
    try group.propose(1, "a")
    group.settle()
    group.isolated = []
    group.crash(1)
    group.campaign(3)
    #expect(group.leader == nil)
    group.elect(2)
    #expect(group[3].status.commit == group[2].status.commit)
    group.check()
  }

  @Test("a member that was cut off doesn't raise the term, and disturbs nobody when it is back")
  func preVote() throws {
    var group = try Group()
    group.elect(1)
    group.isolated = [RaftID(3)]
    group.advance(.seconds(10))
    #expect(group[3].status.term == Term(2))
    group.isolated = []
    group.advance(.seconds(2))
    #expect(group.leader == RaftID(1))
    #expect(group.nodes.allSatisfy { $0.status.term == Term(2) && $0.status.leader == RaftID(1) })
    group.check()
  }

  @Test("the longer log in the older term and the shorter log in the newer term find a leader (openraft #1796)")
  func preVoteCarriesTheTerm() throws {
    var group = try Group()
    group.elect(1)
    // Member 2 wins a pre-vote and stores a newer term, but nobody hears of it; member 1 writes on.
    group.isolated = [RaftID(3)]
    try group.propose(1, "a")
    group.settle()
    group.isolated = []
    group.passes = { if case .voteRequest = $0.body { false } else { true } }
    group.crash(1)
    group.campaign(2)
    group.campaign(2)
    #expect(group[2].status.term > Term(2))
    group.passes = { _ in true }
    group.crash(2)
    try group.restart(1)
    try group.restart(2)
    group.crash(3)
    group.advance(.seconds(5))
    #expect(group.leader != nil)
    group.check()
  }

  @Test("a member with a newer term is heard out and followed again (etcd #8334)")
  func newerTermReturns() throws {
    var group = try Group()
    group.elect(1)
    group.passes = { if case .voteRequest = $0.body { false } else { true } }
    // Member 3 gets pre-votes while 1 is silent, and then nothing.
    group.isolated = [RaftID(1)]
    group.campaign(3)
    #expect(group[3].status.term == Term(3))
    group.passes = { _ in true }
    group.isolated = []
    group.advance(.seconds(5))
    let leader = try #require(group.leader)
    #expect(group.nodes.allSatisfy { $0.status.leader == leader })
    #expect(group[leader.rawValue].status.term >= Term(4))
    group.check()
  }

  @Test("votes of former members and strangers don't count, a learner's does once it is a voter")
  func onlyVotersCount() throws {
    var group = try Group()
    group.passes = { if case .voteResponse = $0.body { false } else { true } }
    group.campaign(1)
    #expect(group[1].status.role == .candidate)
    for stranger in [77, 78, 79] as [UInt64] {
      group.receive(Message(from: RaftID(stranger), to: RaftID(1), term: Term(2), body: .voteResponse(granted: true)))
    }
    #expect(group[1].status.role == .candidate)
    group.receive(Message(from: RaftID(3), to: RaftID(1), term: Term(2), body: .voteResponse(granted: true)))
    #expect(group[1].status.role == .leader)
  }

  @Test("a leader that hears no majority gives up within two election timeouts")
  func checkQuorum() throws {
    var group = try Group()
    group.elect(1)
    group.isolated = [RaftID(1)]
    let duration = group.advance(atMost: .seconds(2)) { $0[1].status.role != .leader }
    #expect(try #require(duration) <= .milliseconds(1_200))
    #expect(throws: RaftError.self) { try group.propose(1, "lost") }
    group.check()
  }

  @Test("a leader whose disk hangs gives up, and another takes over (hashicorp #503)")
  func diskStall() throws {
    var group = try Group()
    group.elect(1)
    group.slowDisks = [RaftID(1)]
    try group.propose(1, "a")
    group.settle()
    #expect(group[1].status.commit == LogIndex(5), "the others have it on their disks")
    group.advance(.seconds(8))
    #expect(group.leader != RaftID(1))
    #expect(group.leader != nil)
    group.check()
  }

  @Test("two candidates that split the vote try again within milliseconds")
  func splitVote() throws {
    var group = try Group()
    group.elect(1)
    group.advance(.milliseconds(200))
    group.crash(1)
    group.slowDisks = [RaftID(2), RaftID(3)]
    for id in [2, 3] as [UInt64] { group.peerLost(1, by: id) }
    // Both get the other's pre-vote, then both vote for themselves before either hears of the other.
    for id in [2, 3] as [UInt64] {
      try group.feed(id) { core, now in core.tick(now: now + .milliseconds(60)) }
    }
    group.settle()
    group.slowDisks = []
    let duration = group.advance(atMost: .seconds(3)) { $0.leader != nil }
    #expect(try #require(duration) < .milliseconds(450))
    group.check()
  }
}
