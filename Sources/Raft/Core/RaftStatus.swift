// SPDX-License-Identifier: Apache-2.0

/// What a member knows at this moment; for people, metrics and tests.
public struct RaftStatus: Hashable, Sendable {
  /// The member.
  public var id: RaftID
  /// What it is.
  public var role: Role
  /// Its term.
  public var term: Term
  /// The leader of the term, when known.
  public var leader: RaftID?
  /// The last entry known to be committed.
  public var commit: LogIndex
  /// The last entry reported as applied.
  public var applied: LogIndex
  /// The first entry in the log.
  public var firstIndex: LogIndex
  /// The last entry in the log.
  public var lastIndex: LogIndex
  /// The last entry known to be on this member's disk.
  public var durableIndex: LogIndex
  /// The configuration that holds.
  public var membership: Membership
  /// The index of the entry that brought it.
  public var membershipIndex: LogIndex
  /// The member that leadership is being handed to.
  public var transferTarget: RaftID?
  /// Bytes accepted by this leader and not committed yet.
  public var uncommittedBytes: Int
  /// Bytes of the log in memory.
  public var memoryBytes: Int
  /// Messages that were passed over because they can't be right.
  public var refusedMessages: Int
  /// How far the other members are, on the leader; ordered by identity.
  public var peers: [Peer]

  /// Whether the configuration that holds is committed and not joint.
  public var isMembershipSettled: Bool { self.membershipIndex <= self.commit && !self.membership.isJoint }
}

extension RaftStatus {
  /// What a member is.
  public enum Role: Hashable, Sendable {
    /// Follows a leader, or waits for one.
    case follower
    /// Asks whether an election could be won.
    case preCandidate
    /// Asks for votes.
    case candidate
    /// Leads.
    case leader
  }

  /// How the leader sends to a member.
  public enum Replication: Hashable, Sendable {
    /// One message at a time, looking for the last entry in common.
    case probing
    /// A stream that doesn't wait for answers.
    case streaming
    /// A snapshot is on its way.
    case snapshot
  }

  /// A member as its leader sees it.
  public struct Peer: Hashable, Sendable {
    /// The member.
    public var id: RaftID
    /// How the leader sends to it.
    public var replication: Replication
    /// The last entry known to be on its disk.
    public var match: LogIndex
    /// Messages of entries that it didn't acknowledge yet.
    public var inFlight: Int
    /// Whether it was heard of within an election timeout.
    public var isActive: Bool
  }
}
