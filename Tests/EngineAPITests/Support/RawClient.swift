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
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true)
          )
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await body(RawClient(inbound: inbound, outbound: outbound))
    }
  }

  func write(_ text: String) async throws {
    try await self.outbound.write(ByteBuffer(string: text))
  }

  /// What the server sends, to be read in parts.
  struct Pieces {
    fileprivate var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var text = ""
    /// How many bytes ``skip(_:isolation:)`` has read.
    private(set) var skipped = 0

    fileprivate init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) {
      self.inbound = inbound.makeAsyncIterator()
    }

    /// Reads to the end of a text, or of everything.
    mutating func until(_ end: String, isolation: isolated (any Actor)? = #isolation) async throws -> String {
      while true {
        if let found = self.text.utf8.firstRange(of: Array(end.utf8)) {
          let part = String(self.text[..<found.upperBound])
          self.text = String(self.text[found.upperBound...])
          return part
        }
        guard let piece = try await self.inbound.next(isolation: isolation) else { return self.text }
        self.text += String(buffer: piece)
      }
    }

    /// Reads so many bytes, or a piece more.
    mutating func skip(_ count: Int, isolation: isolated (any Actor)? = #isolation) async throws {
      var (left, text) = (count, self.text)
      self.text = ""
      while true {
        self.skipped += text.utf8.count
        left -= text.utf8.count
        guard left > 0, let piece = try await self.inbound.next(isolation: isolation) else { return }
        text = String(buffer: piece)
      }
    }

    /// Reads until the server closes the connection.
    mutating func rest(isolation: isolated (any Actor)? = #isolation) async throws -> String {
      while let piece = try await self.inbound.next(isolation: isolation) { self.text += String(buffer: piece) }
      return self.text
    }
  }

  /// What the server sends; there is one reader.
  func pieces() -> Pieces { Pieces(self.inbound) }

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
