// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Snapshots")
struct SnapshotTests {
  /// A leader whose log begins behind what member 3 has.
  private func behind(trailing: Int = 0) throws -> Group {
    var group = try Group(configuration: .with { $0.memory.trailingEntries = trailing })
    group.elect(1)
    group.crash(3)
    for number in 0..<20 { try group.propose(1, "entry \(number)") }
    group.settle()
    try group[1].snapshot()
    try group.restart(3)
    return group
  }

  private func snapshot(of group: Group, term: UInt64 = 2) throws -> Message {
    let metadata = try #require(group[1].disk.durable.snapshot)
    return Message(from: RaftID(1), to: RaftID(3), term: Term(term), body: .installSnapshot(metadata))
  }

  @Test("a member that is too far behind gets a snapshot, then the rest of the log")
  func install() throws {
    var group = try self.behind()
    #expect(group[1].core.firstIndex == LogIndex(25))
    group.advance(.milliseconds(400))
    #expect(group[1].snapshotsToSend == [RaftID(3)])
    #expect(group[1].status.peers.last?.replication == .snapshot)
    try group.propose(1, "later")
    group.settle()
    group.receive(try self.snapshot(of: group))
    group.settle()
    #expect(group[3].disk.durable.snapshot?.index == LogIndex(24))
    try group.feed(1) { core, now in core.snapshotSent(to: RaftID(3), upTo: LogIndex(24), succeeded: true, now: now) }
    group.advance(.milliseconds(200))
    #expect(group[3].applied == LogIndex(25))
    #expect(group[1].status.peers.last?.replication == .streaming)
    group.check()
  }

  @Test("entries kept behind a snapshot spare slow members the snapshot")
  func trailing() throws {
    var group = try self.behind(trailing: 25)
    group.advance(.milliseconds(400))
    #expect(group[1].snapshotsToSend.isEmpty)
    #expect(group[3].applied == LogIndex(24))
    group.check()
  }

  @Test(
    "with large entries the bytes kept behind a snapshot are bounded, with small ones their number",
    arguments: [100, 100_000]
  )
  func trailing(size: Int) throws {
    let configuration = RaftConfiguration.with {
      $0.memory = .init(tailBytes: 1 << 20, trailingEntries: 50, trailingBytes: 1 << 20)
    }
    var group = try Group(configuration: configuration)
    group.elect(1)
    let payload = [UInt8](repeating: 1, count: size)
    for _ in 0..<100 {
      try group.feed(1) { core, now throws(RaftError) in try core.propose([payload[...]], now: now) }
      group.settle()
    }
    try group[1].snapshot()
    let kept = group[1].status.lastIndex - group[1].status.firstIndex + 1
    if size == 100 { #expect(kept == 50) } else { #expect(9...10 ~= kept) }
    group.check()
  }

  @Test("a snapshot that fails is asked for again, but not in a hurry")
  func failure() throws {
    var group = try self.behind()
    group.advance(.milliseconds(400))
    for _ in 0..<3 {
      group[1].snapshotsToSend = []
      try group.feed(1) { core, now in core.snapshotSent(to: RaftID(3), upTo: .zero, succeeded: false, now: now) }
      group.settle()
      #expect(group[1].snapshotsToSend.isEmpty)
      group.advance(.milliseconds(200))
      #expect(group[1].snapshotsToSend == [RaftID(3)])
    }
    group.check()
  }

  @Test("a snapshot that nobody reports on is given up after its timeout")
  func timeout() throws {
    var group = try self.behind()
    group.advance(.milliseconds(400))
    group[1].snapshotsToSend = []
    group.advance(group.configuration.snapshotTimeout + .seconds(1), step: .milliseconds(100))
    #expect(group[1].snapshotsToSend == [RaftID(3)])
  }

  @Test("nothing is applied between the snapshot and its restoration, and nothing is acknowledged before it is on the disk")
  func order() throws {
    var group = try self.behind()
    group.slowDisks = [RaftID(3)]
    group.advance(.milliseconds(400))
    group.sent = []
    group.receive(try self.snapshot(of: group))
    let entries = try EntryCodec.encode([[1]], term: Term(2), startingAt: LogIndex(25))
    let append = Message.Append(
      previous: LogPosition(index: LogIndex(24), term: Term(2)),
      commit: LogIndex(25),
      entries: entries
    )
    group.receive(Message(from: RaftID(1), to: RaftID(3), term: Term(2), body: .append(append)))
    group.settle()
    #expect(group[3].applied < LogIndex(24))
    #expect(!group.sent.contains { $0.from == RaftID(3) && $0.body == .appendAccepted(match: LogIndex(24)) })
    group.sync(3)
    group.settle()
    #expect(group[3].applied == LogIndex(25))
    #expect(group[3].status.durableIndex == LogIndex(25))
  }

  @Test("a late snapshot changes nothing; two in a row install the newer")
  func lateAndTwice() throws {
    var group = try self.behind()
    group.advance(.milliseconds(400))
    let old = try self.snapshot(of: group)
    try group.propose(1, "later")
    group.settle()
    try group[1].snapshot()
    group.slowDisks = [RaftID(3)]
    group.receive(old)
    group.settle()
    group.receive(try self.snapshot(of: group))
    group.receive(old)
    group.settle()
    group.sync(3, writes: 1)
    group.settle()
    group.sync(3)
    group.settle()
    #expect(group[3].applied == LogIndex(25))
    group.receive(old)
    group.settle()
    #expect(group[3].status.lastIndex == LogIndex(25))
    #expect(group[3].disk.durable.snapshot?.index == LogIndex(25))
    group.check()
  }

  @Test("a snapshot takes the place of a longer log that disagrees, and the log goes on behind it")
  func overLongerLog() throws {
    var group = try Group(configuration: .with { $0.memory.trailingEntries = 0 })
    group.elect(3)
    group.isolated = [RaftID(3)]
    for number in 0..<40 { try group.propose(3, "lost \(number)") }
    group.settle()
    group.elect(1)
    for number in 0..<10 { try group.propose(1, "kept \(number)") }
    group.settle()
    try group[1].snapshot()
    group.isolated = []
    group.advance(.milliseconds(500))
    group.receive(try self.snapshot(of: group, term: group[1].status.term.rawValue))
    group.settle()
    try group.feed(1) { core, now in
      core.snapshotSent(to: RaftID(3), upTo: LogIndex(15), succeeded: true, now: now)
    }
    try group.propose(1, "after")
    group.advance(.milliseconds(300))
    #expect(group[3].applied == group[1].applied)
    try group.restart(3)
    group.advance(.milliseconds(300))
    #expect(group[3].applied == group[1].applied)
    group.check()
  }

  @Test("the membership comes back from a snapshot")
  func membership() throws {
    var group = try Group(configuration: .with { $0.memory.trailingEntries = 0 })
    group.elect(1)
    try group.change(1, .addLearner(context: [9]))
    group.settle()
    let membership = group[1].core.membership
    try group.propose(1, "a")
    group.settle()
    try group[1].snapshot()
    try group.restart(1)
    #expect(group[1].core.membership == membership)
    #expect(group[1].core.firstIndex == LogIndex(7))
    group.check()
  }
}
