// SPDX-License-Identifier: Apache-2.0

/// What a member must never forget.
public struct HardState: Hashable, Sendable {
  /// The newest term that the member has taken part in.
  public var term: Term
  /// The candidate that got the member's vote in this term.
  public var votedFor: RaftID?
  /// A lower bound of what is committed.
  ///
  /// It may be behind: nothing is written for its sake alone.
  public var commit: LogIndex

  /// Describes a state; the default is that of a member that never took part in anything.
  public init(term: Term = .zero, votedFor: RaftID? = nil, commit: LogIndex = .zero) {
    self.term = term
    self.votedFor = votedFor
    self.commit = commit
  }
}
