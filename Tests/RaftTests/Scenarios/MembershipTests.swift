// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Membership changes")
struct MembershipTests {
  private func roles(_ group: Group, _ id: UInt64 = 1) -> [UInt64: Member.Role] {
    Dictionary(uniqueKeysWithValues: group[id].core.membership.members.map { ($0.id.rawValue, $0.role) })
  }

  @Test("an added voter gets the index of its entry as identity, catches up, and votes only then")
  func addVoter() throws {
    var group = try Group()
    group.elect(1)
    let index = try group.change(1, .addVoter(context: [7]))
    #expect(index == LogIndex(5))
    group.settle()
    group.advance(.seconds(1))
    #expect(self.roles(group) == [1: .voter, 2: .voter, 3: .voter, 5: .joining], "it isn't there yet")
    #expect(group[1].status.isMembershipSettled)
    try group.start(RaftID(5))
    group.advance(.milliseconds(500))
    #expect(self.roles(group) == [1: .voter, 2: .voter, 3: .voter, 5: .voter])
    #expect(group[5].core.membership == group[1].core.membership)
    #expect(group[1].status.isMembershipSettled)
    group.check()
  }

  @Test("a member that never came doesn't count (etcd #15097)")
  func neverStarted() throws {
    var group = try Group(voters: 1)
    group.elect(1)
    try group.change(1, .addVoter(context: []))
    group.settle()
    try group.propose(1, "goes on")
    group.settle()
    #expect(group[1].applied == LogIndex(4))
    try group.change(1, .remove(RaftID(3)))
    group.settle()
    #expect(self.roles(group) == [1: .voter])
    group.check()
  }

  @Test("a group grows from one to five members and shrinks again, whoever leads")
  func growAndShrink() throws {
    var group = try Group(voters: 1)
    group.elect(1)
    for _ in 0..<4 {
      let index = try group.change(1, .addVoter(context: []))
      try group.start(RaftID(index.rawValue))
      group.advance(.milliseconds(600))
    }
    #expect(group[1].core.membership.voters.count == 5)
    for _ in 0..<4 {
      let leader = try #require(group.leader)
      try group.change(leader.rawValue, .remove(leader))
      group.advance(.seconds(2))
    }
    let leader = try #require(group.leader)
    #expect(group[leader.rawValue].core.membership.voters.map(\.id) == [leader])
    group.check()
  }

  @Test("a second change waits for the first, and a new leader for an entry of its own (raft-dev, 2015)")
  func oneAtATime() throws {
    var group = try Group()
    group.passes = { if case .append = $0.body { false } else { true } }
    group.campaign(1)
    var error = #expect(throws: RaftError.self) { try group.change(1, .addLearner(context: [])) }
    #expect(error?.code == .membershipChangeInFlight && error?.isRetryable == true)
    group.passes = { _ in true }
    group.advance(.milliseconds(300))
    try group.change(1, .remove(RaftID(3)))
    error = #expect(throws: RaftError.self) { try group.change(1, .addLearner(context: [])) }
    #expect(error?.code == .membershipChangeInFlight)
    group.settle()
    try group.change(1, .addLearner(context: []))
    group.check()
  }

  @Test("a joint configuration is left by the next leader when its own dies (etcd #12136)")
  func jointSurvivesLeader() throws {
    var group = try Group(voters: 5)
    group.elect(1)
    // The joint entry gets out and is committed, the one that ends it doesn't.
    group.passes = { message in
      guard case .append(let append) = message.body, let entry = append.entries.last else { return true }
      return entry.index <= LogIndex(7)
    }
    try group.change(1, .remove(RaftID(5)))
    group.settle()
    #expect(group[2].core.membership.isJoint)
    group.crash(1)
    group.passes = { _ in true }
    group.advance(.seconds(4))
    let leader = try #require(group.leader)
    try group.restart(1)
    group.advance(.seconds(2))
    #expect(self.roles(group, leader.rawValue) == [1: .voter, 2: .voter, 3: .voter, 4: .voter])
    #expect(group[1].core.membership == group[2].core.membership)
    group.check()
  }

  @Test("in a joint configuration both majorities must agree")
  func jointQuorum() throws {
    var group = try Group()
    group.elect(1)
    group.passes = { message in
      if case .append = message.body { message.to == RaftID(3) } else { true }
    }
    // New set: 1 and 2; old set: 1, 2 and 3. Members 1 and 3 alone are a majority of the old one only.
    try group.change(1, .remove(RaftID(3)))
    group.settle()
    #expect(group[3].core.membership.isJoint)
    #expect(group[1].status.commit == LogIndex(4))
    group.passes = { _ in true }
    group.advance(.milliseconds(300))
    #expect(self.roles(group) == [1: .voter, 2: .voter])
    group.check()
  }

  @Test("a leader that is removed steps down once that is committed, and another leads at once")
  func removedLeader() throws {
    var group = try Group()
    group.elect(1)
    group.advance(.milliseconds(150))
    try group.change(1, .remove(RaftID(1)))
    group.settle()
    #expect(!group[1].isLeader)
    let leader = try #require(group.leader)
    #expect(self.roles(group, leader.rawValue) == [2: .voter, 3: .voter])
    try group.propose(leader.rawValue, "goes on")
    group.settle()
    let term = group[leader.rawValue].status.term
    group.advance(.seconds(10), step: .milliseconds(50))
    #expect(group[leader.rawValue].status.term == term)
    #expect(group[1].status.role == .follower)
    group.check()
  }

  @Test("64: a removed member is told, and can't disturb when it wasn't (hashicorp #524)")
  func removedFollower() throws {
    var group = try Group()
    group.elect(1)
    try group.change(1, .remove(RaftID(3)))
    group.settle()
    #expect(group[3].core.membership[RaftID(3)] == nil)
    #expect(group[1].status.peers.map(\.id) == [RaftID(2)])

    var other = try Group()
    other.elect(1)
    other.isolated = [RaftID(3)]
    try other.change(1, .remove(RaftID(3)))
    other.advance(.seconds(3))
    other.isolated = []
    let term = other[1].status.term
    other.advance(.seconds(10), step: .milliseconds(50))
    #expect(other.leader == RaftID(1))
    #expect(other[1].status.term == term)
    group.check()
    other.check()
  }

  @Test("an update changes the context and nothing else (etcd PR 21737)")
  func update() throws {
    var group = try Group()
    group.elect(1)
    let learner = try group.change(1, .addLearner(context: [1]))
    group.settle()
    let id = RaftID(learner.rawValue)
    try group.change(1, .update(id, context: [2]))
    group.settle()
    #expect(group[2].core.membership[id] == Member(id: id, role: .learner, context: [2]))
    #expect(!group[1].core.membership.isJoint)
    group.check()
  }

  @Test("a configuration that is overwritten no longer holds")
  func truncated() throws {
    var group = try Group()
    group.elect(1)
    group.isolated = [RaftID(2), RaftID(3)]
    try group.change(1, .remove(RaftID(3)))
    group.settle()
    #expect(group[1].core.membership.isJoint)
    group.isolated = [RaftID(1)]
    group.elect(2)
    try group.propose(2, "other")
    group.settle()
    group.isolated = []
    group.advance(.seconds(1))
    #expect(self.roles(group) == [1: .voter, 2: .voter, 3: .voter])
    #expect(group[1].disk.durable == group[2].disk.durable || group[1].core.membership == group[2].core.membership)
    group.check()
  }

  @Test("a learner holds the log, never campaigns, and votes when it is asked (etcd: campaign_learner_must_vote)")
  func learner() throws {
    var group = try Group()
    group.elect(1)
    let learner = try group.change(1, .addLearner(context: []))
    try group.start(RaftID(learner.rawValue))
    group.advance(.milliseconds(400))
    let id = learner.rawValue
    #expect(group[id].applied == group[1].applied)
    for peer in [1, 2, 3] as [UInt64] { group.crash(peer) }
    group.advance(.seconds(5), step: .milliseconds(50))
    #expect(group[id].status.role == .follower && group[id].status.term == Term(2))
    group.sent = []
    let candidacy = Message.Candidacy(term: Term(3), last: LogPosition(index: LogIndex(99), term: Term(2)))
    group.receive(Message(from: RaftID(2), to: RaftID(id), term: Term(3), body: .voteRequest(candidacy)))
    group.settle()
    #expect(group.sent.map(\.body) == [.voteResponse(granted: true)])
  }

  @Test("any set in one change: two come, two go, by one joint configuration, and every identity is a new one")
  func several() throws {
    var group = try Group()
    group.elect(1)
    let change = MembershipChange.several([
      .addVoter(context: [8]), .remove(RaftID(2)), .addLearner(context: [9]), .remove(RaftID(3)), .addVoter(context: [10]),
    ])
    let index = try group.change(1, change)
    #expect(change.newMembers(at: index) == [RaftID(5), RaftID(6), RaftID(7)])
    #expect(index == LogIndex(7))
    #expect(self.roles(group) == [1: .voter, 2: .outgoing, 3: .outgoing, 5: .joining, 6: .learner, 7: .joining])
    for id in [5, 6, 7] as [UInt64] { try group.start(RaftID(id)) }
    group.advance(.seconds(1))
    #expect(self.roles(group) == [1: .voter, 5: .voter, 6: .learner, 7: .voter])
    #expect(change.isDone(in: group[1].core.membership))
    let next = try group.change(1, .addLearner(context: []))
    #expect(next > index)
    group.check()
  }

  @Test("66: a change to voters of which too few are there is refused, and may be tried again")
  func unreachable() throws {
    var group = try Group()
    group.elect(1)
    group.crash(3)
    group.advance(.seconds(2))
    let error = #expect(throws: RaftError.self) { try group.change(1, .remove(RaftID(2))) }
    #expect(error?.code == .quorumUnreachable && error?.isRetryable == true)
    #expect(group[1].status.isMembershipSettled)
    try group.restart(3)
    group.advance(.milliseconds(300))
    try group.change(1, .remove(RaftID(2)))
    group.settle()
    #expect(self.roles(group) == [1: .voter, 3: .voter])
    group.check()
  }

  @Test("senseless changes are refused with the reason")
  func senseless() throws {
    var group = try Group(voters: 1)
    group.elect(1)
    for change in [.remove(RaftID(1)), .remove(RaftID(9)), .promote(RaftID(1)), .update(RaftID(9), context: [])]
      as [MembershipChange]
    {
      let error = #expect(throws: RaftError.self) { try group.change(1, change) }
      #expect(error?.code == .invalidMembershipChange)
    }
    #expect(group[1].status.lastIndex == LogIndex(2))
  }
}
