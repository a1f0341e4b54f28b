// SPDX-License-Identifier: Apache-2.0

import GossipNIO
import NIOCore
import NIOPosix

/// Somebody who speaks bytes.
enum Stranger {
  static let loop = MultiThreadedEventLoopGroup.singleton.next()

  /// Sends datagrams.
  static func send(_ packets: [[UInt8]], to endpoint: GossipEndpoint) async throws {
    let address = try SocketAddress(ipAddress: endpoint.host, port: endpoint.port)
    let socket = try await DatagramBootstrap(group: self.loop).bind(host: "127.0.0.1", port: 0).get()
    for packet in packets {
      try await socket.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: packet)))
    }
    try await socket.close()
  }

  /// Connects, and says nothing.
  static func connect(to endpoint: GossipEndpoint) async throws -> any Channel {
    try await ClientBootstrap(group: self.loop).connect(host: endpoint.host, port: endpoint.port).get()
  }

  /// Says something on a connection, and returns what comes back until the other side closes.
  static func talk(to endpoint: GossipEndpoint, _ bytes: [UInt8]) async throws -> [UInt8] {
    let answer = self.loop.makePromise(of: [UInt8].self)
    let channel = try await ClientBootstrap(group: self.loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(answer))
        }
      }
      .connect(host: endpoint.host, port: endpoint.port)
      .get()
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    return try await answer.futureResult.get()
  }

  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let answer: EventLoopPromise<[UInt8]>
    private var bytes: [UInt8] = []

    init(_ answer: EventLoopPromise<[UInt8]>) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      self.bytes += Array(buffer: self.unwrapInboundIn(data))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) { self.answer.succeed(self.bytes) }
  }
}
