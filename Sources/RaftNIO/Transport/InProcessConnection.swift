// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Raft

/// A connection to a member in the same process: frames are handed over as they are, neither encoded nor copied.
///
/// What one turn sends crosses to the other member's event loop at once; on one event loop it goes by ``InProcessMail``.
final class InProcessConnection: PeerConnection {
  private let eventLoop: any EventLoop
  private var other: Other?
  private var mail: InProcessMail?
  private var pending: [PeerFrame] = []
  /// What came by mail and wasn't handed over yet.
  fileprivate var arrived: [PeerFrame] = []

  /// The other end, which lives on the other member's event loop.
  struct Other: Sendable {
    var eventLoop: any EventLoop
    var connection: NIOLoopBoundBox<InProcessConnection?>
    /// Set when both ends live on one event loop.
    var mail: NIOLoopBound<InProcessMail>?
  }

  init(peer: RaftID?, isOutbound: Bool, owner: any Owner, eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    super.init(peer: peer, isOutbound: isOutbound, owner: owner, now: .now())
  }

  /// Frames can go.
  func connect(to other: Other) {
    self.other = other
    self.mail = other.mail?.value
    // The other side may have been quicker.
    if !self.arrived.isEmpty { self.mail?.deliver(to: self) }
  }

  override var isUsable: Bool { self.other != nil && self.peer != nil }

  override var isEmpty: Bool { self.pending.isEmpty }

  override func send(_ frame: PeerFrame) {
    guard self.isUsable else { return }
    self.pending.append(frame)
  }

  override func flush() {
    guard !self.pending.isEmpty, let other else { return }
    if let mail {
      guard let connection = other.connection.value else { return self.pending.removeAll() }
      connection.arrived.append(contentsOf: self.pending)
      self.pending.removeAll(keepingCapacity: true)
      mail.deliver(to: connection)
    } else {
      let frames = self.pending
      self.pending = []
      other.eventLoop.execute { other.connection.value?.receive(frames) }
    }
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
    guard let peer else { return }
    for frame in frames where self.other != nil { self.owner.connection(self, from: peer, received: frame) }
    self.owner.connectionReadEnded(self)
  }

  fileprivate func receiveMail() {
    guard self.other != nil, !self.arrived.isEmpty else { return }
    let frames = self.arrived
    self.arrived = []
    self.receive(frames)
  }

  private func closedByOther() {
    // What was sent before comes first.
    self.receiveMail()
    guard self.other != nil else { return }
    self.other = nil
    self.pending = []
    self.reportClosed()
  }

  private func reportClosed() { self.owner.connectionClosed(self) }

  /// The other side said who it is: refused with a reason, or taken.
  func opened(by handshake: PeerFrame.Handshake) -> String? {
    let reason = self.owner.connection(self, received: handshake)
    if reason == nil { self.peer = handshake.from }
    return reason
  }
}

/// What members on one event loop send each other.
///
/// Whoever was written to last hears of it first. So an answer goes before what others were told at the same time: a leader that has
/// a majority doesn't wait for the rest, who hear of more at once later.
final class InProcessMail {
  private let eventLoop: any EventLoop
  /// Those who have mail; the last one is next.
  private var receivers: [InProcessConnection] = []
  private var isDeliveryScheduled = false

  /// Deliveries after which others on the loop have their turn.
  private static let maximumDeliveries = 16

  init(on eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  /// Hands over what arrived at the connection once the sender, who is in the middle of a turn, is done.
  func deliver(to receiver: InProcessConnection) {
    if let position = self.receivers.lastIndex(where: { $0 === receiver }) { self.receivers.remove(at: position) }
    self.receivers.append(receiver)
    self.scheduleDelivery()
  }

  private func scheduleDelivery() {
    guard !self.isDeliveryScheduled else { return }
    self.isDeliveryScheduled = true
    self.eventLoop.assumeIsolated().execute { self.deliver() }
  }

  private func deliver() {
    var count = 0
    while count < Self.maximumDeliveries, let receiver = self.receivers.popLast() {
      receiver.receiveMail()
      count += 1
    }
    self.isDeliveryScheduled = false
    guard !self.receivers.isEmpty else { return }
    // Whoever waited longest is next.
    self.receivers.reverse()
    self.scheduleDelivery()
  }
}
