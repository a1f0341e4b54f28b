// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Replication")
struct ReplicationTests {
  private func appends(_ group: Group, to id: UInt64) -> [Message.Append] {
    group.sent.compactMap { message in
      if case .append(let append) = message.body, message.to == RaftID(id) { append } else { nil }
    }
  }

  @Test("many proposals of one turn travel in one message and cost one write")
  func batching() throws {
    var group = try Group()
    group.elect(1)
    group.sent = []
    for text in ["a", "b", "c"] { try group.propose(1, text) }
    try group.propose(1, "d", "e")
    group.settle()
    #expect(self.appends(group, to: 2).map(\.entries.count) == [5])
    #expect(group.nodes.allSatisfy { $0.applied == LogIndex(9) })
    group.check()
  }

  @Test("the leader sends before its own disk is done, and commits without it when the others have it")
  func leaderWritesInParallel() throws {
    var group = try Group()
    group.elect(1)
    group.slowDisks = [RaftID(1)]
    try group.propose(1, "a")
    group.settle()
    #expect(group[1].status.durableIndex == LogIndex(4))
    #expect(group[1].applied == LogIndex(5))
    group.slowDisks = [RaftID(1), RaftID(3)]
    group.isolated = [RaftID(2)]
    try group.propose(1, "b")
    group.settle()
    group.sync(3)
    group.settle()
    #expect(group[1].applied == LogIndex(5), "one disk of three isn't enough")
    group.sync(1)
    group.settle()
    #expect(group[1].applied == LogIndex(6))
    group.check()
  }

  @Test("a follower acknowledges nothing before it is on its disk")
  func acknowledgement() throws {
    var group = try Group(voters: 2)
    group.elect(1)
    group.slowDisks = [RaftID(2)]
    group.sent = []
    try group.propose(1, "a")
    group.settle()
    try group.propose(1, "b")
    group.settle()
    #expect(group[1].status.commit == LogIndex(3))
    group.sync(2, writes: 1)
    group.settle()
    #expect(group[1].status.commit == LogIndex(4), "the first write vouches for the first entry")
    group.sync(2)
    group.settle()
    #expect(group[1].status.commit == LogIndex(5))
    group.check()
  }

  @Test("the completion of a write doesn't vouch for an entry that took its entry's place (ABA)")
  func appendABA() throws {
    var group = try Group()
    group.elect(1)
    // Member 3 has "old" at 5 in a write that takes its time; nobody else has it.
    group.passes = { $0.to == RaftID(3) || $0.from == RaftID(3) }
    group.slowDisks = [RaftID(3)]
    group.isolated = [RaftID(2)]
    try group.propose(1, "old")
    group.settle()
    #expect(group[3].status.lastIndex == LogIndex(5))
    // Member 2 leads with something else at 5, which replaces it.
    group.passes = { _ in true }
    group.isolated = [RaftID(1)]
    group.crash(3, keepingWrites: 0)
    try group.restart(3)
    group.slowDisks = [RaftID(3)]
    var entries = try EntryCodec.encode([Array("old".utf8)[...]], term: Term(2), startingAt: LogIndex(5))
    let previous = LogPosition(index: LogIndex(4), term: Term(2))
    func append(_ term: UInt64, from leader: UInt64) -> Message {
      let append = Message.Append(previous: previous, commit: LogIndex(4), entries: entries)
      return Message(from: RaftID(leader), to: RaftID(3), term: Term(term), body: .append(append))
    }
    group.receive(append(2, from: 1))
    group.settle()
    entries = try EntryCodec.encode([Array("new".utf8)[...]], term: Term(3), startingAt: LogIndex(5))
    group.receive(append(3, from: 2))
    group.settle()
    group.sent = []
    group.sync(3, writes: 1)
    group.settle()
    #expect(group[3].status.durableIndex == LogIndex(4))
    #expect(!group.sent.contains { if case .appendAccepted = $0.body { true } else { false } })
    group.sync(3)
    group.settle()
    #expect(group.sent.contains { $0.term == Term(3) && $0.body == .appendAccepted(match: LogIndex(5)) })
    group.check()
  }

  @Test("an entry of an earlier term isn't committed by counting (figure 8)")
  func figure8() throws {
    var group = try Group(voters: 5)
    // (a) S1 leads and gets its entry only to S2.
    group.elect(1)
    let base = group[1].status.lastIndex
    group.isolated = [RaftID(3), RaftID(4), RaftID(5)]
    try group.propose(1, "x")
    group.settle()
    #expect(group[2].status.lastIndex == base.next)
    // (b) S5 leads with votes of S3 and S4, and gets its entry to nobody.
    group.isolated = [RaftID(1), RaftID(2)]
    group.passes = { if case .append = $0.body { $0.from != RaftID(5) } else { true } }
    group.elect(5)
    #expect(group[5].status.lastIndex == base.next)
    // (c) S1 leads again and gets the old entry, but none of its own term, to S3: a majority holds it.
    group.isolated = [RaftID(4), RaftID(5)]
    group.passes = { message in
      guard case .append(let append) = message.body, message.from == RaftID(1) else { return true }
      return message.to != RaftID(2) && !append.entries.contains { $0.term == message.term }
    }
    group.elect(1)
    let old = try EntryCodec.encode([Array("x".utf8)[...]], term: Term(2), startingAt: base.next)
    let append = Message.Append(previous: LogPosition(index: base, term: Term(2)), commit: base, entries: old)
    group.receive(Message(from: RaftID(1), to: RaftID(3), term: group[1].status.term, body: .append(append)))
    group.settle()
    #expect(group[3].status.lastIndex == base.next)
    #expect(group[1].status.commit == base, "three of five hold it, but that doesn't decide it")
    // (d) S5 leads once more and overwrites it everywhere.
    group.passes = { _ in true }
    group.isolated = [RaftID(1)]
    group.elect(5)
    group.isolated = []
    group.advance(.seconds(1))
    let decided = try #require(group[5].disk.durable.entry(at: base.next))
    #expect(decided.term == Term(3))
    #expect(group.nodes.allSatisfy { $0.disk.durable.entry(at: base.next) == decided })
    group.check()
  }

  @Test("a long divergent log is brought in line in a few messages")
  func fastBackOff() throws {
    var group = try Group()
    group.elect(1)
    group.isolated = [RaftID(2), RaftID(3)]
    for number in 0..<300 { try group.propose(1, "lost \(number)") }
    group.settle()
    group.isolated = [RaftID(1)]
    group.elect(2)
    for number in 0..<300 { try group.propose(2, "kept \(number)") }
    group.settle()
    group.sent = []
    group.isolated = []
    group.advance(.seconds(1))
    #expect(group[1].applied == group[2].applied)
    let rejections = group.sent.count { if case .appendRejected = $0.body { true } else { false } }
    #expect(rejections <= 3)
    group.check()
  }

  @Test("no more messages and bytes are in flight than allowed", arguments: [1, 3, 10])
  func inFlight(limit: Int) throws {
    var group = try Group(
      voters: 2,
      configuration: .with {
        $0.replication.messageBytes = 64
        $0.replication.inFlightMessages = limit
      }
    )
    group.elect(1)
    group.slowDisks = [RaftID(2)]
    group.sent = []
    for number in 0..<30 { try group.propose(1, "entry number \(number)") }
    group.settle()
    #expect(self.appends(group, to: 2).count == limit)
    #expect(self.appends(group, to: 2).allSatisfy { $0.entries.count == 1 })
    #expect(group[1].status.peers.first?.inFlight == limit)
    group.slowDisks = []
    group.settle()
    #expect(group[2].applied == group[1].status.lastIndex)
    group.check()
  }

  @Test("a proposal beyond the uncommitted bytes is refused as busy and may be tried again")
  func backPressure() throws {
    var group = try Group(configuration: .with { $0.limits.uncommittedBytes = 200 })
    group.elect(1)
    group.isolated = [RaftID(2), RaftID(3)]
    try group.propose(1, String(repeating: "a", count: 120))
    let error = #expect(throws: RaftError.self) { try group.propose(1, String(repeating: "b", count: 120)) }
    #expect(error?.code == .busy && error?.isRetryable == true)
    group.isolated = []
    group.advance(.milliseconds(400))
    #expect(group[1].status.uncommittedBytes == 0)
    try group.propose(1, String(repeating: "b", count: 120))
    group.settle()
    #expect(group[1].applied == LogIndex(6))
    group.check()
  }

  @Test("the last message of a burst is missed and sent again, although nothing follows it")
  func lostTail() throws {
    var group = try Group()
    group.elect(1)
    group.passes = { if case .append = $0.body { false } else { true } }
    try group.propose(1, "a")
    group.settle()
    group.passes = { _ in true }
    group.advance(.milliseconds(400))
    #expect(group.nodes.allSatisfy { $0.applied == LogIndex(5) })
    group.check()
  }

  @Test("entries that memory let go of are read from the log, to send and to apply")
  func oldEntries() throws {
    var group = try Group(configuration: .with { $0.memory.tailBytes = 500 })
    group.elect(1)
    group.crash(3)
    for number in 0..<100 {
      try group.propose(1, "entry \(number)")
      group.settle()
    }
    #expect(group[1].status.memoryBytes <= 600)
    try group.restart(3)
    group.advance(.seconds(1))
    #expect(group[3].applied == LogIndex(104))
    try group.restart(1)
    group.advance(.seconds(3))
    #expect(group[1].applied >= LogIndex(104))
    #expect(group.oracle.sights[.logRead, default: 0] > 0)
    group.check()
  }

  @Test("a slow state machine isn't handed more than allowed")
  func applyLimit() throws {
    var group = try Group(voters: 1, configuration: .with { $0.limits.applyingBytes = 100 })
    group.elect(1)
    group[1].applies = false
    for number in 0..<50 { try group.propose(1, "entry \(number)") }
    group.settle()
    #expect(group[1].status.commit == LogIndex(52))
    #expect(group[1].applied == LogIndex(2))
    group[1].applies = true
    group.settle()
    #expect(group[1].applied == LogIndex(52))
    group.check()
  }
}
