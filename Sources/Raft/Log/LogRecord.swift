// SPDX-License-Identifier: Apache-2.0

/// What one batch of the log says, in the order in which it takes effect.
package struct LogRecord: Sendable, Hashable {
  /// The log restarts after this entry: an installed snapshot replaced everything before and behind it.
  package var base: LogPosition?
  /// Entries with a greater index are void.
  package var truncateAfter: LogIndex?
  /// Entries that continue the log.
  package var entries: [Entry]
  /// Term, vote and commit index, when they changed.
  package var hardState: HardState?

  package init(
    base: LogPosition? = nil,
    truncateAfter: LogIndex? = nil,
    entries: [Entry] = [],
    hardState: HardState? = nil
  ) {
    self.base = base
    self.truncateAfter = truncateAfter
    self.entries = entries
    self.hardState = hardState
  }
}

extension LogRecord {
  /// Whether terms, indexes and identities leave room to count on; entries see to themselves.
  var isPlausible: Bool {
    let numbers = [
      self.base?.index.rawValue, self.base?.term.rawValue, self.truncateAfter?.rawValue, self.hardState?.term.rawValue,
      self.hardState?.votedFor?.rawValue, self.hardState?.commit.rawValue,
    ]
    return numbers.allSatisfy { ($0 ?? 0) < largestNumber }
  }
}
