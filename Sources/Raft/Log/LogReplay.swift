// SPDX-License-Identifier: Apache-2.0

/// What the records of a log add up to, and whether they can have been written by a correct node.
///
/// An intact record that contradicts what came before it means that something that was synced is gone: it is refused,
/// never repaired. However long the log is, only its end is kept in memory.
struct LogReplay {
  /// Log and state as far as the segments still hold them; the log isn't joined with the snapshot yet.
  private(set) var restored: RestoredState
  /// Whether the segments tell the term of the entry before the first one; else it stands as 0.
  private(set) var isBaseTermKnown = true

  init(after previous: LogPosition, snapshot: SnapshotMetadata?, tailBytes: Int) {
    self.restored = RestoredState(snapshot: snapshot, tailBytes: tailBytes)
    self.restored.restart(after: previous)
  }

  /// The index of the entry before the first one.
  var baseIndex: LogIndex { self.restored.log.terms.base.index }

  /// The index of the last entry.
  var lastIndex: LogIndex { self.restored.log.lastIndex }

  /// The term of an entry, as far as the segments still tell.
  func term(at index: LogIndex) -> Term? {
    index == self.baseIndex && !self.isBaseTermKnown ? nil : self.restored.log.terms.term(at: index)
  }

  /// Takes in the next record.
  ///
  /// - Throws: ``RaftError`` with code `corrupt`, naming the file and the offset of the record's batch, or what
  ///   ``RestoredState/append(_:)`` throws.
  mutating func apply(_ record: LogRecord, file: String, offset: UInt64) throws(RaftError) {
    let commit = self.restored.hardState.commit
    if let base = record.base {
      guard base.index >= commit else {
        throw .damaged(file, at: offset, "the log restarts at entry \(base.index), before its commit index")
      }
      self.restored.restart(after: base)
      self.isBaseTermKnown = true
    }
    if let last = record.truncateAfter {
      guard last >= commit else {
        throw .damaged(file, at: offset, "decided entries behind \(last) are voided")
      }
      if last < self.baseIndex {
        // The entries before are in segments that a snapshot made superfluous; `finish` checks that it covers them.
        self.restored.restart(after: LogPosition(index: last, term: .zero))
        self.isBaseTermKnown = false
      } else {
        self.restored.truncate(behind: last)
      }
    }
    try self.append(record.entries, file: file, offset: offset)
    if let hardState = record.hardState {
      try self.advance(to: hardState, file: file, offset: offset)
    }
  }

  private mutating func append(_ entries: [Entry], file: String, offset: UInt64) throws(RaftError) {
    var last = self.restored.last
    for entry in entries {
      guard entry.index == last.index.next else {
        throw .damaged(file, at: offset, "entry \(entry.index) follows entry \(last.index)")
      }
      guard entry.term >= last.term else {
        throw .damaged(file, at: offset, "entry \(entry.index) goes back to term \(entry.term)")
      }
      last = entry.position
    }
    try self.restored.append(contentsOf: entries)
  }

  private mutating func advance(to next: HardState, file: String, offset: UInt64) throws(RaftError) {
    let last = self.restored.hardState
    guard next.term >= last.term, next.commit >= last.commit else {
      throw .damaged(file, at: offset, "term or commit index goes back")
    }
    guard next.term > last.term || last.votedFor == nil || next.votedFor == last.votedFor else {
      throw .damaged(file, at: offset, "the vote of term \(next.term) changes")
    }
    self.restored.hardState = next
  }
}
