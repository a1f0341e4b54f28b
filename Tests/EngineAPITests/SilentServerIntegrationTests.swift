// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import NIOCore
import NIOPosix
import SwarmCommands
import Testing

@Suite("swarmctl with a server that is no help")
struct SilentServerIntegrationTests {
  private static func withServer(
    _ answer: String?,
    body: (String) async -> Void
  ) async throws {
    let directory = try TemporaryDirectory()
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let answer { try channel.pipeline.syncOperations.addHandler(FixedAnswer(answer: answer)) }
        }
      }
      .bind(unixDomainSocketPath: "\(directory.path)/s")
      .get()
    await body("unix://\(directory.path)/s")
    try await channel.close()
  }

  private static func run(_ arguments: [String]) async -> CommandOutput {
    let console = RecordedConsole()
    let code = await SwarmCommandLine.run(arguments, environment: [:], console: console.console, timeout: .milliseconds(300)) {
      EngineTime(seconds: 0, nanoseconds: 0)
    }
    return CommandOutput(exitCode: code, output: console.output, errors: console.errors)
  }

  @Test("a server that never answers is given up")
  func silent() async throws {
    try await Self.withServer(nil) { host in
      let result = await Self.run(["-H", host, "service", "ls"])
      #expect(result.exitCode == 1)
      #expect(result.errors.hasPrefix("the swarm node at \(host) didn't answer in time\n"))
    }
  }

  @Test(
    "answers that make no sense are told from errors",
    arguments: [
      ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{]}", "makes no sense"),
      ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "makes no sense"),
      ("HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nboom", "Error response from daemon: boom"), ("", "closed the connection"),
      ("nonsense\r\n\r\n", "the swarm node at"),
    ]
  )
  func strange(answer: String, sentence: String) async throws {
    try await Self.withServer(answer) { host in
      let result = await Self.run(["-H", host, "service", "ls"])
      #expect(result.exitCode == 1)
      #expect(result.errors.contains(sentence), "\(result.errors)")
    }
  }
}

/// Answers the first bytes with a fixed text and closes.
private final class FixedAnswer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  private let answer: String

  init(answer: String) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: self.answer)), promise: nil)
    context.close(promise: nil)
  }
}
