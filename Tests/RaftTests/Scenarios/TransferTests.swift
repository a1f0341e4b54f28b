// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Leadership transfer")
struct TransferTests {
  private func transfer(_ group: inout Group, to target: UInt64?) throws {
    try group.feed(1) { core, now throws(RaftError) in
      try core.transferLeadership(to: target.map { RaftID($0) }, now: now)
    }
  }

  @Test("leadership goes to the target at once, whatever the election timeout")
  func toTarget() throws {
    var group = try Group()
    group.elect(1)
    group.advance(.milliseconds(150))
    try self.transfer(&group, to: 3)
    group.settle()
    #expect(group.leader == RaftID(3))
    #expect(group.nodes.allSatisfy { $0.status.leader == RaftID(3) })
    #expect(group[1].status.transferTarget == nil)
    try group.propose(3, "goes on")
    group.settle()
    group.check()
  }

  @Test("without a target the voter that is furthest gets it")
  func toBest() throws {
    var group = try Group()
    group.elect(1)
    group.isolated = [RaftID(2)]
    try group.propose(1, "a")
    group.settle()
    group.isolated = []
    try self.transfer(&group, to: nil)
    group.settle()
    #expect(group.leader == RaftID(3))
    group.check()
  }

  @Test("meanwhile proposals and membership changes are refused as busy")
  func busy() throws {
    var group = try Group()
    group.elect(1)
    group.isolated = [RaftID(3)]
    try self.transfer(&group, to: 3)
    group.settle()
    #expect(#expect(throws: RaftError.self) { try group.propose(1, "a") }?.code == .busy)
    #expect(#expect(throws: RaftError.self) { try group.change(1, .addVoter(context: [])) }?.code == .busy)
    #expect(#expect(throws: RaftError.self) { try self.transfer(&group, to: 2) }?.code == .busy)
  }

  @Test("a transfer to a dead member is given up after an election timeout, and the leader leads on")
  func abandoned() throws {
    var group = try Group()
    group.elect(1)
    group.crash(3)
    try self.transfer(&group, to: 3)
    let duration = group.advance(atMost: .seconds(2)) { $0[1].abandonedTransfers == [RaftID(3)] }
    #expect(try #require(duration) <= .milliseconds(510))
    try group.propose(1, "goes on")
    group.settle()
    #expect(group[1].applied == LogIndex(5))
    group.check()
  }

  @Test("nothing of a transfer is left when the leader stepped down and leads again (hashicorp #493, #696)")
  func interrupted() throws {
    var group = try Group()
    group.elect(1)
    group.passes = { $0.body != .timeoutNow }
    try self.transfer(&group, to: 3)
    group.settle()
    group.elect(2)
    group.passes = { _ in true }
    group.elect(1)
    #expect(group[1].status.transferTarget == nil)
    try group.propose(1, "goes on")
    group.settle()
    #expect(group[3].applied == group[1].status.lastIndex)
    group.check()
  }

  @Test("the word to the target is repeated when it gets lost")
  func repeated() throws {
    var group = try Group()
    group.elect(1)
    group.passes = { $0.body != .timeoutNow }
    try self.transfer(&group, to: 3)
    group.settle()
    group.passes = { _ in true }
    group.advance(.milliseconds(250))
    #expect(group.leader == RaftID(3))
    group.check()
  }

  @Test("a learner, a stranger and a follower's wish are refused; the leader itself needs nothing")
  func refused() throws {
    var group = try Group()
    group.elect(1)
    let learner = try group.change(1, .addLearner(context: []))
    group.settle()
    for target in [learner.rawValue, 99] {
      #expect(#expect(throws: RaftError.self) { try self.transfer(&group, to: target) }?.code == .invalidTransfer)
    }
    try self.transfer(&group, to: 1)
    #expect(group[1].status.transferTarget == nil)
    let error = #expect(throws: RaftError.self) {
      try group.feed(2) { core, now throws(RaftError) in try core.transferLeadership(to: RaftID(2), now: now) }
    }
    #expect(error?.code == .notLeader && error?.leader == RaftID(1))
  }
}
