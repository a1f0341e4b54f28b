// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Watches all members at once and remembers for ever: the invariants of Raft that need a memory.
///
/// The numbers R1 to R17 name them in messages.
struct RaftOracle: Sendable {
  /// An entry that some member wrote.
  private struct Written {
    var term: Term
    var previousTerm: Term?
    var digest: UInt64
  }

  /// An entry that some member applied, and the state behind it.
  private struct Decision {
    var term: Term
    var digest: UInt64
    /// Nil while only witnesses have applied it.
    var state: UInt64?
  }

  /// The first thing that was wrong.
  private(set) var violation: String?
  var coverage = Coverage<RaftSight>()
  /// By index, from 1.
  private var written: [[Written]] = [[]]
  private var decisions: [Decision] = []
  /// The terms of all entries that some leader rightly called committed.
  private(set) var committed: [Term] = []
  /// The terms of the leaders that did.
  private var committedIn: [Term] = []
  private var leaders: [Term: RaftID] = [:]
  private var votes: [RaftID: [Term: RaftID]] = [:]
  var configurations = ConfigurationRecord()
  /// The newest entry whose effect some client was told.
  private(set) var acknowledged = LogIndex.zero
  private(set) var newestLeaderTerm = Term.zero

  mutating func violate(_ message: @autoclosure () -> String) {
    if self.violation == nil { self.violation = message() }
  }

  mutating func saw(_ sight: RaftSight) { self.coverage.saw(sight) }

  // MARK: - Logs

  /// One index and term name one entry, with one entry before it (R2).
  mutating func wrote(_ entry: Entry, after previousTerm: Term?, by member: RaftID) {
    let index = Int(entry.index.rawValue)
    while self.written.count <= index { self.written.append([]) }
    let digest = entry.digest
    if let known = self.written[index].first(where: { $0.term == entry.term }) {
      guard known.digest == digest else { return self.violate("R2: two entries are \(entry.position)") }
      guard known.previousTerm == previousTerm || known.previousTerm == nil || previousTerm == nil else {
        return self.violate("R2: \(entry.position) of member \(member) follows another entry than elsewhere")
      }
    } else {
      self.written[index].append(Written(term: entry.term, previousTerm: previousTerm, digest: digest))
    }
  }

  /// Whether entries of that index have been written in several terms.
  func isContested(_ index: LogIndex) -> Bool { self.written[Int(index.rawValue)].count > 1 }

  // MARK: - Votes and leaders

  /// A vote is on a member's disk: one per term, for ever (R5).
  mutating func voted(_ member: RaftID, for candidate: RaftID, in term: Term) {
    let known = self.votes[member, default: [:]].updateValue(candidate, forKey: term)
    if let known, known != candidate {
      self.violate("R5: member \(member) voted for \(known) and \(candidate) in term \(term)")
    }
  }

  func hasVoted(_ member: RaftID, for candidate: RaftID, in term: Term) -> Bool {
    self.votes[member]?[term] == candidate
  }

  /// At most one leader per term (R1).
  mutating func leads(_ member: RaftID, in term: Term) {
    if let other = self.leaders.updateValue(member, forKey: term), other != member {
      self.violate("R1: members \(other) and \(member) both lead term \(term)")
    }
    self.saw(.leaderElected)
    if self.newestLeaderTerm > .zero, term > self.newestLeaderTerm {
      self.saw(.leaderChanged)
      if term.rawValue - self.newestLeaderTerm.rawValue > 3 { self.saw(.severalElectionsForOneLeader) }
    }
    self.newestLeaderTerm = max(self.newestLeaderTerm, term)
  }

  func leader(of term: Term) -> RaftID? { self.leaders[term] }

  // MARK: - Decisions

  var lastCommitted: LogPosition {
    LogPosition(index: LogIndex(UInt64(self.committed.count)), term: self.committed.last ?? .zero)
  }

  /// The term of a committed entry; nil when nothing is committed there.
  func committedTerm(at index: LogIndex) -> Term? {
    index > .zero && index <= self.lastCommitted.index ? self.committed[Int(index.rawValue) - 1] : nil
  }

  /// A leader rightly called the next entry committed.
  mutating func commit(_ term: Term, in leaderTerm: Term) {
    self.committed.append(term)
    self.committedIn.append(leaderTerm)
  }

  /// The last entry that was committed in an earlier term: every leader of `term` must have it.
  func lastCommitted(before term: Term) -> LogPosition {
    guard let last = self.committedIn.lastIndex(where: { $0 < term }) else { return .zero }
    return LogPosition(index: LogIndex(UInt64(last) + 1), term: self.committed[last])
  }

  /// Nothing else is ever applied at an index, and every state behind it is the same (R4, R14).
  mutating func applied(_ entry: Entry, state: UInt64?, by member: RaftID) {
    let decision = Decision(term: entry.term, digest: entry.digest, state: state)
    if entry.index > self.lastCommitted.index {
      self.violate("R4: member \(member) applies \(entry.position), which isn't committed")
    } else if entry.index.rawValue == UInt64(self.decisions.count) + 1 {
      self.decisions.append(decision)
      if entry.kind == .configuration, let membership = try? Membership(decoding: entry.payload) {
        self.countDecision(of: membership, at: entry)
        self.configurations.decided(membership, at: entry.position)
      }
    } else if entry.index.rawValue <= UInt64(self.decisions.count) {
      let known = self.decisions[Int(entry.index.rawValue) - 1]
      if known.term != entry.term || known.digest != entry.digest {
        self.violate("R4: member \(member) applies another entry at \(entry.index) than others")
      } else if known.state == nil {
        self.decisions[Int(entry.index.rawValue) - 1].state = state
      } else if let state, known.state != state {
        self.violate("R14: the state of member \(member) behind entry \(entry.index) isn't that of others")
      }
    }
  }

  /// Counts what a decided configuration did.
  private mutating func countDecision(of membership: Membership, at entry: Entry) {
    guard let before = self.configurations.decided(at: entry.index.previous)?.membership, before.isJoint else { return }
    self.saw(.jointLeft)
    let removed = before.members.filter { membership[$0.id] == nil }
    if !removed.isEmpty { self.saw(.memberRemoved) }
    if let leader = self.leaders[entry.term] {
      if removed.contains(where: { $0.id == leader }) { self.saw(.leaderRemovedItself) }
      if self.configurations.termOfLastJoint(before: entry.index) != entry.term { self.saw(.jointLeftByAnotherLeader) }
    }
  }

  /// A snapshot stands for what was applied (R14), and names the configuration of its index.
  mutating func check(_ snapshot: SnapshotMetadata, state: UInt64?, of member: RaftID) {
    guard snapshot.index.rawValue <= UInt64(self.decisions.count), snapshot.index > .zero else {
      return self.violate("R14: the snapshot of member \(member) covers \(snapshot.index), which nobody applied")
    }
    let known = self.decisions[Int(snapshot.index.rawValue) - 1]
    if known.term != snapshot.term || known.state != nil && state != nil && known.state != state {
      self.violate("R14: the snapshot of member \(member) at \(snapshot.position) isn't the state there")
    }
    let decided = self.configurations.decided(at: snapshot.index)?.membership ?? .empty
    if decided != snapshot.membership {
      self.violate(
        "R14: the snapshot of member \(member) at \(snapshot.index) names the configuration \(snapshot.membership.summary), "
          + "not \(decided.summary)"
      )
    }
  }

  // MARK: - Clients

  mutating func acknowledged(_ index: LogIndex) { self.acknowledged = max(self.acknowledged, index) }
}

extension Entry {
  /// Tells entries apart: their checksum, which covers everything, and their length.
  var digest: UInt64 {
    var digest = UInt64(self.encoded.count)
    for byte in self.encoded.prefix(4) { digest = digest << 8 | UInt64(byte) }
    return digest
  }
}
