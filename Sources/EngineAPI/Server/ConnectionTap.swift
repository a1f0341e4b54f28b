// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Takes a connection away from HTTP, when its client has asked for that and the answer is yes: what comes from then on goes to a queue.
///
/// The first of a connection's handlers but for TLS, so that the others never see it. What is written still goes through them: behind status 101 they add
/// nothing. What a client sends before it has the answer is lost, which is why HTTP has it wait.
final class ConnectionTap: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = NIOAny

  /// How many bytes may wait in the queue before the client has to.
  private static let limit = 64 << 10

  private var context: ChannelHandlerContext?
  private var queue: ExecInputQueue?
  private var waiting = 0
  private var isReadHeld = false
  private var isEnded = false

  // MARK: - Who takes

  /// Takes a connection.
  ///
  /// - Returns: What its client sends; `nil` when the connection has no tap, or is gone.
  static func take(_ channel: any Channel) async -> ExecInputQueue? {
    try? await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.handler(type: Self.self).take()
    }.get()
  }

  /// Nothing more is read from a connection as HTTP, nor written: it is closed when the client has everything.
  static func end(_ channel: any Channel) async {
    try? await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.handler(type: Self.self).end()
    }.get()
  }

  private func take() throws(ChannelError) -> ExecInputQueue {
    guard let context, self.queue == nil else { throw .ioOnClosedChannel }
    let (eventLoop, bound) = (context.eventLoop, NIOLoopBound(self, eventLoop: context.eventLoop))
    let queue = ExecInputQueue { count in eventLoop.execute { bound.value.taken(count) } }
    self.queue = queue
    return queue
  }

  /// For HTTP's handlers no further request comes, after which they close.
  private func end() {
    self.context?.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
  }

  private func taken(_ count: Int) {
    self.waiting -= count
    guard self.isReadHeld, self.waiting < Self.limit else { return }
    self.isReadHeld = false
    self.context?.read()
  }

  // MARK: - The connection

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    // The queue knows its tap, to tell it what was taken.
    self.queue = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let queue else { return context.fireChannelRead(data) }
    let bytes = Array(buffer: self.unwrapInboundIn(data))
    self.waiting += bytes.count
    queue.add(bytes)
  }

  func read(context: ChannelHandlerContext) {
    if self.queue != nil, self.waiting >= Self.limit { self.isReadHeld = true } else { context.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // The end of what the client sends isn't the end of what it wants to hear. Over TCP a client that is killed looks the same, until something is written
    // to it or the kernel, which asks idle peers, finds that its machine has forgotten the connection.
    if let queue, case .inputClosed? = event as? ChannelEvent {
      if !self.isEnded { queue.end() }
      self.isEnded = true
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if self.queue != nil {
      // TLS has a word for the end of what the client sends: who ends without it is gone, and what came isn't all of its input.
      self.isEnded = true
      context.close(promise: nil)
    }
    context.fireErrorCaught(error)
  }
}
