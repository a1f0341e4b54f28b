// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import NIOCore
import NIOPosix
import Swarm
import SwarmModel
import Synchronization
import TestTraits
import Testing

@testable import EngineAPI

@Suite("Docker's commands beside tasks over the API", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct ContainerExecIntegrationTests {
  /// A task as the process runtime runs it, which has no other id than the task's.
  private static func swarm(_ exec: @escaping ScriptedSwarm.Exec) async throws -> (swarm: ScriptedSwarm, task: SwarmTask) {
    let swarm = ScriptedSwarm.active()
    _ = try await swarm.createService(ServiceSpec(name: "web", image: "web:1", replicas: 2))
    swarm.change { $0.onExec = exec }
    let here = swarm.local.nodeID
    let task = try #require(try await swarm.tasks().first { $0.nodeID == here })
    swarm.change { $0.tasks[task.id]?.status.container = ContainerStatus(containerID: task.id.description) }
    return (swarm, task)
  }

  /// Says back what it gets, sizes on standard error; ends with the input.
  private static let echo: ScriptedSwarm.Exec = { _, request, input, output in
    try await output(.stdout(Array("\(request.arguments.joined(separator: " "));".utf8)))
    for try await piece in input {
      switch piece {
      case .bytes(let bytes): try await output(.stdout(bytes))
      case .resize(let size): try await output(.stderr(Array("\(size.columns)x\(size.rows);".utf8)))
      case .end: return 3
      }
    }
    return 1
  }

  private static func create(_ server: RunningServer, _ task: SwarmTask, _ body: String) async throws -> String {
    let answer = try await server.request("POST", "/v1.41/containers/\(Self.container(task))/exec", body: body)
    #expect(answer.status == 201, "\(answer)")
    guard case .string(let id)? = answer.json?["Id"] else { return "" }
    return id
  }

  private static func container(_ task: SwarmTask) -> String { MadeUpID.digits(task.id.description) }

  private static func start(_ id: String, _ body: String = "{}") -> String {
    "POST /v1.41/exec/\(id)/start HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
      + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  private static func inspect(_ server: RunningServer, _ id: String) async throws -> JSONValue? {
    try await server.request("GET", "/v1.41/exec/\(id)/json").json
  }

  @Test("the connection is the command's from status 101 on: input, frames, and the end of both")
  func upgrade() async throws {
    let (swarm, task) = try await Self.swarm(Self.echo)
    try await RunningServer.with(swarm) { server in
      let body = #"{"AttachStdin":true,"AttachStdout":true,"AttachStderr":true,"Cmd":["cat","-n"],"Env":["A=1"],"User":"me"}"#
      let id = try await Self.create(server, task, body)
      #expect(id.utf8.count == 64)
      let made = try await Self.inspect(server, id)
      #expect(made?["Running"] == .bool(false))
      #expect(made?["ExitCode"] == .null)
      #expect(made?["ContainerID"] == .string(Self.container(task)))
      #expect(made?["ProcessConfig"]?["entrypoint"] == .string("cat"))
      try await RawClient.with(server) { client in
        var answer = client.pieces()
        try await client.write(Self.start(id))
        let head = try await answer.until("\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 101 "), "\(head)")
        #expect(head.contains("Upgrade: tcp") && !head.lowercased().contains("transfer-encoding"), "\(head)")
        #expect(try await answer.until(";") == "\u{1}\0\0\0\0\0\0\u{7}cat -n;")
        #expect(try await Self.inspect(server, id)?["Running"] == .bool(true))
        let again = try await server.request("POST", "/exec/\(id)/start", body: "{}")
        #expect((again.status, again.message) == (409, "Error: Exec command \(id) is already running"))
        // What looks like a request is input here.
        try await client.write("GET / HTTP/1.1\r\n\r\n")
        #expect(try await answer.until("\r\n\r\n") == "\u{1}\0\0\0\0\0\0\u{12}GET / HTTP/1.1\r\n\r\n")
        #expect(try await server.request("POST", "/exec/\(id)/resize?h=10&w=20").status == 200)
        #expect(try await answer.until(";") == "\u{2}\0\0\0\0\0\0\u{6}20x10;")
        client.outbound.finish()
        #expect(try await answer.rest() == "")
      }
      let ended = try await Self.inspect(server, id)
      #expect(ended?["Running"] == .bool(false))
      #expect(ended?["ExitCode"] == .integer(3))
      let again = try await server.request("POST", "/exec/\(id)/start", body: "{}")
      #expect((again.status, again.message) == (409, "Error: Exec command \(id) has already run"))
      let late = try await server.request("POST", "/exec/\(id)/resize?h=1&w=1")
      #expect((late.status, late.message) == (409, "exec \(id) is not running"))
    }
  }

  @Test("a terminal has no frames, begins with the last size it was given, and streams that weren't asked for aren't sent")
  func terminal() async throws {
    let asked = Mutex<ExecRequest?>(nil)
    let (swarm, task) = try await Self.swarm { _, request, _, output in
      asked.withLock { $0 = request }
      try await output(.stdout(Array("shown".utf8)))
      try await output(.stderr(Array("not shown".utf8)))
      return 0
    }
    try await RunningServer.with(swarm) { server in
      let id = try await Self.create(server, task, #"{"AttachStdout":true,"Cmd":["vi"],"Tty":true,"WorkingDir":"/w"}"#)
      #expect(try await server.request("POST", "/exec/\(id)/resize?h=30&w=90").status == 200)
      try await RawClient.with(server) { client in
        var answer = client.pieces()
        try await client.write(Self.start(id, #"{"Detach":false,"Tty":true}"#))
        #expect(try await answer.until("\r\n\r\n").contains("application/vnd.docker.raw-stream"))
        #expect(try await answer.rest() == "shown")
      }
      let expected = ExecRequest(["vi"], directory: "/w", terminal: TerminalSize(columns: 90, rows: 30))
      #expect(asked.withLock(\.self) == expected)
    }
  }

  @Test("much input waits for a command that is slow, and nothing of it is lost")
  func muchInput() async throws {
    let (swarm, task) = try await Self.swarm { _, _, input, output in
      var count = 0
      for try await piece in input {
        guard case .bytes(let bytes) = piece else { break }
        count += bytes.count
        await Task.yield()
      }
      try await output(.stdout(Array("\(count)".utf8)))
      return 0
    }
    try await RunningServer.with(swarm) { server in
      let id = try await Self.create(server, task, #"{"AttachStdin":true,"AttachStdout":true,"Cmd":["wc"],"Tty":true}"#)
      try await RawClient.with(server) { client in
        var answer = client.pieces()
        try await client.write(Self.start(id))
        _ = try await answer.until("\r\n\r\n")
        for _ in 0..<200 { try await client.outbound.write(ByteBuffer(repeating: 7, count: 50_000)) }
        client.outbound.finish()
        #expect(try await answer.rest() == "10000000")
      }
    }
  }

  @Test("a client that reads late gets all that was written before the end")
  func lateReader() async throws {
    let (swarm, task) = try await Self.swarm { _, _, _, output in
      for _ in 0..<40 { try await output(.stdout([UInt8](repeating: 0x61, count: 50_000))) }
      return 0
    }
    try await RunningServer.with(swarm) { server in
      let id = try await Self.create(server, task, #"{"AttachStdout":true,"Cmd":["cat"],"Tty":true}"#)
      try await RawClient.with(server) { client in
        var answer = client.pieces()
        try await client.write(Self.start(id))
        _ = try await answer.until("\r\n\r\n")
        // Not read until the rest is in the server's hands: buffers between are smaller than what the command writes at last.
        while try await Self.inspect(server, id)?["ExitCode"] != .integer(0) { try await answer.skip(50_000) }
        let rest = try await answer.rest()
        #expect(answer.skipped + rest.utf8.count == 2_000_000)
      }
    }
  }

  @Test("without an upgrade the answer is a plain one, and the command gets no input")
  func plain() async throws {
    let (swarm, task) = try await Self.swarm(Self.echo)
    try await RunningServer.with(swarm) { server in
      let id = try await Self.create(server, task, #"{"AttachStdin":true,"AttachStdout":true,"Cmd":["cat"]}"#)
      let answer = try await server.request("POST", "/exec/\(id)/start", body: #"{"Detach":false}"#)
      #expect((answer.status, answer.text) == (200, "\u{1}\0\0\0\0\0\0\u{4}cat;"))
      #expect(answer.headers["content-type"] == "application/vnd.docker.multiplexed-stream")
      #expect(try await Self.inspect(server, id)?["ExitCode"] == .integer(3))
    }
  }

  @Test("a command that nobody waits for runs on its own")
  func detached() async throws {
    let (swarm, task) = try await Self.swarm(Self.echo)
    try await RunningServer.with(swarm) { server in
      let id = try await Self.create(server, task, #"{"AttachStdin":true,"Cmd":["cat"]}"#)
      let answer = try await server.request("POST", "/exec/\(id)/start", body: #"{"Detach":true}"#)
      #expect((answer.status, answer.text) == (200, ""))
      while try await Self.inspect(server, id)?["ExitCode"] != .integer(3) { await Task.yield() }
    }
  }

  /// Says that it runs, and then nothing until it is killed.
  private static func silent() -> (exec: ScriptedSwarm.Exec, ended: AsyncStream<Never>) {
    let (ended, ender) = AsyncStream<Never>.makeStream()
    let exec: ScriptedSwarm.Exec = { _, _, _, output in
      defer { ender.finish() }
      try await output(.stdout([0x3B]))
      try await Task.sleep(for: .seconds(100))
      return 0
    }
    return (exec, ended)
  }

  @Test("a client that hangs up ends its command")
  func hangUp() async throws {
    let (exec, ended) = Self.silent()
    let (swarm, task) = try await Self.swarm(exec)
    try await RunningServer.with(swarm) { server in
      let id = try await Self.create(server, task, #"{"AttachStdout":true,"Cmd":["sleep"]}"#)
      try await RawClient.with(server) { client in
        var answer = client.pieces()
        try await client.write(Self.start(id))
        _ = try await answer.until(";")
      }
      for await _ in ended {}
      while try await Self.inspect(server, id)?["ExitCode"] != .integer(137) { await Task.yield() }
    }
  }

  @Test(
    "over TCP a client that was killed, which looks like the end of its input, ends its command once its kernel has forgotten it"
  )
  func killedOverTCP() async throws {
    let (exec, ended) = Self.silent()
    let (swarm, task) = try await Self.swarm(exec)
    try await RunningServer.with(swarm, extraEndpoints: ["tcp://127.0.0.1:0"]) { server in
      guard case .tcp(_, let port) = server.endpoints.last?.kind else { return }
      let id = try await Self.create(server, task, #"{"AttachStdin":true,"AttachStdout":true,"Cmd":["cat"]}"#)
      let (answers, teller) = AsyncStream<Void>.makeStream()
      let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(SemicolonObserver(teller)) }
        }
        .connect(host: "127.0.0.1", port: port)
        .get()
      // TCP_LINGER2: a second, not the minute that kernels otherwise remember a closed connection whose other end is still open.
      try await client.setOption(ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 8)), value: 1).get()
      try await client.writeAndFlush(ByteBuffer(string: Self.start(id)))
      for await _ in answers { break }
      try await client.close()
      for await _ in ended {}
      while try await Self.inspect(server, id)?["ExitCode"] != .integer(137) { await Task.yield() }
    }
  }

  @Test("of a connection that was taken over nothing is left behind")
  func nothingLeft() async throws {
    let (accepted, continuation) = AsyncStream<any Channel>.makeStream()
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ConnectionTap())
          continuation.yield(channel)
        }
      }
      .bind(host: "127.0.0.1", port: 0)
      .get()
    let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: #require(listener.localAddress?.port))
      .get()
    weak var left: ExecInputQueue?
    for await server in accepted {
      let queue = await ConnectionTap.take(server)
      left = queue
      #expect(queue != nil)
      try await server.close()
      break
    }
    try? await client.close()
    try await listener.close()
    // The channel's own handlers go in a later turn of its loop.
    while left != nil { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test("who would rather go on with another protocol is answered in HTTP, to the end, and then hung up on")
  func otherProtocols() async throws {
    let (swarm, task) = try await Self.swarm { _, _, _, output in
      try await output(.stdout([0x61]))
      // Longer than a client that was refused has to read its answer.
      try await Task.sleep(for: .milliseconds(1500))
      try await output(.stdout([0x62]))
      return 0
    }
    try await RunningServer.with(swarm) { server in
      let id = try await Self.create(server, task, #"{"AttachStdout":true,"Cmd":["a"],"Tty":true}"#)
      let start = Self.start(id).replacing("Upgrade: tcp", with: "Upgrade: h2c")
      for (request, status, end) in [
        (start, "200", "1\r\na\r\n1\r\nb\r\n0\r\n\r\n"),
        ("GET /_ping HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nwhat is lost", "200", "OK"),
        ("GET /events?until=1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "200", "0\r\n\r\n"),
        ("HEAD /_ping HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "200", "\r\n\r\n"),
      ] {
        try await RawClient.with(server) { client in
          var answer = client.pieces()
          try await client.write(request)
          let text = try await answer.rest()
          #expect(text.hasPrefix("HTTP/1.1 \(status) ") && text.hasSuffix(end), "\(text)")
          #expect(text.lowercased().contains("connection: close"), "\(text)")
        }
      }
    }
  }

  @Test("what a runtime can't run is told on the stream, with docker's exit code for it")
  func cannotRun() async throws {
    let (swarm, task) = try await Self.swarm { _, _, _, _ in throw SwarmError(code: .unimplemented, message: "this runtime can't")
    }
    try await RunningServer.with(swarm) { server in
      let id = try await Self.create(server, task, #"{"AttachStdout":true,"AttachStderr":true,"Cmd":["x"]}"#)
      let answer = try await server.request("POST", "/exec/\(id)/start", body: "{}")
      #expect(answer.text == "\u{2}\0\0\0\0\0\0\u{14}this runtime can't\r\n")
      #expect(try await Self.inspect(server, id)?["ExitCode"] == .integer(126))
    }
  }

  @Test("what is wrong is refused with dockerd's words, also when the client wanted to leave HTTP")
  func refusals() async throws {
    let (swarm, task) = try await Self.swarm(Self.echo)
    try await RunningServer.with(swarm) { server in
      let container = Self.container(task)
      func ask(_ path: String, _ body: String) async throws -> String {
        let answer = try await server.request("POST", path, body: body)
        return "\(answer.status) \(answer.message ?? answer.text)"
      }
      #expect(try await ask("/containers/nope/exec", #"{"Cmd":["a"]}"#) == "404 No such container: nope")
      #expect(try await ask("/containers/\(container)/exec", "{}") == "400 No exec command specified")
      #expect(
        try await ask("/containers/\(container)/exec", #"{"Cmd":["a\u0000"]}"#) == "400 the command contains a NUL character"
      )
      #expect(try await ask("/containers/\(container)/exec", "[").hasPrefix("400 "))
      #expect(try await ask("/containers/\(container)/exec", #"{"Cmd":"a"}"#).hasPrefix("400 "))
      #expect(try await ask("/containers/\(container)/exec", #"{"Cmd":["a"],"ConsoleSize":[1]}"#).hasPrefix("400 "))
      let privileged = try await ask("/containers/\(container)/exec", #"{"Cmd":["a"],"Privileged":true}"#)
      #expect(privileged == "501 privileged commands are not available yet in swift-swarm")
      #expect(try await ask("/exec/nope/start", "{}") == "404 No such exec instance: nope")
      #expect(try await ask("/exec/nope/resize?h=1&w=1", "") == "404 No such exec instance: nope")
      #expect(try await server.request("GET", "/exec/nope/json").message == "No such exec instance: nope")
      let id = try await Self.create(server, task, #"{"Cmd":["a"]}"#)
      for query in ["", "?h=1", "?h=1&w=-1", "?h=x&w=1", "?h=65536&w=1"] {
        #expect(try await ask("/exec/\(id)/resize\(query)", "").hasPrefix("400 "), "\(query)")
      }
      #expect(try await ask("/exec/\(id)/start", "[").hasPrefix("400 "))
      try await RawClient.with(server) { client in
        var answer = client.pieces()
        try await client.write(Self.start("nope"))
        let text = try await answer.rest()
        #expect(text.hasPrefix("HTTP/1.1 404 ") && text.lowercased().contains("connection: close"), "\(text)")
        #expect(text.contains("No such exec instance: nope"))
      }
      swarm.change { $0.tasks[task.id]?.status.state = .complete }
      #expect(try await ask("/containers/\(container)/exec", #"{"Cmd":["a"]}"#) == "409 container \(container) is not running")
      #expect(try await ask("/exec/\(id)/start", "{}") == "409 container \(container) is not running")
    }
  }

  @Test("of commands that are made known and never started the oldest are forgotten")
  func bounds() async throws {
    let (swarm, task) = try await Self.swarm(Self.echo)
    try await RunningServer.with(swarm) { server in
      let first = try await Self.create(server, task, #"{"Cmd":["a"]}"#)
      let large = String(repeating: "a", count: 1_000_000)
      var last = ""
      for _ in 0..<9 { last = try await Self.create(server, task, #"{"Cmd":["\#(large)"]}"#) }
      #expect(try await server.request("GET", "/exec/\(first)/json").status == 404)
      #expect(try await server.request("GET", "/exec/\(last)/json").status == 200)
      for _ in 0..<1_024 { _ = try await Self.create(server, task, #"{"Cmd":["a"]}"#) }
      #expect(try await server.request("GET", "/exec/\(last)/json").status == 404)
    }
  }
}

/// Tells of a semicolon that comes.
private final class SemicolonObserver: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let teller: AsyncStream<Void>.Continuation

  init(_ teller: AsyncStream<Void>.Continuation) {
    self.teller = teller
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if self.unwrapInboundIn(data).readableBytesView.contains(0x3B) { self.teller.yield() }
  }
}
