// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Raft

/// One connection to a member, whatever carries it; subclasses carry.
///
/// Lives on the node's event loop. What is sent during a turn is gathered and leaves at once with ``flush()``.
class PeerConnection {
  /// Who takes what comes out of a connection.
  ///
  /// Calls come on the event loop.
  protocol Owner: AnyObject {
    /// The other side says who it is. A reason means that it is refused.
    func connection(_ connection: PeerConnection, received handshake: PeerFrame.Handshake) -> String?
    func connection(_ connection: PeerConnection, from peer: RaftID, received frame: PeerFrame)
    /// Everything that came together was passed on.
    func connectionReadEnded(_ connection: PeerConnection)
    /// What came is refused; the connection is about to be closed.
    func connection(_ connection: PeerConnection, refused reason: String)
    /// See ``PeerConnection/end`` for why.
    func connectionClosed(_ connection: PeerConnection)
  }

  /// The member at the other end; `nil` until it said so.
  final var peer: RaftID?
  /// Whether this side dialled.
  final let isOutbound: Bool
  /// When the connection was made.
  final let began: NIODeadline
  /// Why it ended, or will have ended if nothing else happens.
  final var end = DisconnectReason.closed
  /// Lets go of the connection when it ends.
  final let owner: any Owner

  init(peer: RaftID?, isOutbound: Bool, owner: any Owner, now: NIODeadline) {
    self.peer = peer
    self.isOutbound = isOutbound
    self.owner = owner
    self.began = now
  }

  /// Whether what is sent now has a chance to arrive.
  var isUsable: Bool { false }

  /// Whether ``flush()`` has nothing to send.
  var isEmpty: Bool { true }

  /// Adds a frame to what ``flush()`` sends.
  func send(_ frame: PeerFrame) {}

  /// Sends everything that was added, in one go.
  func flush() {}

  /// Ends the connection.
  ///
  /// Its owner hears of it as of any other end.
  func close(_ reason: DisconnectReason) {}
}
