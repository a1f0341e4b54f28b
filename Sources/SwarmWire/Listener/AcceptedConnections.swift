// SPDX-License-Identifier: Apache-2.0

internal import GRPCNIOTransportHTTP2Posix
internal import NIOCore

/// A connection that gRPC is ready to serve.
typealias GRPCConnection = HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel

/// Receives the connections that a listening channel accepts, and passes on those that turn out to speak
/// gRPC.
///
/// It sits in the listening channel's pipeline in front of the handler from which gRPC takes its connections.
/// A connection can't wait there: it only begins to read once it has reached the pipeline's end. So it goes
/// straight to the end (``Sink``), with a ``PreambleHandler`` inside, and comes back as a gRPC connection
/// when that one has decided.
final class AcceptedConnections: ChannelInboundHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = GRPCConnection

  /// Swallows what gRPC's handler forwards after use, and hands accepted connections to the end of the
  /// pipeline.
  final class Sink: ChannelInboundHandler {
    typealias InboundIn = Any

    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    /// Lets an accepted connection begin.
    func begin(_ connection: NIOAny) throws {
      guard let context = self.context else { throw ChannelError.ioOnClosedChannel }
      context.fireChannelRead(connection)
    }
  }

  private let sink: Sink
  private let policy: ConnectionPolicy
  private let configurator: HTTP2ServerTransport.ConnectionConfigurator
  private let open: OpenConnections
  private let acceptRaft: @Sendable (any Channel) -> EventLoopFuture<Void>
  private var context: ChannelHandlerContext?

  init(
    sink: Sink,
    policy: ConnectionPolicy,
    configurator: HTTP2ServerTransport.ConnectionConfigurator,
    open: OpenConnections,
    acceptRaft: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) {
    self.sink = sink
    self.policy = policy
    self.configurator = configurator
    self.open = open
    self.acceptRaft = acceptRaft
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let connection = Self.unwrapInboundIn(data)
    self.open.insert(connection)
    let (policy, handOver) = (self.policy, self.makeHandOver(context.eventLoop))
    // Counted here, where connections come in the order in which they were made; their own event loops may be late.
    let number = policy.strangers.insert(connection)
    let prepared = connection.eventLoop.submit { try policy.begin(connection, number, handOver: handOver) }
    prepared.hop(to: context.eventLoop).assumeIsolated().flatMapThrowing {
      try self.sink.begin(data)
    }.whenFailure { _ in
      connection.close(promise: nil)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    // Connections arrive at gRPC one by one, later.
  }

  /// What happens to a connection whose protocol is known; runs on the connection's event loop.
  private func makeHandOver(
    _ eventLoop: any EventLoop
  ) -> @Sendable (WireProtocol, any Channel) -> EventLoopFuture<Void> {
    let handler = NIOLoopBound(self, eventLoop: eventLoop)
    let (configurator, open, acceptRaft) = (self.configurator, self.open, self.acceptRaft)
    let isSecured = self.policy.security != nil
    return { wireProtocol, channel in
      switch wireProtocol {
      case .raft:
        open.remove(channel)
        return acceptRaft(channel)
      case .grpc:
        // Which protocol was agreed on is settled before gRPC's handlers exist.
        let tls: HTTP2ServerTransport.ConnectionConfigurator.TLS = isSecured ? .configured(requireALPN: false) : .none
        return configurator.configure(channel: channel, tls: tls).flatMap { connection in
          // Its writer must not go away before the channel is closed, whoever drops the connection on the
          // way.
          channel.closeFuture.whenComplete { _ in withExtendedLifetime(connection) {} }
          return eventLoop.submit { try handler.value.pass(connection) }
        }
      }
    }
  }

  private func pass(_ connection: GRPCConnection) throws {
    guard let context = self.context, context.channel.isActive else { throw ChannelError.ioOnClosedChannel }
    context.fireChannelRead(self.wrapInboundOut(connection))
    context.fireChannelReadComplete()
  }
}
