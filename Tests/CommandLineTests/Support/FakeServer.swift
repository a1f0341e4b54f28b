// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import NIOCore
import NIOHTTP1
import NIOPosix
import SwarmCommands
import Synchronization

/// An HTTP server on a unix socket whose answers a test makes up.
enum FakeServer {
  struct Request: Sendable {
    var method: String
    /// The version in front of the path, `v1.41`; empty when there is none.
    var version: String
    /// Without the version in front, percent signs resolved.
    var path: String
    var query: [String: String]
    var body: [UInt8]
  }

  typealias Answer = (status: Int, body: String)

  private static let counter = Mutex(0)

  /// Serves while `body` runs.
  static func with<Value: Sendable>(
    _ answer: @escaping @Sendable (Request) -> Answer,
    body: (_ host: String) async throws -> Value
  ) async throws -> Value {
    let number = self.counter.withLock { counter in
      counter += 1
      return counter
    }
    let path = "/tmp/fake-engine-\(getpid())-\(number).sock"
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
          try channel.pipeline.syncOperations.addHandler(Handler(answer: answer))
        }
      }
      .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    do {
      let value = try await body("unix://\(path)")
      try await channel.close()
      _ = unsafe unlink(path)
      return value
    } catch {
      try? await channel.close()
      _ = unsafe unlink(path)
      throw error
    }
  }

  /// Runs `swarmctl` against a server with made up answers.
  static func swarmctl(
    _ arguments: [String],
    environment: [String: String] = [:],
    terminal: any UserTerminal = NoTerminal(),
    answering answer: @escaping @Sendable (Request) -> Answer
  ) async throws -> (code: Int32, output: String, errors: String) {
    try await self.with(answer) { host in
      let texts = Mutex((output: "", errors: ""))
      let console = Console(
        output: { text in texts.withLock { $0.output += text } },
        errors: { text in texts.withLock { $0.errors += text } }
      )
      let code = await SwarmCommandLine.run(
        ["-H", host] + arguments,
        environment: environment,
        console: console,
        terminal: terminal
      ) {
        EngineTime(seconds: 0, nanoseconds: 0)
      }
      return texts.withLock { (code, $0.output, $0.errors) }
    }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (Request) -> Answer
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(answer: @escaping @Sendable (Request) -> Answer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch self.unwrapInboundIn(data) {
      case .head(let head):
        self.head = head
        self.body = []
      case .body(let bytes): self.body += Array(bytes.readableBytesView)
      case .end:
        guard let head = self.head else { return }
        self.send(self.answer(Self.request(head, self.body)), on: context)
      }
    }

    private func send(_ answer: Answer, on context: ChannelHandlerContext) {
      var headers = HTTPHeaders()
      if answer.status != 204 { headers.add(name: "Content-Length", value: String(answer.body.utf8.count)) }
      let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
      context.write(self.wrapOutboundOut(.head(head)), promise: nil)
      context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
      context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    private static func request(_ head: HTTPRequestHead, _ body: [UInt8]) -> Request {
      let parts = head.uri.split(separator: "?", maxSplits: 1)
      var query: [String: String] = [:]
      for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
        let ends = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        query[String(ends[0])] = ends.count > 1 ? PercentCoding.decode(ends[1]) : ""
      }
      let components = parts[0].split(separator: "/")
      let version = components.first.flatMap { $0.hasPrefix("v1.") ? String($0) : nil } ?? ""
      let path = components.dropFirst(version.isEmpty ? 0 : 1).map { "/" + (PercentCoding.decode($0) ?? "") }.joined()
      return Request(method: head.method.rawValue, version: version, path: path, query: query, body: body)
    }
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
