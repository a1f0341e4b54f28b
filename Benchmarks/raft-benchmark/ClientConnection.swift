// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// One connection of clients to a member process; lives on its event loop.
final class ClientConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  /// What becomes of a request; `nil` when the connection ended before the answer.
  typealias Completion = (ClientProtocol.Answer?) -> Void

  private var context: ChannelHandlerContext?
  private var received = ByteBuffer()
  private var requests = ByteBuffer()
  private var isFlushScheduled = false
  private var waiting: [UInt64: Completion] = [:]
  private var lastNumber: UInt64 = 0

  /// Connects with mutual TLS.
  static func connect(
    to port: Int,
    _ tls: NIOSSLContext,
    on eventLoop: any EventLoop
  ) async throws -> NIOLoopBound<ClientConnection> {
    try await ClientBootstrap(group: eventLoop)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers([
            NIOSSLClientHandler(context: tls, serverHostname: nil), ClientConnection(),
          ])
        }
      }
      .connect(host: "127.0.0.1", port: port)
      .flatMapThrowing { channel in
        NIOLoopBound(try channel.pipeline.syncOperations.handler(type: ClientConnection.self), eventLoop: channel.eventLoop)
      }
      .get()
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  /// Sends a request; what is asked in one turn is written together.
  func ask(_ operation: ClientProtocol.Request.Operation, _ payload: [UInt8], _ completion: @escaping Completion) {
    guard let context, context.channel.isActive else { return completion(nil) }
    self.lastNumber += 1
    self.waiting[self.lastNumber] = completion
    ClientProtocol.write(self.lastNumber, operation, payload, into: &self.requests)
    guard !self.isFlushScheduled else { return }
    self.isFlushScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.isFlushScheduled = false
      guard let context = self.context else { return }
      let requests = self.requests
      self.requests = context.channel.allocator.buffer(capacity: requests.readableBytes)
      context.writeAndFlush(self.wrapOutboundOut(requests), promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var read = self.unwrapInboundIn(data)
    if self.received.readableBytes == 0 { self.received = read } else { self.received.writeBuffer(&read) }
    do {
      while let answer = try ClientProtocol.readAnswer(&self.received) {
        self.waiting.removeValue(forKey: answer.number)?(answer)
      }
      self.received.discardReadBytes()
    } catch {
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    let waiting = self.waiting
    self.waiting = [:]
    for completion in waiting.values { completion(nil) }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func close() { self.context?.close(promise: nil) }
}

extension NIOLoopBound<ClientConnection> {
  /// Asks, and waits for the answer.
  func ask(
    _ operation: ClientProtocol.Request.Operation,
    _ payload: [UInt8] = [],
    on eventLoop: any EventLoop
  ) async throws -> ClientProtocol.Answer? {
    try await eventLoop.flatSubmit {
      let promise = eventLoop.makePromise(of: ClientProtocol.Answer?.self)
      self.value.ask(operation, payload) { promise.succeed($0) }
      return promise.futureResult
    }.get()
  }
}
