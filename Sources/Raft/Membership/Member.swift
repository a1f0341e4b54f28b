// SPDX-License-Identifier: Apache-2.0

/// One member of the group.
public struct Member: Hashable, Sendable {
  /// The identity, never used again.
  public var id: RaftID
  /// What the member counts for.
  public var role: Role
  /// Bytes of the host that Raft carries but doesn't read: an address, a node's name.
  public var context: [UInt8]
  /// Voters with a higher number campaign sooner and are preferred as successors; 0 by default.
  ///
  /// It moves only timers, so that whoever can be elected still is.
  public var priority: UInt8
  /// Whether the member votes, and stores the log, but has no state machine.
  ///
  /// See ``RaftCore/isCaretaker``.
  public var isWitness: Bool
  /// Fields that a newer version wrote; they are kept and written back.
  var unknownFields: [UInt8] = []

  /// Describes a member.
  public init(id: RaftID, role: Role = .voter, context: [UInt8] = [], priority: UInt8 = 0, isWitness: Bool = false) {
    self.id = id
    self.role = role
    self.context = context
    self.priority = priority
    self.isWitness = isWitness
  }
}

extension Member {
  /// What a member counts for.
  public enum Role: UInt8, Hashable, Sendable, CaseIterable {
    /// Votes and counts for commits.
    case voter = 1
    /// Receives the log and counts for nothing.
    case learner = 2
    /// A learner that the leader makes a voter as soon as it has caught up.
    case joining = 3
    /// In a joint configuration: votes in the new set only.
    case incoming = 4
    /// In a joint configuration: votes in the old set only, and is gone when the joint configuration ends.
    case outgoing = 5

    /// Whether the member votes in the new (or only) set of voters.
    public var votesInNewSet: Bool { self == .voter || self == .incoming }
    /// Whether the member votes in the old (or only) set of voters.
    public var votesInOldSet: Bool { self == .voter || self == .outgoing }
    /// Whether the member votes at all.
    public var votes: Bool { self.votesInNewSet || self.votesInOldSet }
  }
}
