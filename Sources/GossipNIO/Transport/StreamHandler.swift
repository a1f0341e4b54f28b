// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import NIOCore

/// One stream: frames of a length in four bytes, each sealed.
///
/// Lives on the node's event loop, as the last handler of its channel.
final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Which side opened the stream, and how its frames are sealed.
  private enum Role {
    /// This one: requests carry its session.
    case opened(session: UInt64, answers: UInt64?)
    /// The other one; nil until its first frame was opened.
    case accepted(session: UInt64?, answers: UInt64)
  }

  /// The name that the core gave; nil until the first frame of an accepted stream was opened.
  private(set) var id: StreamID?
  /// Where the other side is.
  let peer: GossipAddress
  /// When the stream was made.
  let began: Duration

  private weak var driver: GossipDriver?
  private var role: Role
  private var context: ChannelHandlerContext?
  private var gathered = ByteBuffer()
  private var outgoing = ByteBuffer()
  private var sent: UInt32 = 0
  private var received: UInt32 = 0
  private var receivedBytes = 0
  private var isOver = false

  /// A stream that this side opened.
  init(opening id: StreamID, to peer: GossipAddress, session: UInt64, driver: GossipDriver) {
    self.id = id
    self.peer = peer
    self.began = driver.now
    self.driver = driver
    self.role = .opened(session: session, answers: nil)
  }

  /// A stream that the other side opened.
  init(acceptedFrom peer: GossipAddress, session: UInt64, driver: GossipDriver) {
    self.peer = peer
    self.began = driver.now
    self.driver = driver
    self.role = .accepted(session: nil, answers: session)
  }

  // MARK: - Sending

  /// Adds a frame to what ``flush()`` writes.
  func send(_ frame: [UInt8]) {
    guard !self.isOver, let driver else { return }
    let start = self.outgoing.writerIndex
    self.outgoing.writeInteger(UInt32(0))
    do {
      switch self.role {
      case .opened(let session, _):
        try driver.sealer.seal(frame[...], .request, session: session, counter: self.sent, into: &self.outgoing)
      case .accepted(let session, let answers):
        let purpose = Seal.Purpose.response(to: session ?? 0)
        try driver.sealer.seal(frame[...], purpose, session: answers, counter: self.sent, into: &self.outgoing)
      }
    } catch {
      return self.end()
    }
    self.sent += 1
    self.outgoing.setInteger(UInt32(self.outgoing.writerIndex - start - 4), at: start)
  }

  /// Writes what was added.
  func flush() {
    guard self.outgoing.readableBytes > 0, let context else { return }
    context.writeAndFlush(self.wrapOutboundOut(self.outgoing), promise: nil)
    self.outgoing = ByteBuffer()
  }

  /// Closes the stream when everything is written; the driver hears no more of it.
  func close() {
    guard !self.isOver else { return }
    self.isOver = true
    guard let context else { return }
    let last = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(self.wrapOutboundOut(self.outgoing), promise: last)
    self.outgoing = ByteBuffer()
    let channel = context.channel
    last.futureResult.whenComplete { _ in channel.close(promise: nil) }
  }

  /// Breaks the stream off.
  func end() {
    self.context?.close(promise: nil)
  }

  /// Says why nothing of the stream is taken, and closes it.
  private func refuse(_ refusal: Refusal) {
    self.outgoing.writeInteger(UInt32(2))
    self.outgoing.writeInteger(Refusal.format)
    self.outgoing.writeInteger(refusal.rawValue)
    self.close()
  }

  // MARK: - The channel

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !self.isOver, let driver else { return }
    var buffer = self.unwrapInboundIn(data)
    self.receivedBytes += buffer.readableBytes
    guard self.receivedBytes <= driver.limits.streamBytes, driver.now - self.began <= driver.limits.streamTime else {
      return self.end()
    }
    if self.gathered.readableBytes == 0 { self.gathered = buffer } else { self.gathered.writeBuffer(&buffer) }
    while !self.isOver, let length = self.gathered.getInteger(at: self.gathered.readerIndex, as: UInt32.self) {
      let limit = self.id == nil ? driver.limits.firstFrameBytes : driver.frameLimit
      guard length <= limit else { return self.refuse(.malformed) }
      guard self.gathered.readableBytes >= 4 + Int(length) else { break }
      self.gathered.moveReaderIndex(forwardBy: 4)
      guard let frame = self.gathered.readSlice(length: Int(length)) else { break }
      self.receive(frame, driver)
    }
    self.gathered.discardReadBytes()
  }

  private func receive(_ frame: ByteBuffer, _ driver: GossipDriver) {
    do throws(GossipError) {
      let bytes = try self.open(frame, driver)
      guard let id = self.id ?? driver.accept(self) else { return self.refuse(.busy) }
      self.id = id
      try driver.received(frame: bytes, on: id)
    } catch {
      driver.refused(error, from: self.peer)
      // An answer that can't be read is nothing to argue about.
      if case .accepted = self.role { self.refuse(Refusal(error)) } else { self.end() }
    }
  }

  private func open(_ frame: ByteBuffer, _ driver: GossipDriver) throws(GossipError) -> [UInt8] {
    let expected = self.received
    self.received += 1
    switch self.role {
    case .opened(let session, let answers):
      if frame.getInteger(at: frame.readerIndex, as: UInt8.self) == Refusal.format {
        let code = frame.getInteger(at: frame.readerIndex + 1, as: UInt8.self)
        throw (code.flatMap { Refusal(rawValue: $0) } ?? .malformed).error
      }
      let opened = try driver.sealer.open(frame, .response(to: session))
      try Self.check(opened.session == answers ?? opened.session && driver.sealer.isInOrder(opened.counter, expected))
      self.role = .opened(session: session, answers: opened.session)
      return opened.bytes
    case .accepted(let session, let answers):
      let opened = try driver.sealer.open(frame, .request)
      if session == nil { try driver.sealer.admitStream(session: opened.session) }
      try Self.check(opened.session == session ?? opened.session && driver.sealer.isInOrder(opened.counter, expected))
      self.role = .accepted(session: opened.session, answers: answers)
      return opened.bytes
    }
  }

  private static func check(_ isInOrder: Bool) throws(GossipError) {
    if !isInOrder { throw GossipError(.replayed, "a frame comes twice or out of order") }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    self.driver?.turn()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { self.end() }

  func channelInactive(context: ChannelHandlerContext) {
    self.isOver = true
    self.driver?.closed(self)
  }
}
