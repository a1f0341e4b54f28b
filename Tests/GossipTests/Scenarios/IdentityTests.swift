// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Gossip

@Suite("Identity")
struct IdentityTests {
  private func joined(_ count: Int) throws -> Group {
    var group = try Group(count)
    group.join()
    group.run(for: .seconds(2))
    for number in 0..<count { group.events[number] = [] }
    return group
  }

  /// Everything that can be said about one member in some small range, in the order in which it wins.
  @Test("whatever is heard in whatever order, the end is the same: the greatest of epoch, incarnation and rank")
  func order() throws {
    var claims: [Claim] = []
    let group = try self.joined(3)
    for epoch in 1...2 as ClosedRange<UInt64> {
      for incarnation in 0...2 as ClosedRange<UInt32> {
        for kind in [Claim.Kind.alive, .dead, .left] {
          claims.append(try group.claim(kind, 2, epoch: epoch, incarnation: incarnation))
        }
      }
    }
    for first in claims.indices {
      for second in claims.indices where second > first {
        for pair in [[first, second], [second, first]] {
          var group = group
          group.isLost = { _, _ in true }
          for place in pair { try group.hear([claims[place]], at: 0, from: 1) }
          let member = try #require(group.cores[0].member(MemberID("n2")))
          let expected = claims[second]
          #expect(member.epoch == expected.epoch && member.incarnation == expected.incarnation, "\(pair)")
          #expect(member.status.rawValue == expected.kind.rawValue - 1, "\(pair)")
        }
      }
    }
  }

  @Test("a death that changes nothing still raises the incarnation, so that nothing older resurrects (al8n/memberlist#197)")
  func resurrection() throws {
    var group = try self.joined(3)
    group.isLost = { _, _ in true }
    try group.hear([group.claim(.dead, 2, incarnation: 1)], at: 0, from: 1)
    try group.hear([group.claim(.dead, 2, incarnation: 10)], at: 0, from: 1)
    try group.hear([group.claim(.alive, 2, incarnation: 2)], at: 0, from: 1)
    #expect(try group.status(of: 2, at: 0) == .dead)
    try group.hear([group.claim(.alive, 2, incarnation: 11)], at: 0, from: 1)
    #expect(try group.status(of: 2, at: 0) == .alive)
  }

  @Test("a death of somebody unknown is remembered, and an older word doesn't bring it to life")
  func unknownDeath() throws {
    var group = try self.joined(3)
    var claim = try group.claim(.dead, 2, incarnation: 3)
    claim.id = try MemberID("stranger")
    try group.hear([claim], at: 0, from: 1)
    claim.kind = .alive
    try group.hear([claim], at: 0, from: 1)
    #expect(group.cores[0].member(claim.id)?.status == .dead)
    #expect(group.kinds(0).isEmpty)
  }

  @Test("a restart at the same address replaces the earlier life, and a late good-bye of that life changes nothing")
  func restart() throws {
    var group = try self.joined(3)
    group.cores[2].leave(now: group.now)
    group.run(for: .seconds(3))
    #expect(try group.status(of: 2, at: 0) == .left)
    group.cores[2] = try GossipCore(id: MemberID("n2"), epoch: 2, address: Group.address(2), seed: 1, now: group.now)
    group.cores[2].join([Group.address(0)], now: group.now)
    group.run(for: .seconds(2))
    try group.hear([group.claim(.left, 2, epoch: 1, incarnation: 9)], at: 0, from: 1)
    #expect(try group.status(of: 2, at: 0) == .alive)
    #expect(group.kinds(0).filter { $0 == "failed" }.isEmpty)
  }

  @Test("the last two part with a good-bye, too")
  func lastGoodbye() throws {
    var group = try self.joined(2)
    group.cores[1].leave(now: group.now)
    group.run(for: .seconds(1))
    #expect(try group.status(of: 1, at: 0) == .left)
    #expect(group.events[1].contains(.leaveCompleted))
  }

  @Test("a node that starts with an epoch of the past corrects it")
  func renewal() throws {
    var group = try self.joined(3)
    group.cores[2] = try GossipCore(id: MemberID("n2"), epoch: 0, address: Group.address(2), seed: 1, now: group.now)
    group.cores[2].join([Group.address(0)], now: group.now)
    group.run(for: .seconds(3))
    #expect(group.events[2].contains(.renewed(epoch: 2)))
    #expect(group.cores[0].member(try MemberID("n2"))?.epoch == 2)
  }

  @Test("a node whose address changed is found again (moby#41043)")
  func address() throws {
    var group = try self.joined(3)
    let elsewhere = GossipAddress(ipv4: 0x0A09_0807, port: 1)
    try group.cores[2].setAddress(elsewhere, now: group.now)
    group.run(for: .milliseconds(100))
    #expect(group.kinds(0) == ["restarted"])
    #expect(group.cores[0].member(try MemberID("n2"))?.address == elsewhere)
  }

  @Test("two nodes of one name: the first stays, both sides are told")
  func conflict() throws {
    var group = try self.joined(3)
    var claim = try group.claim(.alive, 2, incarnation: 5)
    claim.address = GossipAddress(ipv4: 0x0A09_0807, port: 1)
    try group.hear([claim], at: 0, from: 1)
    #expect(group.cores[0].member(claim.id)?.address == Group.address(2))
    try group.hear([claim], at: 2, from: 1)
    group.settle()
    #expect(group.kinds(0) == ["conflict"])
    #expect(group.kinds(2) == ["superseded"])
  }

  @Test("the highest incarnation in a forged accusation doesn't evict a node for ever (hashicorp/memberlist#358)")
  func forgery() throws {
    var group = try self.joined(3)
    try group.hear([group.claim(.dead, 2, incarnation: Claim.largestIncarnation)], at: 0, from: 1)
    group.settle()
    group.run(for: .seconds(3))
    #expect(try group.status(of: 2, at: 0) == .alive)
    #expect(try group.status(of: 2, at: 1) == .alive)
  }

  @Test("a forged good-bye is refuted")
  func forgedGoodbye() throws {
    var group = try self.joined(3)
    try group.hear([group.claim(.left, 2)], at: 0, from: 1)
    group.run(for: .seconds(3))
    #expect(try group.status(of: 2, at: 0) == .alive)
  }

  @Test("what is gone is forgotten in its time")
  func forgetting() throws {
    var configuration = GossipConfiguration()
    configuration.retention.dead = .seconds(60)
    var group = try Group(3, configuration: configuration)
    group.join()
    group.isLost = { sender, receiver in sender == 2 || receiver == 2 }
    group.run(for: .seconds(30), frozen: [2])
    #expect(try group.status(of: 2, at: 0) == .dead)
    group.run(for: .seconds(60), frozen: [2])
    #expect(try group.status(of: 2, at: 0) == nil)
    #expect(group.events[0].last == .forgotten(try MemberID("n2")))
    #expect(group.cores[0].departures.isEmpty)
  }
}
