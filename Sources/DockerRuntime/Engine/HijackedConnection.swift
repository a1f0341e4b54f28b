// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import SwarmAgent

/// A connection to an engine that began as an HTTP request and carries bytes in both directions since.
///
/// Docker's way to attach to commands; HTTP clients don't know it.
struct HijackedConnection: Sendable {
  /// The longest head of an answer that is read.
  private static let longestHead = 64 << 10

  /// What the engine sends; read by one task.
  let inbound: AsyncThrowingStream<ByteBuffer, any Error>
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

  /// Sends bytes to the engine.
  ///
  /// - Returns: Whether the engine still takes any; why it doesn't, the other direction says.
  /// - Throws: `CancellationError`.
  func send(_ bytes: [UInt8]) async throws -> Bool {
    do {
      try await self.outbound.write(ByteBuffer(bytes: bytes))
      return true
    } catch {
      try Task.checkCancellation()
      return false
    }
  }

  /// Says that no more will be sent.
  func finish() { self.outbound.finish() }

  /// Makes the request, and lets `use` have the connection once the engine has agreed.
  ///
  /// - Throws: ``EngineFailure`` when it doesn't.
  static func with<Result: Sendable>(
    socketPath: String,
    target: String,
    body: [UInt8],
    _ use: @escaping @Sendable (HijackedConnection) async throws -> Result
  ) async throws -> Result {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(unixDomainSocketPath: socketPath) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(
              isOutboundHalfClosureEnabled: true,
              inboundType: ByteBuffer.self,
              outboundType: ByteBuffer.self
            )
          )
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      var request = ByteBuffer()
      request.writeString(
        "POST \(target) HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n"
          + "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
      )
      request.writeBytes(body)
      try await outbound.write(request)
      let reader = Reader(inbound)
      try await reader.readHead(limit: Self.longestHead)
      return try await use(HijackedConnection(inbound: reader.pieces, outbound: outbound))
    }
  }

  /// Reads the head of the answer, and then what comes after it.
  ///
  /// Unchecked, because the iterator goes from who reads the head to the one reader of the rest, and is never used by two at a time.
  private final class Reader: @unchecked Sendable {
    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var rest = ByteBuffer()

    init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) {
      self.iterator = inbound.makeAsyncIterator()
    }

    var pieces: AsyncThrowingStream<ByteBuffer, any Error> {
      AsyncThrowingStream {
        if self.rest.readableBytes > 0 {
          defer { self.rest.clear() }
          return self.rest
        }
        return try await self.iterator.next(isolation: #isolation)
      }
    }

    func readHead(limit: Int) async throws {
      var end: Int?
      while end == nil, self.rest.readableBytes <= limit {
        guard let piece = try await self.iterator.next(isolation: #isolation) else { break }
        self.rest.writeImmutableBuffer(piece)
        end = self.rest.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound
      }
      guard let end, let head = self.rest.readString(length: end - self.rest.readerIndex) else {
        throw RuntimeError(code: .temporary, message: "the engine closed the connection before it answered")
      }
      let words = head.split(separator: " ", maxSplits: 2)
      guard words.count >= 2, let status = Int(words[1]) else {
        throw RuntimeError(code: .internalError, message: "the engine's answer can't be read")
      }
      guard status == 101 || status == 200 else {
        throw DockerEngine.failure(status: status, try await self.text(head))
      }
    }

    /// The body of a refusal.
    private func text(_ head: String) async throws -> [UInt8] {
      let fields = head.lowercased().split(separator: "\r\n")
      let field = fields.first { $0.hasPrefix("content-length:") }
      let length = min(field.flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0, 64 << 10)
      while self.rest.readableBytes < length, let piece = try await self.iterator.next(isolation: #isolation) {
        self.rest.writeImmutableBuffer(piece)
      }
      return Array(self.rest.readableBytesView.prefix(length))
    }
  }
}
