// SPDX-License-Identifier: Apache-2.0

/// The terms of all entries of a log, as runs.
///
/// Terms change rarely, so that this stays tiny for logs of any length, and log matching never needs the disk.
package struct LogTerms: Hashable, Sendable {
  private struct Run: Hashable {
    var first: LogIndex
    var term: Term
  }

  /// The entry before the first one: its term is known, the entry itself may be gone.
  package private(set) var base: LogPosition
  /// The last entry's index, or the base's when there is none.
  package private(set) var lastIndex: LogIndex
  /// Runs of equal terms behind the base, ordered.
  private var runs: [Run] = []

  package init(base: LogPosition = .zero) {
    self.base = base
    self.lastIndex = base.index
  }

  package var lastTerm: Term { self.runs.last?.term ?? self.base.term }
  package var last: LogPosition { LogPosition(index: self.lastIndex, term: self.lastTerm) }

  /// The term at `index`, or nil outside of base…last.
  package func term(at index: LogIndex) -> Term? {
    guard index >= self.base.index, index <= self.lastIndex else { return nil }
    return self.runs.last { $0.first <= index }?.term ?? self.base.term
  }

  package func contains(_ position: LogPosition) -> Bool { self.term(at: position.index) == position.term }

  /// The base's term, which stood as 0, has become known.
  mutating func baseTermIsKnown(_ term: Term) { self.base.term = term }

  /// Adds the entry behind the last one.
  package mutating func append(_ term: Term) {
    self.lastIndex = self.lastIndex.next
    if self.runs.last?.term != term { self.runs.append(Run(first: self.lastIndex, term: term)) }
  }

  /// Removes `index` and everything behind it.
  package mutating func truncate(from index: LogIndex) {
    guard index > self.base.index, index <= self.lastIndex else { return }
    self.lastIndex = index.previous
    while let run = self.runs.last, run.first >= index { self.runs.removeLast() }
  }

  /// Forgets what stands before `index`, which becomes the base.
  package mutating func compact(through index: LogIndex) {
    guard index > self.base.index, let term = self.term(at: index) else { return }
    self.base = LogPosition(index: index, term: term)
    while self.runs.count > 1, self.runs[1].first <= index.next { self.runs.removeFirst() }
    if self.lastIndex == index {
      self.runs.removeAll()
    } else if let first = self.runs.first, first.first <= index {
      self.runs[0].first = index.next
    }
  }

  /// The last position at or before `index` whose term isn't above `term`: where two logs may agree at the latest.
  package func lastPosition(notAbove term: Term, at index: LogIndex) -> LogPosition? {
    var end = min(index, self.lastIndex)
    for run in self.runs.reversed() where run.first <= end {
      if run.term <= term { return LogPosition(index: end, term: run.term) }
      end = run.first.previous
    }
    guard end >= self.base.index, self.base.term <= term else { return nil }
    return self.base
  }
}
