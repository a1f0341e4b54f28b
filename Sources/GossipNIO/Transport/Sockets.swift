// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import NIOCore
internal import NIOPosix
internal import SwarmSockets

/// The two sockets of a node, on one port.
struct Sockets: Sendable {
  /// UDP; reads nothing until its handler is there.
  var packets: any Channel
  /// TCP.
  var streams: any Channel

  /// Where both listen.
  var address: SocketAddress? { self.packets.localAddress }

  /// Opens both.
  ///
  /// - Parameter accept: called on the event loop for each connection that others make.
  /// - Throws: `GossipError` with code `transportFailed`.
  static func open(
    _ address: SocketAddress,
    on eventLoop: any EventLoop,
    configuration: GossipNodeConfiguration,
    accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) async throws(GossipError) -> Sockets {
    // A port that is free for TCP may be taken for UDP; when any will do, another one is tried.
    var attempts = address.port == 0 ? 16 : 1
    while true {
      attempts -= 1
      do {
        return try await Self.openOnce(address, on: eventLoop, configuration: configuration, accept: accept)
      } catch {
        if attempts == 0 { throw GossipError(.transportFailed, "\(address) can't be listened on: \(error)") }
      }
    }
  }

  private static func openOnce(
    _ address: SocketAddress,
    on eventLoop: any EventLoop,
    configuration: GossipNodeConfiguration,
    accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) async throws -> Sockets {
    let streams = try await ServerBootstrap(group: eventLoop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: 128)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.closeOnExecution() }
      }
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer(accept)
      .bind(to: address)
      .get()
    do {
      var same = address
      same.port = streams.localAddress?.port
      let packet = max(2048, configuration.gossip.packetBytes + Seal.overhead)
      let perRead = max(1, min(16, (64 << 10) / packet, configuration.limits.packetsPerTurn))
      let packets = try await DatagramBootstrap(group: eventLoop)
        .channelOption(.autoRead, value: false)
        .channelOption(.datagramVectorReadMessageCount, value: perRead)
        .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: packet * perRead))
        .channelOption(.maxMessagesPerRead, value: UInt(max(1, configuration.limits.packetsPerTurn / perRead)))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.closeOnExecution() }
        }
        .bind(to: same)
        .get()
      return Sockets(packets: packets, streams: streams)
    } catch {
      try? await streams.close()
      throw error
    }
  }

  func close() async {
    try? await self.streams.close()
    try? await self.packets.close()
  }
}
