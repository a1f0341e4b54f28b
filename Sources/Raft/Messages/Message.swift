// SPDX-License-Identifier: Apache-2.0

/// What members say to each other.
public struct Message: Hashable, Sendable {
  /// The member that says it.
  public var from: RaftID
  /// The member it is for.
  public var to: RaftID
  /// The sender's term.
  ///
  /// Every term that leaves a member is on its disk before.
  public var term: Term
  /// What is said.
  public var body: Body

  /// Makes a message.
  public init(from: RaftID, to: RaftID, term: Term, body: Body) {
    self.from = from
    self.to = to
    self.term = term
    self.body = body
  }
}

extension Message {
  /// What is said.
  public enum Body: Hashable, Sendable {
    /// Would you vote for me, if I asked?
    case preVoteRequest(Candidacy)
    /// The answer to ``preVoteRequest(_:)``, about the term that was asked for.
    case preVoteResponse(term: Term, granted: Bool)
    /// Vote for me.
    case voteRequest(Candidacy)
    /// The answer to ``voteRequest(_:)``.
    case voteResponse(granted: Bool)
    /// Store these entries.
    case append(Append)
    /// The sender's disk holds the leader's log up to and including this index.
    case appendAccepted(match: LogIndex)
    /// The entry before the first one doesn't match.
    case appendRejected(AppendRejection)
    /// The leader is alive; everything up to `commit` is committed and matches. A `round` other than 0 is answered.
    case heartbeat(commit: LogIndex, round: UInt64)
    /// The answer to ``heartbeat(commit:round:)``.
    case heartbeatResponse(round: UInt64)
    /// A snapshot, whose bytes the driver received and holds ready before it lets the core see this.
    case installSnapshot(SnapshotMetadata)
    /// Start an election at once: leadership is handed over to you.
    case timeoutNow
    /// What is the read index? `context` names the question.
    case readIndexRequest(context: UInt64)
    /// The answer to ``readIndexRequest(context:)``.
    case readIndexResponse(context: UInt64, index: LogIndex)
  }

  /// A candidate's claim.
  public struct Candidacy: Hashable, Sendable {
    /// The term to be elected in.
    ///
    /// For a pre-vote nobody is in it yet.
    public var term: Term
    /// Where the candidate's log ends.
    public var last: LogPosition
    /// Whether the old leader itself asked for this election.
    public var isTransfer: Bool

    /// Makes a claim.
    public init(term: Term, last: LogPosition, isTransfer: Bool = false) {
      self.term = term
      self.last = last
      self.isTransfer = isTransfer
    }
  }

  /// Entries for a follower.
  public struct Append: Hashable, Sendable {
    /// The entry before the first one.
    public var previous: LogPosition
    /// How far the leader committed.
    public var commit: LogIndex
    /// Entries without a gap, in order; none when the leader only probes.
    public var entries: [Entry]

    /// Makes the message's contents.
    public init(previous: LogPosition, commit: LogIndex, entries: [Entry]) {
      self.previous = previous
      self.commit = commit
      self.entries = entries
    }
  }

  /// Why entries weren't taken.
  public struct AppendRejection: Hashable, Sendable {
    /// The ``Append/previous`` index that was refused.
    public var previous: LogIndex
    /// The last position of the follower's log that may still match.
    public var hint: LogPosition

    /// Makes a rejection.
    public init(previous: LogIndex, hint: LogPosition) {
      self.previous = previous
      self.hint = hint
    }
  }
}
