// SPDX-License-Identifier: Apache-2.0

public import Raft

/// What happens to a node besides its state machine's commands.
public enum RaftEvent: Sendable, Hashable {
  /// Role, term or leader changed.
  case roleChanged(Ready.RoleChange)
  /// This member leads, and has applied an entry of its own term: its state holds everything that any earlier leader
  /// acknowledged.
  case leadershipEstablished(term: Term)
  /// Another configuration holds. It may not be committed yet.
  case membershipChanged(Membership)
  /// A snapshot of this member's state is on the disk, and the log before it may be gone.
  case snapshotTaken(LogPosition)
  /// The state was replaced by a snapshot that came from the leader.
  case snapshotRestored(LogPosition)
}
