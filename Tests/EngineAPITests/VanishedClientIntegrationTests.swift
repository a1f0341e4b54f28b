// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import TestTraits
import Testing

@testable import EngineAPI

@Suite("Clients that are gone without a word", .takingTurns, .timeLimit(.minutes(1)))
struct VanishedClientIntegrationTests {
  /// A server's end of a connection, watched closely, and the client's.
  private static func withConnection(_ body: (_ server: any Channel, _ client: any Channel) async throws -> Void) async throws {
    let (accepted, continuation) = AsyncStream<any Channel>.makeStream()
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            VanishedClientHandler(patience: .milliseconds(500), interval: .milliseconds(20))
          )
          continuation.yield(channel)
        }
      }
      .bind(host: "127.0.0.1", port: 0)
      .get()
    let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: false)
      .channelOption(.socketOption(.so_rcvbuf), value: 4_096)
      .connect(host: "127.0.0.1", port: #require(listener.localAddress?.port))
      .get()
    for await server in accepted {
      try await body(server, client)
      break
    }
    try? await client.close()
    try await listener.close()
  }

  /// From now on the kernel drops what arrives for the client, and answers nothing: as if its machine had lost power.
  private static func cutPower(of client: any Channel) async throws {
    /// The kernel's `struct sock_fprog`: how many instructions there are, and where.
    struct Filter {
      let length: UInt16 = 1
      let address: UInt
    }
    // One instruction of the kernel's `struct sock_filter`, 6 in its lowest bytes (BPF_RET): returns 0, the number of bytes to keep.
    let instructions = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    unsafe instructions.initialize(to: 6)
    defer { unsafe instructions.deallocate() }
    let filter = Filter(address: UInt(bitPattern: instructions))
    let provider = try #require(client as? any SocketOptionProvider)
    try await provider.unsafeSetSocketOption(level: .socket, name: .init(rawValue: 26), value: filter).get()
  }

  private static func fillWindow(to server: any Channel) async throws {
    server.writeAndFlush(ByteBuffer(repeating: 0, count: 16 << 20), promise: nil)
    while server.isWritable { await Task.yield() }
  }

  @Test("a client that takes nothing more and whose machine is silent is given up")
  func fullWindow() async throws {
    try await Self.withConnection { server, client in
      try await Self.fillWindow(to: server)
      try await Self.cutPower(of: client)
      try await server.closeFuture.get()
    }
  }

  @Test("a client whose machine doesn't acknowledge what it was sent is given up")
  func unacknowledged() async throws {
    try await Self.withConnection { server, client in
      try await Self.cutPower(of: client)
      server.writeAndFlush(ByteBuffer(string: "anybody?"), promise: nil)
      try await server.closeFuture.get()
    }
  }

  @Test("a client that just doesn't read is waited for")
  func slowReader() async throws {
    try await Self.withConnection { server, client in
      try await Self.fillWindow(to: server)
      // As long as it takes to give up four others.
      try await server.eventLoop.scheduleTask(in: .seconds(2)) {}.futureResult.get()
      #expect(server.isActive)
      try await client.setOption(.autoRead, value: true).get()
      while !server.isWritable { await Task.yield() }
    }
  }

  @Test("of idle clients over TCP the kernel asks whether they are still there")
  func keepAlive() async throws {
    try await RunningServer.with(ScriptedSwarm.active(), extraEndpoints: ["tcp://127.0.0.1:0"]) { server in
      guard case .tcp(_, let port) = server.endpoints.last?.kind else { return }
      let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port)
        .get()
      var timer: TCPSocket.Timer?
      while timer != .keepAlive {
        timer = try TCPSocket.all().first { $0.port == port && $0.state == .established }?.timer
        try Task.checkCancellation()
      }
      try await client.close()
    }
  }
}
