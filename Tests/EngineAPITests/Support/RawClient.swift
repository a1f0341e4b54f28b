// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A client that writes what it likes to a server's socket.
struct RawClient {
  let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
  let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

  /// Talks to a server while `body` runs.
  static func with<Value: Sendable>(
    _ server: RunningServer,
    _ body: (RawClient) async throws -> Value
  ) async throws -> Value {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(unixDomainSocketPath: server.socketPath) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await body(RawClient(inbound: inbound, outbound: outbound))
    }
  }

  func write(_ text: String) async throws {
    try await self.outbound.write(ByteBuffer(string: text))
  }

  /// Reads until the server closes the connection; returns the first line of its answer, `HTTP/1.1 200 OK`.
  func answer() async throws -> String {
    var text = ""
    do {
      for try await piece in self.inbound where text.utf8.count < 4096 { text += String(buffer: piece) }
    } catch is IOError {
      // Closed with bytes that nobody has read.
    }
    return String(text.prefix { !$0.isNewline })
  }
}
