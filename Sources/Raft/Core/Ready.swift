// SPDX-License-Identifier: Apache-2.0

/// What the driver must do after it fed events to ``RaftCore``: one batch per turn.
///
/// Order matters only where it is said: writes go to storage in the order of their ids, and what is applied is applied in
/// order. Messages may leave at once, whatever becomes of ``write``; the core holds back what depends on a write.
public struct Ready: ~Copyable, Sendable {
  /// Work for storage.
  ///
  /// Answer with ``RaftCore/storageCompleted(_:now:)`` when it is on the disk.
  public var write: Write?
  /// Messages to send, in order per receiver.
  ///
  /// They may get lost, doubled and reordered.
  public var messages: [Message] = []
  /// Entries that the log on disk must give, for members that are further behind than memory reaches.
  ///
  /// Answer with ``RaftCore/entriesRead(_:for:now:)``.
  public var logReads: [LogRead] = []
  /// Members that need a snapshot.
  ///
  /// Stream one, then call ``RaftCore/snapshotSent(to:upTo:succeeded:now:)``.
  public var snapshotsToSend: [RaftID] = []
  /// Replace the state machine by this snapshot, which is on the disk, before anything in ``committedRange`` and
  /// ``committed``; then call ``RaftCore/applied(upTo:)``.
  public var restore: SnapshotMetadata?
  /// Decided entries that are no longer in memory: read them from the log and apply them before ``committed``.
  public var committedRange: ClosedRange<LogIndex>?
  /// Decided entries to apply, of every kind and without a gap; then call ``RaftCore/applied(upTo:)``.
  public var committed: [Entry] = []
  /// Reads that may be served as soon as everything up to their index is applied.
  public var reads: [Read] = []
  /// Reads that got no answer, because the leader is lost or unknown.
  ///
  /// They may be asked again.
  public var failedReads: [ReadRequestID] = []
  /// Set when role, term or leader changed since the last batch.
  public var roleChange: RoleChange?
  /// Set when another configuration holds since the last batch (committed or not): connect to and disconnect from members.
  public var membershipChange: Membership?
  /// The member that was to become leader and didn't in time; this member leads on.
  public var abandonedTransfer: RaftID?
  /// When ``RaftCore/tick(now:)`` wants to be called at the latest, unless an event comes first; the same as
  /// ``RaftCore/nextDeadline``.
  public var nextDeadline: Duration = .zero
  /// The core stopped for good: it met something that this version must not pass over.
  ///
  /// Stop the node.
  public var failure: RaftError?

  init() {}
}

extension Ready {
  /// Work for storage, to be carried out in this order: install the snapshot, cut the log, append, store the state.
  public struct Write: Hashable, Sendable {
    /// The number to report.
    public var id: WriteID
    /// A snapshot whose bytes the driver holds ready: make it durable; the log then starts anew behind it.
    public var snapshot: SnapshotMetadata?
    /// Entries behind this index are void.
    ///
    /// Set only when the log on disk is longer.
    public var truncateAfter: LogIndex?
    /// Entries to append, without a gap.
    public var entries: [Entry]
    /// The state to store, when it changed.
    public var hardState: HardState?
  }

  /// A range of the log that a member needs.
  public struct LogRead: Hashable, Sendable {
    /// The member that needs it.
    public var member: RaftID
    /// The entries it needs.
    ///
    /// Any part from the start on, of at least one entry, will do.
    public var range: ClosedRange<LogIndex>
    /// About how many encoded bytes to give, at least one entry.
    public var maximumBytes: Int
  }

  /// A confirmed read.
  public struct Read: Hashable, Sendable {
    /// The host's name for it.
    public var id: ReadRequestID
    /// What must be applied before it is served.
    public var index: LogIndex
  }

  /// A change of who leads.
  public struct RoleChange: Hashable, Sendable {
    /// What this member is now.
    public var role: RaftStatus.Role
    /// The term it is in now.
    public var term: Term
    /// The leader of that term, when known.
    public var leader: RaftID?
  }
}
