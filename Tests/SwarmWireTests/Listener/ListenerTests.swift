// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import NIOCore
internal import SwarmModel
internal import SwarmWire
internal import TestTraits
internal import Testing

@Suite("The one port", .takingTurns, .timeLimit(.minutes(1)))
struct ListenerTests {
  @Test("port 0 gives a real port, which is free again after shutdown")
  func anyPort() async throws {
    // An address of its own: on 127.0.0.1 a test that runs meanwhile may get the freed port.
    let host = "127.81.0.1"
    let first = try await SwarmListener.bind(.init(host: host, port: 0), on: group, logger: quiet)
    #expect(first.port > 0)
    #expect(first.address == "\(host):\(first.port)")
    first.shutdown()
    try await first.run(backend: ScriptedBackend()) { $0.close() }
    let second = try await Self.bind(.init(host: host, port: first.port))
    second.shutdown()
  }

  /// Takes a port that was closed just now: a process that another test is starting holds copies of all sockets until its program is loaded.
  private static func bind(_ configuration: SwarmListener.Configuration) async throws -> SwarmListener {
    while true {
      do {
        return try await SwarmListener.bind(configuration, on: group, logger: quiet)
      } catch {
        guard error.code == .failedPrecondition, !Task.isCancelled else { throw error }
        await Task.yield()
      }
    }
  }

  @Test("programs that the process starts don't get the port's socket")
  func notInherited() async throws {
    let listener = try await SwarmListener.bind(.init(host: "127.81.0.2", port: 0), on: group, logger: quiet)
    defer { listener.shutdown() }
    // By the kernel's tables: the socket that listens there, and the flags of the descriptor that it has here.
    let socket = try TCPSocket.all().first {
      $0.address.hasPrefix("0200517F:") && $0.port == listener.port && $0.state == .listening
    }
    let inode = try #require(socket).inode
    let files = FileManager.default
    let own = try files.contentsOfDirectory(atPath: "/proc/self/fd").first {
      (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == "socket:[\(inode)]"
    }
    let information = try String(contentsOfFile: "/proc/self/fdinfo/\(#require(own))", encoding: .ascii)
    let flags = try #require(information.split(separator: "\n").first { $0.hasPrefix("flags:") }?.split(separator: "\t").last)
    let closeOnExecution = 0o2_000_000
    #expect(try #require(Int(flags, radix: 8)) & closeOnExecution != 0)
  }

  @Test("the kernel asks idle connections whether anybody is still there")
  func keepAlive() async throws {
    try await withListener(ScriptedBackend()) { listener in
      let connection = try await RawConnection.open(to: listener)
      var timer: TCPSocket.Timer?
      while timer != .keepAlive {
        timer = try TCPSocket.all().first { $0.port == listener.port && $0.state == .established }?.timer
        try Task.checkCancellation()
        await Task.yield()
      }
      try await connection.send("no HTTP/2")
      #expect(await connection.drained().isEmpty)
    }
  }

  @Test("an address in use is an error that names it")
  func inUse() async throws {
    let listener = try await SwarmListener.bind(.init(port: 0), on: group, logger: quiet)
    defer { listener.shutdown() }
    let error = await #expect(throws: SwarmError.self) {
      try await SwarmListener.bind(.init(port: listener.port), on: group, logger: quiet)
    }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains("listen tcp \(listener.address): bind: address already in use") == true)
  }

  @Test("a foreign protocol is hung up on", arguments: ["GET / HTTP/1.1\r\n\r\n", "SWRAPT", "\u{16}\u{3}\u{1}\u{2}"])
  func foreign(bytes: String) async throws {
    try await withListener(ScriptedBackend()) { listener in
      let connection = try await RawConnection.open(to: listener)
      try await connection.send(bytes)
      #expect(await connection.drained().isEmpty)
    }
  }

  @Test("who says nothing, or not enough, is hung up on", arguments: ["", "PRI * ", "SWR"])
  func silent(bytes: String) async throws {
    let configuration = SwarmListener.Configuration(port: 0, preambleTimeout: .milliseconds(20))
    try await withListener(ScriptedBackend(), configuration: configuration) { listener in
      let connection = try await RawConnection.open(to: listener)
      // It may have been hung up on by now.
      try? await connection.send(bytes)
      #expect(await connection.drained().isEmpty)
    }
  }

  @Test("a Raft connection is handed over with every byte, however they arrive", arguments: [1, 3, 8, 11])
  func raft(pieceLength: Int) async throws {
    let acceptRaft: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
      channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
    }
    try await withListener(ScriptedBackend(), acceptRaft: acceptRaft) { listener in
      let connection = try await RawConnection.open(to: listener)
      let text = "SWRAFT\0\u{1}one two three"
      var rest = Substring(text)
      while !rest.isEmpty {
        try await connection.send(String(rest.prefix(pieceLength)))
        rest = rest.dropFirst(pieceLength)
      }
      var echoed: [UInt8] = []
      for await byte in connection.inbound {
        echoed.append(byte)
        if echoed.count == text.utf8.count { break }
      }
      #expect(String(decoding: echoed, as: UTF8.self) == text)
      try await connection.channel.close()
    }
  }

  @Test("a Raft connection that nobody wants is closed")
  func refusedRaft() async throws {
    let acceptRaft: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
      channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }
    try await withListener(ScriptedBackend(), acceptRaft: acceptRaft) { listener in
      let connection = try await RawConnection.open(to: listener)
      try await connection.send("SWRAFT\0\u{1}")
      #expect(await connection.drained().isEmpty)
    }
  }

  @Test("Raft connections outlive the listener, undecided ones don't")
  func shutdown() async throws {
    let acceptRaft: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
      channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
    }
    let (raft, undecided) = try await withListener(ScriptedBackend(), acceptRaft: acceptRaft) { listener in
      let raft = try await RawConnection.open(to: listener)
      try await raft.send("SWRAFT")
      for await _ in raft.inbound.prefix(6) {}
      return (raft, try await RawConnection.open(to: listener))
    }
    _ = await undecided.drained()
    try await raft.send("still here")
    var iterator = raft.inbound.makeAsyncIterator()
    #expect(await iterator.next() == UInt8(ascii: "s"))
    try await raft.channel.close()
  }

  @Test("a client that says hello and then never reads doesn't hold up the shutdown")
  func halfOpen() async throws {
    let configuration = SwarmListener.Configuration(port: 0, shutdownGrace: .milliseconds(50))
    let connection = try await withListener(ScriptedBackend(), configuration: configuration) { listener in
      let connection = try await RawConnection.open(to: listener)
      // HTTP/2's preface with an empty SETTINGS frame; its acknowledgements of PING and GOAWAY never come.
      try await connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0")
      for await _ in connection.inbound.prefix(9) {}
      return connection
    }
    _ = await connection.drained()
  }
}
