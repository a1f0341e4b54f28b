// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// What a log says, as far as invariants need it: the hard state, and the term of every entry.
struct LogShadow: Sendable {
  private(set) var hardState = HardState()
  private(set) var terms = LogTerms()

  var last: LogPosition { self.terms.last }

  init() {}

  init(_ bootstrap: Bootstrap) {
    self.hardState = bootstrap.hardState
    for entry in bootstrap.entries { self.terms.append(entry.term) }
  }

  /// Carries out a write.
  ///
  /// - Returns: what is wrong with it, when anything is (R5).
  mutating func apply(_ write: Ready.Write) -> String? {
    if let snapshot = write.snapshot { self.terms = LogTerms(base: snapshot.position) }
    if let last = write.truncateAfter {
      guard last >= self.terms.base.index, last < self.last.index else {
        return "write \(write.id) cuts behind \(last) a log that ends at \(self.last)"
      }
      self.terms.truncate(from: last.next)
    }
    if let first = write.entries.first, first.index != self.last.index.next {
      return "write \(write.id) appends \(first.position) behind \(self.last)"
    }
    for entry in write.entries { self.terms.append(entry.term) }
    guard let next = write.hardState else { return nil }
    let old = self.hardState
    self.hardState = next
    guard next.term >= old.term, next.commit >= old.commit else { return "the state goes back from \(old) to \(next)" }
    guard next.term > old.term || old.votedFor == nil || next.votedFor == old.votedFor else {
      return "the vote of term \(next.term) changes"
    }
    return nil
  }

  /// What recovery makes of it together with a snapshot.
  func joined(with snapshot: SnapshotMetadata?) -> LogShadow {
    guard let snapshot else { return self }
    var joined = self
    if joined.terms.term(at: snapshot.index) != snapshot.term { joined.terms = LogTerms(base: snapshot.position) }
    if joined.hardState.term < snapshot.term { joined.hardState = HardState(term: snapshot.term) }
    joined.hardState.commit = max(joined.hardState.commit, snapshot.index)
    return joined
  }

  mutating func compact(through index: LogIndex) { self.terms.compact(through: index) }

  /// Whether it holds an entry, or knows that a snapshot covers its place.
  func holds(_ position: LogPosition) -> Bool {
    position.index < self.terms.base.index || self.terms.contains(position)
  }
}
