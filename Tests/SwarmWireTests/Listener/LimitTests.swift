// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOEmbedded
internal import NIOPosix
internal import NIOSSL
internal import SwarmIdentity
internal import SwarmModel
internal import TestTraits
internal import Testing

@testable internal import SwarmWire

@Suite("What the port lets itself be made to do", .serialized, .takingTurns, .timeLimit(.minutes(1)))
struct LimitTests {
  @Test("too many strangers make room for each other, oldest first; those that became known stay")
  func strangers() throws {
    let strangers = Strangers(limit: 3)
    let channels = (0..<6).map { _ in EmbeddedChannel() }
    for channel in channels { try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait() }
    let numbers = channels[..<3].map { strangers.insert($0) }
    strangers.remove(numbers[0])
    #expect(strangers.count == 2)
    for channel in channels[3...] { _ = strangers.insert(channel) }
    #expect(channels.map(\.isActive) == [true, false, false, true, true, true])
    #expect(strangers.count == 3)
    for channel in channels { _ = try? channel.finish() }
    #expect(strangers.count == 0)
  }

  @Test(
    "a stranger's calls are counted, however their bytes arrive, and one too many ends the connection",
    arguments: [1, 7, 1_000]
  )
  func strangerCalls(piece: Int) throws {
    func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] { [0, 0, UInt8(payload.count), type, 0, 0, 0, 0, 1] + payload }
    let channel = EmbeddedChannel(handler: StrangerCalls(limit: 2))
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    func send(_ bytes: [UInt8]) throws -> [UInt8] {
      var passed: [UInt8] = []
      for start in stride(from: 0, to: bytes.count, by: piece) {
        try channel.writeInbound(ByteBuffer(bytes: bytes[start..<min(start + piece, bytes.count)]))
        while let buffer = try channel.readInbound(as: ByteBuffer.self) { passed += Array(buffer.readableBytesView) }
      }
      return passed
    }
    // Settings, and two calls, one with bytes that look like headers of frames.
    let calls = frame(1, [1, 1, 1]) + frame(0, Array(repeating: 1, count: 40)) + frame(1, [])
    let allowed = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, []) + calls
    #expect(try send(allowed) == allowed)
    #expect(channel.isActive)
    _ = try send(frame(1, []))
    #expect(!channel.isActive)
  }

  @Test("connections that say nothing don't keep anybody out, however many there are")
  func silence() async throws {
    var cluster = try TestCluster()
    var backend = ScriptedBackend()
    backend.onHeartbeat = { _, _ in .seconds(1) }
    let mine = try cluster.security(.worker)
    var configuration = SwarmListener.Configuration(port: 0, maximumStrangers: 8)
    configuration.preambleTimeout = .seconds(60)
    try await withSecuredListener(backend, security: cluster.security(.manager), configuration: configuration) { listener in
      var silent: [RawConnection] = []
      for _ in 0..<40 { silent.append(try await RawConnection.open(to: listener)) }
      let period = try await ManagerClient.withConnection(
        to: listener.address,
        as: nil,
        security: .mutual(mine),
        on: group,
        configuration: patient
      ) { try await $0.heartbeat(node: Sample.node, session: Sample.session) }
      #expect(period == .seconds(1))
      for connection in silent.prefix(30) { #expect(await connection.drained().isEmpty) }
      for connection in silent.suffix(4) { #expect(connection.channel.isActive) }
    }
  }

  @Test("a handshake that doesn't get on is cut off", arguments: ["", "\u{16}\u{3}\u{1}\u{2}"])
  func slowHandshake(bytes: String) async throws {
    var cluster = try TestCluster()
    let configuration = SwarmListener.Configuration(port: 0, preambleTimeout: .milliseconds(30))
    try await withSecuredListener(ScriptedBackend(), security: cluster.security(.manager), configuration: configuration) {
      listener in
      let connection = try await RawConnection.open(to: listener)
      try await connection.send(bytes)
      _ = await connection.drained()
    }
  }

  @Test("a connection without a certificate doesn't last, one with a certificate does")
  func lifetime() async throws {
    var cluster = try TestCluster()
    let known = try NIOSSLContext(configuration: TLSPolicy.client(cluster.node(.worker), speaking: .grpc))
    let unknown = try NIOSSLContext(configuration: TLSPolicy.client(cluster.roots, speaking: .grpc))
    let configuration = SwarmListener.Configuration(port: 0, strangerLifetime: .milliseconds(50))
    try await withSecuredListener(ScriptedBackend(), security: cluster.security(.manager), configuration: configuration) {
      listener in
      let friend = try await RawConnection.open(to: listener, tls: known)
      try await friend.send(SClient.http2)
      let stranger = try await RawConnection.open(to: listener, tls: unknown)
      // It may be over before it has said anything.
      try? await stranger.send(SClient.http2)
      _ = await stranger.drained()
      #expect(friend.channel.isActive)
      try await friend.channel.close()
    }
  }

  @Test("a header of a megabyte ends the connection, a message of five is refused")
  func sizes() async throws {
    var cluster = try TestCluster()
    let mine = try cluster.node(.manager)
    let tls = try NIOSSLContext(configuration: TLSPolicy.client(mine, speaking: .grpc))
    var backend = ScriptedBackend()
    backend.onSubmit = { $0 }
    try await withSecuredListener(backend, security: cluster.security(.manager, id: Sample.manager)) { listener in
      // HEADERS without an end, then CONTINUATION frames for as long as anybody listens.
      let connection = try await RawConnection.open(to: listener, tls: tls)
      try await connection.send(SClient.http2)
      var headers = Self.frame(type: 1, flags: 0, stream: 1, payload: [UInt8](repeating: 0x40, count: 16_384))
      for _ in 0..<64 { headers += Self.frame(type: 9, flags: 0, stream: 1, payload: [UInt8](repeating: 0x41, count: 16_384)) }
      try? await connection.channel.writeAndFlush(ByteBuffer(bytes: headers))
      _ = await connection.drained()

      let security = try NodeSecurity(mine)
      try await ManagerClient.withConnection(
        to: listener.address,
        as: nil,
        security: .mutual(security),
        on: group,
        configuration: patient
      ) { client in
        let answer = try await client.submit([UInt8](repeating: 1, count: 3 << 20))
        #expect(answer.count == 3 << 20)
        await #expect(throws: SwarmError.self) { try await client.submit([UInt8](repeating: 1, count: 5 << 20)) }
      }
    }
  }

  @Test("a frame that is longer than was agreed on ends the connection")
  func longFrame() async throws {
    var cluster = try TestCluster()
    let tls = try NIOSSLContext(configuration: TLSPolicy.client(cluster.node(.worker), speaking: .grpc))
    try await withSecuredListener(ScriptedBackend(), security: cluster.security(.manager, id: Sample.manager)) { listener in
      let connection = try await RawConnection.open(to: listener, tls: tls)
      try await connection.send(SClient.http2)
      let long = Self.frame(type: 0, flags: 0, stream: 1, payload: [UInt8](repeating: 0, count: 1 << 20))
      try? await connection.channel.writeAndFlush(ByteBuffer(bytes: long))
      _ = await connection.drained()
    }
  }

  @Test("streams that are opened and reset as fast as they can be end the connection")
  func rapidReset() async throws {
    var cluster = try TestCluster()
    let tls = try NIOSSLContext(configuration: TLSPolicy.client(cluster.node(.worker), speaking: .grpc))
    try await withSecuredListener(ScriptedBackend(), security: cluster.security(.manager, id: Sample.manager)) { listener in
      let connection = try await RawConnection.open(to: listener, tls: tls)
      try await connection.send(SClient.http2)
      // :method POST, :scheme https, :path /, by their numbers in HPACK's table; then RST_STREAM.
      for round in 0..<20 {
        var frames: [UInt8] = []
        for index in 0..<100 {
          let stream = UInt32(1 + 2 * (round * 100 + index))
          frames += Self.frame(type: 1, flags: 4, stream: stream, payload: [0x83, 0x87, 0x84])
          frames += Self.frame(type: 3, flags: 0, stream: stream, payload: [0, 0, 0, 8])
        }
        do {
          try await connection.channel.writeAndFlush(ByteBuffer(bytes: frames))
        } catch {
          break
        }
      }
      _ = await connection.drained()
    }
  }

  private static func frame(type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8]) -> [UInt8] {
    let length = UInt32(payload.count)
    return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
      + [UInt8(stream >> 24), UInt8(stream >> 16 & 255), UInt8(stream >> 8 & 255), UInt8(stream & 255)] + payload
  }
}
