// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Lease reads")
struct LeaseReadTests {
  private static let configuration = RaftConfiguration.with { $0.leaseReads = .init(clockDriftLimit: 0.2) }

  /// Member 1 leads, and the others have just answered it.
  private static func group(_ configuration: RaftConfiguration = Self.configuration) throws -> Group {
    var group = try Group(configuration: configuration)
    group.advance(.milliseconds(500))
    group.elect(1)
    group.advance(.milliseconds(150))
    group.sent = []
    return group
  }

  @Test("with a lease a read costs no message; without the option it costs a round")
  func free() throws {
    var group = try Self.group()
    try group.read(1, as: 7)
    group.settle()
    #expect(group[1].reads.map(\.id.rawValue) == [7])
    #expect(group[1].reads[0].index == group[1].status.commit)
    #expect(group.sent.isEmpty)

    var plain = try Self.group(RaftConfiguration())
    try plain.read(1, as: 7)
    plain.settle()
    #expect(!plain.sent.isEmpty)
  }

  @Test("a follower's read takes one question and one answer")
  func follower() throws {
    var group = try Self.group()
    try group.read(2, as: 7)
    group.settle()
    #expect(group[2].reads.count == 1)
    #expect(group.sent.count == 2)
  }

  @Test("the lease ends before anybody can be elected, however fast the other clocks are within the bound")
  func expiry() throws {
    var group = try Self.group()
    group.isolated = [RaftID(1)]
    // 500 ms, less a fifth, since the last round that was answered.
    group.advance(.milliseconds(330))
    try group.read(1, as: 1)
    group.advance(.milliseconds(100))
    try group.read(1, as: 2)
    group.settle()
    #expect(group[1].reads.map(\.id.rawValue) == [1])
    #expect(group[2].status.term == Term(2) && group[3].status.term == Term(2))
    group.check()
  }

  @Test("followers keep their promise when the leader's connection breaks, when they restart and when they are told to forget")
  func promises() throws {
    for trouble in 0..<3 {
      var group = try Self.group()
      group.crash(1)
      let crashed = group.now
      for id in [2, 3] as [UInt64] {
        switch trouble {
        case 0: group.peerLost(1, by: id)
        case 1: try group.restart(id)
        default: try group.feed(id) { core, now in core.forgetLeader(now: now) }
        }
      }
      let candidacy = Message.Candidacy(term: Term(3), last: group[3].disk.durable.last)
      group.receive(Message(from: RaftID(3), to: RaftID(2), term: Term(2), body: .preVoteRequest(candidacy)))
      group.receive(Message(from: RaftID(3), to: RaftID(2), term: Term(3), body: .voteRequest(candidacy)))
      group.settle()
      #expect(!group.sent.contains { $0.body == .preVoteResponse(term: Term(3), granted: true) })
      #expect(group[2].status.term == Term(2))
      let duration = group.advance(atMost: .seconds(3)) { $0.leader != nil && $0.leader != RaftID(1) }
      // The last word of the leader came at most one heartbeat before it died.
      #expect(try #require(duration) >= .milliseconds(400), "\(trouble): \(crashed)")
      group.check()
    }
  }

  @Test("a raised term doesn't free a follower from its promise")
  func raisedTerm() throws {
    var group = try Self.group()
    group.isolated = [RaftID(1), RaftID(3)]
    group.receive(Message(from: RaftID(3), to: RaftID(2), term: Term(3), body: .voteResponse(granted: false)))
    group.settle()
    #expect(group[2].status.term == Term(3))
    let candidacy = Message.Candidacy(term: Term(3), last: group[3].disk.durable.last)
    group.sent = []
    group.receive(Message(from: RaftID(3), to: RaftID(2), term: Term(3), body: .voteRequest(candidacy)))
    group.settle()
    #expect(group.sent.map(\.body) == [.voteResponse(granted: false)])
  }

  @Test("once a successor was told to begin, reads are confirmed by rounds again, also after the transfer was given up")
  func transfer() throws {
    var group = try Self.group()
    group.passes = { $0.body != .timeoutNow }
    try group.feed(1) { core, now throws(RaftError) in try core.transferLeadership(to: RaftID(3), now: now) }
    group.settle()
    group.advance(.milliseconds(700))
    #expect(group[1].abandonedTransfers == [RaftID(3)])
    group.sent = []
    try group.read(1, as: 7)
    group.settle()
    #expect(group[1].reads.count == 1)
    #expect(group.sent.count == 4, "a round: two questions, two answers")
  }

  @Test("a new leader's lease is worth nothing before it has committed in its term")
  func newLeader() throws {
    var group = try Self.group()
    group.passes = { if case .appendAccepted = $0.body { false } else { true } }
    group.elect(2)
    group.advance(.milliseconds(250))
    try group.read(2, as: 7)
    group.settle()
    #expect(group[2].reads.isEmpty)
    group.passes = { _ in true }
    group.advance(.milliseconds(300))
    #expect(group[2].reads.map(\.index) == [group[2].status.commit])
    group.check()
  }

  @Test("a bound that makes no sense is refused", arguments: [-0.1, 1, .nan, .infinity])
  func bound(limit: Double) {
    let configuration = RaftConfiguration.with { $0.leaseReads = .init(clockDriftLimit: limit) }
    #expect(#expect(throws: RaftError.self) { try configuration.validate() }?.code == .invalidConfiguration)
  }
}
