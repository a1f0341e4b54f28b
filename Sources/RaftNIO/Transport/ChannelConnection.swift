// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import Raft

/// A connection through a channel, as the last handler of it.
///
/// Frames go both ways, whoever dialled. What is sent during a turn becomes one buffer and one write.
final class ChannelConnection: PeerConnection, ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let logger: Logger
  private let handshakeTimeout: TimeAmount
  private var opening: PeerFrame.Handshake?
  private var context: ChannelHandlerContext?
  /// Asking the channel costs more than this.
  private var isActive = false
  private var reader: FrameReader
  private var hasSkippedPreamble: Bool
  private var pending = ByteBuffer()
  private var handshakeDeadline: Scheduled<Void>?
  private var isClosing = false

  private static let maximumHandshakeLength = 4096

  /// A connection that this side made.
  init(dialling handshake: PeerFrame.Handshake, owner: any Owner, logger: Logger, now: NIODeadline) {
    self.opening = handshake
    self.logger = logger
    self.handshakeTimeout = .zero
    self.reader = FrameReader(maximumLength: MessageCodec.maximumFrameLength)
    self.hasSkippedPreamble = true
    super.init(peer: handshake.to, isOutbound: true, owner: owner, now: now)
  }

  /// A connection that the other side made; it must say who it is within the timeout.
  init(acceptedBy owner: any Owner, logger: Logger, now: NIODeadline, handshakeTimeout: TimeAmount) {
    self.opening = nil
    self.logger = logger
    self.handshakeTimeout = handshakeTimeout
    self.reader = FrameReader(maximumLength: Self.maximumHandshakeLength)
    self.hasSkippedPreamble = false
    super.init(peer: nil, isOutbound: false, owner: owner, now: now)
  }

  // MARK: - Sending

  override var isUsable: Bool { self.peer != nil && self.isActive && !self.isClosing }

  override var isEmpty: Bool { self.pending.readableBytes == 0 }

  override func send(_ frame: PeerFrame) {
    guard self.isUsable else { return }
    frame.encode(into: &self.pending)
  }

  override func flush() {
    guard self.pending.readableBytes > 0, let context else { return }
    context.writeAndFlush(self.wrapOutboundOut(self.pending), promise: nil)
    self.pending = context.channel.allocator.buffer(capacity: min(self.pending.readableBytes, 64 << 10))
  }

  override func close(_ reason: DisconnectReason) {
    guard !self.isClosing else { return }
    self.isClosing = true
    self.end = reason
    self.context?.close(promise: nil)
  }

  /// Tells the other side why, then ends the connection.
  private func refuse(_ reason: String) {
    self.logger.warning("a connection was refused", metadata: ["reason": "\(reason)"])
    PeerFrame.refusal(reason).encode(into: &self.pending)
    self.flush()
    self.owner.connection(self, refused: reason)
    self.close(.damaged(reason))
  }

  // MARK: - The channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { self.begin(context) }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    self.begin(context)
    context.fireChannelActive()
  }

  private func begin(_ context: ChannelHandlerContext) {
    self.isActive = true
    if let opening {
      self.opening = nil
      self.pending.writeBytes(PeerFrame.preamble)
      PeerFrame.handshake(opening).encode(into: &self.pending)
      self.flush()
    } else if !self.isOutbound, self.handshakeDeadline == nil {
      self.handshakeDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: self.handshakeTimeout) {
        guard self.peer == nil else { return }
        self.refuse("no handshake came in time")
      }
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    self.reader.append(self.unwrapInboundIn(data))
    guard !self.isClosing else { return }
    do {
      if !self.hasSkippedPreamble {
        guard self.reader.skipPreamble() else { return }
        self.hasSkippedPreamble = true
      }
      for frame in try self.reader.takeFrames() where !self.isClosing {
        try self.handle(PeerFrame(decoding: frame))
      }
    } catch {
      self.refuse("\(error)")
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if self.peer != nil { self.owner.connectionReadEnded(self) }
    context.fireChannelReadComplete()
  }

  private func handle(_ frame: PeerFrame) throws(RaftError) {
    switch frame {
    case .refusal(let reason):
      self.logger.warning("a member refused the connection", metadata: ["reason": "\(reason)"])
      self.close(.refused(reason))
    case .handshake(let handshake):
      guard self.peer == nil else { throw RaftError(.corrupt, "a second handshake came") }
      if let reason = self.owner.connection(self, received: handshake) { return self.refuse(reason) }
      self.handshakeDeadline?.cancel()
      self.peer = handshake.from
      self.reader.maximumLength = MessageCodec.maximumFrameLength
    case .message(let message), .snapshotBegins(_, _, _, let message):
      try self.pass(frame, from: message.from)
    case .snapshotPiece, .snapshotProgress:
      try self.pass(frame, from: self.peer ?? RaftID(0))
    }
  }

  private func pass(_ frame: PeerFrame, from sender: RaftID) throws(RaftError) {
    guard let peer else { throw RaftError(.corrupt, "something came before the handshake") }
    guard sender == peer else { throw RaftError(.corrupt, "member \(peer) speaks for member \(sender)") }
    self.owner.connection(self, from: peer, received: frame)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    self.logger.debug("a connection failed", metadata: ["error": "\(error)"])
    self.close(.failed("\(error)"))
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.isActive = false
    self.isClosing = true
    self.handshakeDeadline?.cancel()
    self.owner.connectionClosed(self)
    context.fireChannelInactive()
  }
}
