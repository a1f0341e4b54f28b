// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Who should lead")
struct PreferenceTests {
  @Test(
    "the voter with the highest priority is elected after the leader's end, whatever the seed",
    arguments: 1...20 as ClosedRange<UInt64>
  )
  func priority(seed: UInt64) throws {
    var group = try Group(voters: 5, seed: seed)
    group.elect(1)
    try group.change(1, .several([.prioritize(RaftID(4), 9), .prioritize(RaftID(2), 3)]))
    group.settle()
    group.advance(.milliseconds(200))
    group.crash(1)
    if seed % 2 == 0 { for id in 2...5 as ClosedRange<UInt64> { group.peerLost(1, by: id) } }
    _ = group.advance(atMost: .seconds(3)) { $0.leader != nil }
    #expect(group.leader == RaftID(4), "seed \(seed)")
    group.check()
  }

  @Test("when the preferred voter is gone or behind, another one leads")
  func priorityIsOnlyAWish() throws {
    var group = try Group()
    group.elect(1)
    try group.change(1, .prioritize(RaftID(3), 1))
    group.settle()
    group.isolated = [RaftID(3)]
    try group.propose(1, "a")
    group.settle()
    group.isolated = []
    group.crash(1)
    let duration = group.advance(atMost: .seconds(10)) { $0.leader != nil }
    #expect(group.leader == RaftID(2), "member 3 lacks what was decided")
    #expect(try #require(duration) < .seconds(3))
    group.check()
  }

  @Test("a transfer without a target prefers the higher priority among equals")
  func transfer() throws {
    for target in [2, 3] as [UInt64] {
      var group = try Group()
      group.elect(1)
      try group.change(1, .prioritize(RaftID(target), 1))
      group.settle()
      try group.feed(1) { core, now throws(RaftError) in try core.transferLeadership(to: nil, now: now) }
      group.settle()
      #expect(group.leader == RaftID(target))
    }
  }

  @Test("a member that forgets its leader votes for another at once, and follows the old one again if it speaks")
  func forget() throws {
    var group = try Group()
    group.elect(1)
    group.advance(.milliseconds(150))
    for id in [2, 3] as [UInt64] { try group.feed(id) { core, now in core.forgetLeader(now: now) } }
    group.settle()
    #expect(group[2].status.leader == nil && group[2].status.role == .follower)
    group.advance(.milliseconds(150))
    #expect(group[2].status.leader == RaftID(1))

    group.crash(1)
    for id in [2, 3] as [UInt64] { try group.feed(id) { core, now in core.forgetLeader(now: now) } }
    let candidacy = Message.Candidacy(term: Term(3), last: group[2].disk.durable.last)
    group.receive(Message(from: RaftID(3), to: RaftID(2), term: Term(2), body: .preVoteRequest(candidacy)))
    group.settle()
    #expect(group.sent.last?.body == .preVoteResponse(term: Term(3), granted: true))
    group.check()
  }

  @Test("the only voter leads as soon as its disk allows, not after an election timeout")
  func alone() throws {
    var group = try Group(voters: 1)
    #expect(group[1].core.nextDeadline == .zero)
    try group.feed(1) { core, now in core.tick(now: now) }
    group.settle()
    #expect(group[1].isLeader && group.now == .zero)
    try group.change(1, .addLearner(context: []))
    group.settle()
    try group.restart(1)
    #expect(group[1].core.nextDeadline == group.now, "a learner is nobody to wait for")

    let pair = try Group(voters: 2)
    #expect(pair[1].core.nextDeadline >= .milliseconds(500))
  }
}
