// SPDX-License-Identifier: Apache-2.0

internal import GRPCNIOTransportHTTP2Posix
internal import NIOCore

/// Gives gRPC the connections of a socket that is bound already.
struct BoundSocket: HTTP2ServerTransport.ListenerFactory {
  /// The listening channel; it accepts nothing before gRPC asks for it.
  let channel: any Channel
  /// The group that accepted connections live on.
  let eventLoopGroup: any EventLoopGroup
  /// What accepted connections go through first.
  let policy: ConnectionPolicy
  /// Where accepted connections are remembered.
  let open: OpenConnections
  /// Takes connections that speak Raft.
  let acceptRaft: @Sendable (any Channel) -> EventLoopFuture<Void>

  /// Who is at the other end of each open connection.
  var peers: PeerRegistry { self.policy.peers }

  func makeListeningChannel(
    listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
    connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
  ) async throws -> NIOAsyncChannel<GRPCConnection, Never> {
    let (channel, policy, open, acceptRaft) = (self.channel, self.policy, self.open, self.acceptRaft)
    let listening = try await channel.eventLoop.flatSubmit {
      listenerConfigurator.configure(channel: channel).flatMapThrowing {
        let sink = AcceptedConnections.Sink()
        let accepted = AcceptedConnections(
          sink: sink,
          policy: policy,
          configurator: connectionConfigurator,
          open: open,
          acceptRaft: acceptRaft
        )
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(accepted)
        let listening = try NIOAsyncChannel<GRPCConnection, Never>(wrappingChannelSynchronously: channel)
        try pipeline.addHandler(sink)
        return listening
      }
    }.get()
    try await channel.setOption(.autoRead, value: true).get()
    return listening
  }
}
