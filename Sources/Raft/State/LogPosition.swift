// SPDX-License-Identifier: Apache-2.0

/// An entry named by its term and index.
///
/// Two logs that hold the same position agree up to it.
///
/// Positions are ordered as elections compare logs: by term, then by index (Raft paper, section 5.4.1).
public struct LogPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The position before the first entry.
  public static let zero = LogPosition(index: .zero, term: .zero)

  /// Where the entry stands in the log.
  public var index: LogIndex
  /// The term of the leader that made the entry.
  public var term: Term

  /// Names an entry.
  public init(index: LogIndex, term: Term) {
    self.index = index
    self.term = term
  }

  /// The position as `index@term`.
  public var description: String { "\(self.index)@\(self.term)" }

  /// Whether a log that ends at `left` is less up to date than one that ends at `right`.
  public static func < (left: LogPosition, right: LogPosition) -> Bool {
    (left.term, left.index) < (right.term, right.index)
  }
}
