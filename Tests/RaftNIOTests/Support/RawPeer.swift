// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// Somebody who speaks bytes.
enum RawPeer {
  /// A handshake frame.
  static func handshake(_ cluster: String, from: UInt8, to: UInt8) -> [UInt8] {
    func number(_ value: UInt8) -> [UInt8] { [value, 0, 0, 0, 0, 0, 0, 0] }
    let fields = number(from) + number(to) + number(UInt8(cluster.utf8.count)) + Array(cluster.utf8)
    return [UInt8(fields.count + 4), 0, 0, 0, 1, 128, 0, 0] + fields
  }

  /// Says something, and returns what comes back until the other side closes.
  static func talk(to address: SocketAddress, _ bytes: [UInt8]) async throws -> [UInt8] {
    let loop = TestLoops.next()
    let answer = loop.makePromise(of: [UInt8].self)
    let channel = try await ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(answer))
        }
      }
      .connect(to: address)
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

    func channelInactive(context: ChannelHandlerContext) { self.answer.succeed(self.bytes) }
  }
}

/// Event loops for whoever needs one.
enum TestLoops {
  static func next() -> any EventLoop { MultiThreadedEventLoopGroup.singleton.next() }
}
