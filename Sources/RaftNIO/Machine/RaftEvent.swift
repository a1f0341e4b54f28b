// SPDX-License-Identifier: Apache-2.0

public import Raft

/// What happens to a node besides its state machine's commands.
///
/// ``RaftNode/events`` brings all of them; ``StateMachine/didChange(_:)`` those that aren't about connections.
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
  /// There is a connection to speak to a member through, and was none before.
  ///
  /// A member that refuses it says so right after: ``peerDisconnected(_:_:)`` follows.
  case peerConnected(RaftID)
  /// No connection with a member is left; the reason is that of the last one.
  case peerDisconnected(RaftID, DisconnectReason)
  /// This member closed a connection because of what came through it, or because nothing came: a damaged or unknown frame, a stranger to
  /// the group.
  ///
  /// The member is `nil` when the other side never said credibly who it is.
  case connectionRefused(from: RaftID?, reason: String)
}

/// Why a connection with a member ended.
public enum DisconnectReason: Sendable, Hashable {
  /// The other side closed it, or its process ended.
  case closed
  /// It broke, with the error's own words.
  case failed(String)
  /// The other side refused it, and said why.
  case refused(String)
  /// This side refused what came through it; ``RaftEvent/connectionRefused(from:reason:)`` told before.
  case damaged(String)
  /// This side has no use for it any more: the member moved, or made a newer one.
  case superseded
}
