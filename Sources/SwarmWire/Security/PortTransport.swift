// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix

/// gRPC's transport on the one port, which tells each call who is at the other end of its connection.
struct PortTransport: ServerTransport {
  typealias Bytes = GRPCNIOTransportBytes

  private let inner: HTTP2ServerTransport.Custom<BoundSocket>
  private let peers: PeerRegistry

  init(_ socket: BoundSocket, config: HTTP2ServerTransport.Custom<BoundSocket>.Config) {
    self.inner = HTTP2ServerTransport.Custom(listenerFactory: socket, config: config)
    self.peers = socket.peers
  }

  func configure(context: GRPCServerContext) { self.inner.configure(context: context) }

  func listen(
    streamHandler: @concurrent @escaping @Sendable (RPCStream<Inbound, Outbound>, ServerContext) async -> Void
  ) async throws {
    let peers = self.peers
    try await self.inner.listen { stream, context in
      var context = context
      context.transportSpecific = peers.connection(of: context)
      await streamHandler(stream, context)
    }
  }

  func beginGracefulShutdown() { self.inner.beginGracefulShutdown() }
}
