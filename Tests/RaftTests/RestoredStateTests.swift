// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Restored state")
struct RestoredStateTests {
  private func entry(_ index: UInt64, _ term: UInt64, kind: Entry.Kind = .command, payload: [UInt8] = []) throws -> Entry {
    try EntryCodec.encode([payload[...]], kind: kind, term: Term(term), startingAt: LogIndex(index))[0]
  }

  private func core(_ restored: RestoredState) throws(RaftError) -> RaftCore {
    try RaftCore(id: RaftID(1), restored: restored, seed: 1, now: .zero)
  }

  @Test("a log that was overwritten keeps what was written last")
  func overwritten() throws {
    var restored = RestoredState(hardState: HardState(term: Term(3), commit: LogIndex(1)))
    for (index, term) in [(1, 1), (2, 1), (3, 1), (2, 3)] as [(UInt64, UInt64)] {
      try restored.append(try self.entry(index, term))
    }
    #expect(restored.last == LogPosition(index: LogIndex(2), term: Term(3)))
    #expect(try self.core(restored).status.lastIndex == LogIndex(2))
  }

  @Test("a gap, a term that goes back and an unknown kind are refused")
  func refused() throws {
    var restored = RestoredState(hardState: HardState(term: Term(3)))
    try restored.append(try self.entry(1, 2))
    #expect(#expect(throws: RaftError.self) { try restored.append(try self.entry(3, 2)) }?.code == .corrupt)
    #expect(#expect(throws: RaftError.self) { try restored.append(try self.entry(2, 1)) }?.code == .corrupt)
    let unknown = try self.entry(2, 2, kind: Entry.Kind(rawValue: 50))
    #expect(#expect(throws: RaftError.self) { try restored.append(unknown) }?.code == .unsupportedFormat)
  }

  @Test("a log that lost committed entries, or is ahead of its own term, is refused")
  func lost() throws {
    let entries = [try self.entry(1, 1), try self.entry(2, 2)]
    let committed = try RestoredState(hardState: HardState(term: Term(2), commit: LogIndex(3)), entries: entries)
    #expect(#expect(throws: RaftError.self) { try self.core(committed) }?.code == .corrupt)
    let ahead = try RestoredState(hardState: HardState(term: Term(1)), entries: entries)
    #expect(#expect(throws: RaftError.self) { try self.core(ahead) }?.code == .corrupt)
  }

  @Test("a snapshot and the log behind it come together", arguments: [1, 4, 6] as [UInt64])
  func snapshot(first: UInt64) throws {
    let metadata = SnapshotMetadata(index: LogIndex(5), term: Term(2), membership: Membership([Member(id: RaftID(1))]))
    let entries = try (first...8).map { try self.entry($0, 2) }
    let restored = try RestoredState(hardState: HardState(term: Term(2)), snapshot: metadata, entries: entries)
    let status = try self.core(restored).status
    #expect(status.lastIndex == LogIndex(8) && status.commit == LogIndex(5) && status.applied == LogIndex(5))
    #expect(status.membership == metadata.membership)
    #expect(status.firstIndex == LogIndex(first == 4 ? 5 : first), "an entry alone tells only the term before the next")
  }

  @Test("a log that ends before the snapshot, or disagrees with it, is worth nothing")
  func uselessLog() throws {
    let metadata = SnapshotMetadata(index: LogIndex(5), term: Term(3), membership: Membership([Member(id: RaftID(1))]))
    for last in [3, 9] as [UInt64] {
      let entries = try (1...last).map { try self.entry($0, 2) }
      let restored = try RestoredState(hardState: HardState(term: Term(3)), snapshot: metadata, entries: entries)
      let status = try self.core(restored).status
      #expect(status.firstIndex == LogIndex(6) && status.lastIndex == LogIndex(5))
    }
    // Later the log goes on behind the snapshot; what stands before the gap doesn't matter.
    let entries = try ([1, 2, 3, 6, 7] as [UInt64]).map { try self.entry($0, $0 < 6 ? 2 : 3) }
    let restored = try RestoredState(hardState: HardState(term: Term(3)), snapshot: metadata, entries: entries)
    #expect(try self.core(restored).status.lastIndex == LogIndex(7))
  }

  @Test("an entry that a newer version made stops the member with a clear error")
  func unknownKind() throws {
    let bootstrap = try Bootstrap(contexts: [[], []])
    let restored = try RestoredState(hardState: bootstrap.hardState, entries: bootstrap.entries)
    var core = try self.core(restored)
    let append = Message.Append(
      previous: LogPosition(index: LogIndex(2), term: Term(1)),
      commit: .zero,
      entries: [try self.entry(3, 1, kind: Entry.Kind(rawValue: 50))]
    )
    core.receive(Message(from: RaftID(2), to: RaftID(1), term: Term(1), body: .append(append)), now: .zero)
    let failure = core.takeReady().failure
    #expect(failure?.code == .unsupportedFormat)
    #expect(core.takeReady().failure == nil, "it is told once")
    let error = #expect(throws: RaftError.self) { try core.propose([[1]], now: .zero) }
    #expect(error?.code == .stopped)
  }

  @Test("runs of terms know what a plain list of terms knows", arguments: 0..<50 as Range<UInt64>)
  func terms(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var terms = LogTerms()
    var model: [UInt64] = [0]
    var base = 0
    for _ in 0..<120 {
      let index = base + random.next(below: model.count - base + 2)
      switch random.next(below: 10) {
      case 0:
        terms.truncate(from: LogIndex(UInt64(index)))
        if index > base, index < model.count { model.removeLast(model.count - index) }
      case 1:
        terms.compact(through: LogIndex(UInt64(index)))
        if index > base, index < model.count { base = index }
      default:
        let term = (model.last ?? 0) + UInt64(random.next(below: 6) / 5)
        terms.append(Term(term))
        model.append(term)
      }
      for index in 0...(model.count + 1) {
        let known = index >= base && index < model.count ? Term(model[index]) : nil
        #expect(terms.term(at: LogIndex(UInt64(index))) == known)
      }
      let term = UInt64(random.next(below: Int(model.last ?? 0) + 2))
      let expected = (base...min(index, model.count - 1)).last { model[$0] <= term }
      let found = terms.lastPosition(notAbove: Term(term), at: LogIndex(UInt64(index)))
      #expect(found?.index == expected.map { LogIndex(UInt64($0)) })
      #expect(found?.term == expected.map { Term(model[$0]) })
    }
  }

  @Test("the only survivor of three goes on alone with everything it had, and new members join", arguments: [false, true])
  func recoverAlone(afterSnapshot: Bool) throws {
    var group = try Group()
    group.elect(1)
    try group.propose(1, "a", "b")
    group.settle()
    if afterSnapshot { try group[3].snapshot() }
    let old = group[3].disk
    for id in [1, 2, 3] as [UInt64] { group.crash(id) }
    let recovery = try QuorumRecovery(from: old.restored(), survivor: RaftID(3))
    #expect(recovery.lost.map(\.id) == [RaftID(1), RaftID(2)])
    let restored = try RestoredState(
      hardState: recovery.hardState,
      snapshot: old.durable.snapshot,
      entries: old.durable.entries + recovery.entries
    )
    var core = try RaftCore(id: RaftID(3), restored: restored, seed: 1, now: .zero)
    core.tick(now: .zero)
    for _ in 0..<4 {
      let ready = core.takeReady()
      if let write = ready.write { core.storageCompleted(write.id, now: .zero) }
      if let last = ready.committed.last { core.applied(upTo: last.index) }
    }
    #expect(core.role == .leader && core.status.commit == core.status.lastIndex)
    #expect(core.membership == Membership([Member(id: RaftID(3), context: [2])]))
    #expect(core.status.isMembershipSettled)
    let added = try core.proposeMembership(.addVoter(context: []), now: .zero)
    #expect(added > LogIndex(6))
  }

  @Test("two survivors of five: the one with the longer log is recovered, the other follows it with its disk as it was")
  func recoverPair() throws {
    var group = try Group(voters: 5)
    group.elect(1)
    group.isolated = [RaftID(5)]
    try group.propose(1, "a")
    group.settle()
    for id in 1...5 as ClosedRange<UInt64> { group.crash(id) }
    group.isolated = []
    let recovery = try QuorumRecovery(from: group[4].disk.restored(), survivor: RaftID(4), keeping: [RaftID(5)])
    let last = group[4].disk.durable.last.index
    group[4].disk.append(recovery)
    try group.restart(4)
    try group.restart(5)
    #expect(group.advance(atMost: .seconds(5)) { $0.leader == RaftID(4) } != nil)
    group.settle()
    #expect(group[5].status.commit > last)
    #expect(group[5].core.membership.voters.map(\.id) == [RaftID(4), RaftID(5)])
    try group.propose(4, "goes on")
    group.settle()
    #expect(group[5].applied == group[4].status.lastIndex)
  }

  @Test("a recovery that names strangers, or too many witnesses, is refused")
  func recoverRefused() throws {
    let members = [Member(id: RaftID(1))] + (2...3).map { Member(id: RaftID($0), isWitness: true) }
    let snapshot = SnapshotMetadata(index: LogIndex(2), term: Term(1), membership: Membership(members))
    let restored = RestoredState(hardState: HardState(term: Term(1)), snapshot: snapshot)
    for (survivor, others) in [(9, []), (1, [9]), (2, []), (1, [2, 3])] as [(UInt64, [UInt64])] {
      let error = #expect(throws: RaftError.self) {
        try QuorumRecovery(from: restored, survivor: RaftID(survivor), keeping: others.map { RaftID($0) })
      }
      #expect(error?.code == .invalidMembershipChange)
    }
  }

  @Test("a configuration that contradicts itself is refused with the reason")
  func configuration() {
    let wrong: [RaftConfiguration] = [
      .with { $0.heartbeatInterval = .zero },
      .with { $0.electionTimeout = .milliseconds(150) },
      .with { $0.leaderLossDelay = .milliseconds(10) ... .seconds(2) },
      .with { $0.replication.inFlightMessages = 0 },
      .with { $0.limits.payloadBytes = 1 << 40 },
    ]
    for configuration in wrong {
      let error = #expect(throws: RaftError.self) { try configuration.validate() }
      #expect(error?.code == .invalidConfiguration)
    }
  }
}
