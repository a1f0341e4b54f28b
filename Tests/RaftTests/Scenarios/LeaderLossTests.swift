// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Loss of the leader's connection")
struct LeaderLossTests {
  @Test("a killed leader is replaced within 150 ms when its connections break", arguments: 1...20 as ClosedRange<UInt64>)
  func killedLeader(seed: UInt64) throws {
    var group = try Group(seed: seed)
    group.elect(1)
    group.advance(.milliseconds(350))
    group.crash(1)
    for id in [2, 3] as [UInt64] { group.peerLost(1, by: id) }
    let duration = group.advance(atMost: .seconds(2)) { $0.leader != nil }
    #expect(try #require(duration) <= .milliseconds(150), "seed \(seed)")
    group.check()
  }

  @Test("one follower that notices late doesn't hold up the election for long", arguments: 1...10 as ClosedRange<UInt64>)
  func lateNotice(seed: UInt64) throws {
    var group = try Group(seed: seed)
    group.elect(1)
    group.advance(.milliseconds(350))
    group.crash(1)
    group.peerLost(1, by: 2)
    group.advance(.milliseconds(100))
    #expect(group.leader == nil, "member 3 still counts on its leader")
    group.peerLost(1, by: 3)
    let duration = group.advance(atMost: .seconds(2)) { $0.leader != nil }
    #expect(try #require(duration) <= .milliseconds(300), "seed \(seed)")
    group.check()
  }

  @Test("without a broken connection nobody campaigns before the election timeout")
  func silence() throws {
    var group = try Group()
    group.elect(1)
    group.crash(1)
    group.advance(.milliseconds(380))
    #expect(group[2].status.role == .follower && group[3].status.role == .follower)
    let duration = group.advance(atMost: .seconds(3)) { $0.leader != nil }
    #expect(try #require(duration) <= .milliseconds(1_200))
    group.check()
  }

  @Test("a follower that loses its connection to a living leader disturbs nobody and follows again")
  func falseAlarm() throws {
    var group = try Group()
    group.elect(1)
    group.advance(.milliseconds(350))
    for _ in 0..<5 {
      group.peerLost(1, by: 2)
      group.advance(.milliseconds(250))
    }
    #expect(group.leader == RaftID(1))
    #expect(group.nodes.allSatisfy { $0.status.term == Term(2) && $0.status.leader == RaftID(1) })
    group.check()
  }

  @Test("a pre-vote doesn't refresh the contact to a lost leader (hashicorp #606)")
  func preVoteIsNoContact() throws {
    var group = try Group()
    group.elect(1)
    group.advance(.milliseconds(300))
    group.crash(1)
    // Member 3 can't win: nobody hears its votes. Its attempts must not keep member 2 from trying.
    group.passes = { message in
      if case .voteRequest = message.body { message.from != RaftID(3) } else { true }
    }
    let duration = group.advance(atMost: .seconds(6)) { $0.leader == RaftID(2) }
    #expect(duration != nil)
    group.check()
  }

  @Test("a leader that comes back may be elected again in a group of two out of three (hashicorp #605)")
  func oldLeaderReturns() throws {
    var group = try Group()
    group.crash(3)
    group.elect(1)
    try group.propose(1, "a")
    group.settle()
    try group.restart(1)
    group.advance(.seconds(4))
    #expect(group.leader != nil)
    #expect(group[1].status.commit == group[2].status.commit)
    group.check()
  }
}
