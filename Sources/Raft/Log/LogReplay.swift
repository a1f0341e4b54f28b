// SPDX-License-Identifier: Apache-2.0

/// What the records of a log add up to, and whether they can have been written by a correct node.
///
/// An intact record that contradicts what came before it means that something that was synced is gone: it is refused,
/// never repaired.
struct LogReplay {
  /// The last hard state written.
  private(set) var hardState = HardState()
  /// The entry before the first one of ``entries``; its term is `nil` when only segments that are gone would tell.
  private(set) var previous: (index: LogIndex, term: Term?)
  /// The log's entries as far as the segments still hold them.
  private(set) var entries: [Entry] = []

  init(after previous: LogPosition) {
    self.previous = (previous.index, previous.term)
  }

  /// The terms of all entries.
  ///
  /// The one before the first may be unknown; it is taken as 0.
  var terms: LogTerms {
    var terms = LogTerms(base: LogPosition(index: self.previous.index, term: self.previous.term ?? .zero))
    for entry in self.entries { terms.append(entry.term) }
    return terms
  }

  /// The index of the last entry.
  var lastIndex: LogIndex { self.previous.index + self.entries.count }

  /// The term of an entry, as far as the segments still tell.
  func term(at index: LogIndex) -> Term? {
    if index == self.previous.index { return self.previous.term }
    guard index > self.previous.index, index <= self.lastIndex else { return nil }
    return self.entries[index - self.previous.index - 1].term
  }

  /// Takes in the next record.
  ///
  /// - Throws: ``RaftError`` with code `corrupt`, naming the file and the offset of the record's batch.
  mutating func apply(_ record: LogRecord, file: String, offset: UInt64) throws(RaftError) {
    if let base = record.base {
      guard base.index >= self.hardState.commit else {
        throw .damaged(file, at: offset, "the log restarts at entry \(base.index), before its commit index")
      }
      self.previous = (base.index, base.term)
      self.entries = []
    }
    if let last = record.truncateAfter {
      guard last >= self.hardState.commit else {
        throw .damaged(file, at: offset, "decided entries behind \(last) are voided")
      }
      if last < self.previous.index {
        // The entries before are in segments that a snapshot made superfluous; `finish` checks that it covers them.
        self.previous = (last, nil)
        self.entries = []
      } else if last < self.lastIndex {
        self.entries.removeLast(self.lastIndex - last)
      }
    }
    for entry in record.entries {
      guard entry.index == self.lastIndex.next else {
        throw .damaged(file, at: offset, "entry \(entry.index) follows entry \(self.lastIndex)")
      }
      if let term = self.term(at: self.lastIndex), entry.term < term {
        throw .damaged(file, at: offset, "entry \(entry.index) goes back to term \(entry.term)")
      }
      self.entries.append(entry)
    }
    if let hardState = record.hardState {
      try self.advance(to: hardState, file: file, offset: offset)
    }
  }

  private mutating func advance(to next: HardState, file: String, offset: UInt64) throws(RaftError) {
    let last = self.hardState
    guard next.term >= last.term, next.commit >= last.commit else {
      throw .damaged(file, at: offset, "term or commit index goes back")
    }
    guard next.term > last.term || last.votedFor == nil || next.votedFor == last.votedFor else {
      throw .damaged(file, at: offset, "the vote of term \(next.term) changes")
    }
    self.hardState = next
  }
}
