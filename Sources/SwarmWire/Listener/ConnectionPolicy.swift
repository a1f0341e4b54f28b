// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL
internal import SwarmIdentity
internal import SwarmModel

/// What an accepted connection goes through before a protocol gets it.
struct ConnectionPolicy: Sendable {
  /// Secures connections; `nil` leaves them in the clear.
  let security: NodeSecurity?
  /// What the manager knows of a node.
  let standing: @Sendable (NodeID) -> NodeStanding
  /// The time, for certificates.
  let time: @Sendable () -> Timestamp
  /// How long it may take until the protocol is known.
  let timeLimit: TimeAmount
  /// How long a connection may go on without a certificate.
  let strangerLifetime: TimeAmount
  /// How many calls may be made on one connection without a certificate.
  let strangerCalls: Int
  /// Where connections without a certificate are counted.
  let strangers: Strangers
  /// Where the others are remembered, for their calls.
  let peers: PeerRegistry

  /// Adds what secures a new connection and finds out what it speaks; runs on the connection's event loop.
  ///
  /// - Parameters:
  ///   - channel: The connection.
  ///   - number: What it is called among the strangers.
  ///   - handOver: Adds the protocol's handlers.
  func begin(
    _ channel: any Channel,
    _ number: UInt64,
    handOver: @escaping @Sendable (WireProtocol, any Channel) -> EventLoopFuture<Void>
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    guard let security else {
      let handler = PreambleHandler(source: .bytes, timeLimit: self.timeLimit) { wireProtocol, channel in
        self.strangers.remove(number)
        return handOver(wireProtocol, channel)
      }
      return try pipeline.addHandler(handler)
    }
    try pipeline.addHandler(NIOSSLServerHandler(context: security.server))
    let handler = PreambleHandler(source: .handshake, timeLimit: self.timeLimit) { wireProtocol, channel in
      do {
        try self.check(wireProtocol, channel, number, security)
      } catch {
        return channel.eventLoop.makeFailedFuture(error)
      }
      return handOver(wireProtocol, channel)
    }
    try pipeline.addHandler(handler)
  }

  /// Judges a connection whose handshake is over.
  private func check(
    _ wireProtocol: WireProtocol,
    _ channel: any Channel,
    _ number: UInt64,
    _ security: NodeSecurity
  ) throws {
    let peer = try Peer(of: channel)
    switch wireProtocol {
    case .grpc:
      guard self.peers.insert(peer, of: channel) else { throw ChannelError.unknownLocalAddress }
      // In front of gRPC's handlers, which come next.
      if peer == nil { try channel.pipeline.syncOperations.addHandler(StrangerCalls(limit: self.strangerCalls)) }
    case .raft:
      // Frames carry the cluster's whole state: the role is checked before the first of them is read.
      let identity = peer.flatMap {
        RPCPermissions.identity(
          of: $0,
          cluster: security.credentials.identity.clusterID,
          now: self.time(),
          standing: self.standing
        )
      }
      guard identity?.role == .manager else {
        throw SwarmError(code: .permissionDenied, message: "only managers speak Raft")
      }
    }
    if peer != nil {
      self.strangers.remove(number)
    } else {
      channel.eventLoop.scheduleTask(in: self.strangerLifetime) { channel.close(promise: nil) }
    }
  }
}
