// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Raft

/// A connection to a member in the same process: frames are handed over as they are, neither encoded nor copied.
///
/// What one turn sends crosses to the other member's event loop at once.
final class InProcessConnection: PeerConnection {
  private let eventLoop: any EventLoop
  private var other: Other?
  private var pending: [PeerFrame] = []

  /// The other end, which lives on the other member's event loop.
  struct Other: Sendable {
    var eventLoop: any EventLoop
    var connection: NIOLoopBoundBox<InProcessConnection?>
  }

  init(peer: RaftID?, isOutbound: Bool, owner: any Owner, eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    super.init(peer: peer, isOutbound: isOutbound, owner: owner, now: .now())
  }

  /// Frames can go.
  func connect(to other: Other) { self.other = other }

  override var isUsable: Bool { self.other != nil && self.peer != nil }

  override var isEmpty: Bool { self.pending.isEmpty }

  override func send(_ frame: PeerFrame) {
    guard self.isUsable else { return }
    self.pending.append(frame)
  }

  override func flush() {
    guard !self.pending.isEmpty, let other else { return }
    let frames = self.pending
    self.pending = []
    other.eventLoop.execute { other.connection.value?.receive(frames) }
  }

  override func close(_ reason: DisconnectReason) {
    guard let other = self.other.take() else { return }
    self.end = reason
    self.pending = []
    other.eventLoop.execute { other.connection.value?.closedByOther() }
    // Whoever closes is in the middle of something else.
    let connection = NIOLoopBound(self, eventLoop: self.eventLoop)
    self.eventLoop.execute { connection.value.reportClosed() }
  }

  private func receive(_ frames: [PeerFrame]) {
    guard let owner = self.owner, let peer else { return }
    for frame in frames where self.other != nil { owner.connection(self, from: peer, received: frame) }
    owner.connectionReadEnded(self)
  }

  private func closedByOther() {
    guard self.other != nil else { return }
    self.other = nil
    self.pending = []
    self.reportClosed()
  }

  private func reportClosed() { self.owner?.connectionClosed(self) }

  /// The other side said who it is: refused with a reason, or taken.
  func opened(by handshake: PeerFrame.Handshake) -> String? {
    let reason = self.owner?.connection(self, received: handshake) ?? nil
    if reason == nil { self.peer = handshake.from }
    return reason
  }
}
