// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import EngineSchema
import Swarm
import SwarmAgent
import SwarmCommands
import SwarmModel
import Synchronization
import TestTraits
import Testing

@Suite("Commands beside tasks over the API", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct ExecAPIIntegrationTests {
  private static func swarm(_ exec: @escaping ScriptedSwarm.Exec) async throws -> (swarm: ScriptedSwarm, task: TaskID) {
    let swarm = ScriptedSwarm.active()
    _ = try await swarm.createService(ServiceSpec(name: "web", image: "web:1", replicas: 2))
    swarm.change { $0.onExec = exec }
    let first = try await swarm.tasks().first { $0.slot == 1 }
    return (swarm, try #require(first).id)
  }

  /// Says back what it gets.
  private static let echo: ScriptedSwarm.Exec = { _, request, input, output in
    try await output(.stdout(Array("\(request.arguments)\n".utf8)))
    for try await piece in input {
      switch piece {
      case .bytes(let bytes): try await output(.stdout(bytes))
      case .resize(let size): try await output(.stderr(Array("\(size.columns)x\(size.rows)\n".utf8)))
      case .end: return 3
      }
    }
    return 1
  }

  private static func command(_ text: String) -> [UInt8] { StreamFrame(.control, Array(text.utf8)).encoded }

  @Test("body and answer are frames, and both are open at the same time")
  func frames() async throws {
    let (swarm, task) = try await Self.swarm(Self.echo)
    try await RunningServer.with(swarm) { server in
      let (pieces, sender) = AsyncStream<[UInt8]>.makeStream()
      sender.yield(Self.command(#"{"Cmd": ["cat", "-n"], "AttachStdin": true, "Tty": true, "ConsoleSize": [24, 80]}"#))
      var (status, answer) = try await server.exchange("/v1.41/tasks/\(task)/exec", pieces)
      #expect(status == 200)
      var reader = StreamFrameReader()
      var frames: [StreamFrame] = []
      while let bytes = try await answer.next() {
        let news = try reader.read(bytes)
        frames += news
        // Each piece is an answer to one that was sent after the answer had begun.
        for frame in news {
          switch (frame.kind, String(decoding: frame.bytes, as: UTF8.self)) {
          case (.output, "[\"cat\", \"-n\"]\n"): sender.yield(StreamFrame(.input, Array("hello".utf8)).encoded)
          case (.output, "hello"): sender.yield(Self.command(#"{"ConsoleSize": [10, 20]}"#))
          case (.errors, _): sender.yield(StreamFrame(.input, []).encoded)
          default: break
          }
        }
      }
      sender.finish()
      #expect(frames.map(\.kind) == [.output, .output, .errors, .control])
      #expect(
        frames.map { String(decoding: $0.bytes, as: UTF8.self) } == [
          "[\"cat\", \"-n\"]\n", "hello", "20x10\n", #"{"ExitCode":3}"#,
        ]
      )
    }
  }

  @Test("what can't be run is refused with a status, or later with a frame")
  func refusals() async throws {
    let (swarm, task) = try await Self.swarm { _, _, _, _ in throw SwarmError(code: .unimplemented, message: "this runtime can't")
    }
    try await RunningServer.with(swarm) { server in
      func ask(_ path: String, _ body: [UInt8]) async throws -> (status: Int, text: String) {
        let answer = try await server.request("POST", path, body: String(decoding: body, as: UTF8.self))
        return (answer.status, answer.text)
      }
      let command = Self.command(#"{"Cmd": ["true"]}"#)
      #expect(try await ask("/tasks/nope/exec", command).status == 404)
      #expect(try await ask("/tasks/\(task)/exec", []).status == 400)
      #expect(try await ask("/tasks/\(task)/exec", Array("GET / HTTP/1.1\r\n".utf8)).status == 400)
      #expect(try await ask("/tasks/\(task)/exec", Self.command("[]")).status == 400)
      #expect(try await ask("/tasks/\(task)/exec", Self.command("{}")).text.contains("No exec command specified"))
      let badSize = Self.command(#"{"Cmd": ["a"], "Tty": true, "ConsoleSize": [1]}"#)
      #expect(try await ask("/tasks/\(task)/exec", badSize).status == 400)
      let refused = try await ask("/tasks/\(task)/exec", command)
      #expect(refused.status == 200)
      #expect(refused.text == "\u{3}\0\0\0\0\0\0\u{12}this runtime can't")
      swarm.change { $0.tasks[task]?.status.state = .complete }
      #expect(try await ask("/tasks/\(task)/exec", command).status == 409)
    }
  }

  @Test(
    "a client that hangs up ends the command, whether or not there is input that the command hasn't read",
    arguments: [0, 400]
  )
  func hangUp(unreadPieces: Int) async throws {
    let (ended, ender) = AsyncStream<Never>.makeStream()
    let (swarm, task) = try await Self.swarm { _, _, _, output in
      defer { ender.finish() }
      try await output(.stdout([1]))
      try await Task.sleep(for: .seconds(100))
      return 0
    }
    try await RunningServer.with(swarm) { server in
      let (pieces, sender) = AsyncStream<[UInt8]>.makeStream()
      sender.yield(Self.command(#"{"Cmd": ["sleep"], "AttachStdin": true}"#))
      for _ in 0..<unreadPieces { sender.yield(StreamFrame(.input, [UInt8](repeating: 1, count: 32_768)).encoded) }
      do {
        var (_, answer) = try await server.exchange("/tasks/\(task)/exec", pieces)
        #expect(try await answer.next() != nil)
      }
      for await _ in ended {}
    }
  }

  @Test("a command that is silent, as its user is, isn't taken for an idle connection")
  func silence() async throws {
    let (swarm, task) = try await Self.swarm { _, _, input, output in
      try await Task.sleep(for: .milliseconds(600))
      try await output(.stdout([1]))
      for try await piece in input where piece == .end { break }
      return 0
    }
    try await RunningServer.with(swarm) {
      $0.idleTimeout = .milliseconds(100)
    } body: { server in
      let (pieces, sender) = AsyncStream<[UInt8]>.makeStream()
      sender.yield(Self.command(#"{"Cmd": ["sleep"], "AttachStdin": true}"#))
      var (_, answer) = try await server.exchange("/tasks/\(task)/exec", pieces)
      #expect(try await answer.next() == StreamFrame(.output, [1]).encoded)
      sender.yield(StreamFrame(.input, []).encoded)
      #expect(try await answer.next() == Self.command(#"{"ExitCode":0}"#))
      sender.finish()
    }
  }

  // MARK: - swarmctl

  /// A user who types, and whose terminal changes its size.
  private struct Typist: UserTerminal {
    var isInput = true
    var isOutput = true
    var size: ScreenSize? = ScreenSize(columns: 81, rows: 25)
    var typed: [String]
    var newSizes: [ScreenSize] = []
    let rawModes = Counter()

    final class Counter: Sendable {
      let value = Mutex(0)
    }

    var input: AsyncThrowingStream<[UInt8], any Error> {
      let rest = Mutex(self.typed[...])
      return AsyncThrowingStream { rest.withLock { $0.popFirst() }.map { Array($0.utf8) } }
    }
    var sizes: AsyncStream<ScreenSize> {
      AsyncStream { stream in
        for size in self.newSizes { stream.yield(size) }
        stream.finish()
      }
    }
    func withRawMode<Value>(_ body: () async throws -> Value) async throws -> Value {
      self.rawModes.value.withLock { $0 += 1 }
      return try await body()
    }
  }

  @Test("swarmctl hands on the exit code, both streams, and flags; tasks are found by id, slot and service")
  func swarmctl() async throws {
    let asked = Mutex<[(TaskID, ExecRequest)]>([])
    let (swarm, task) = try await Self.swarm { task, request, _, output in
      asked.withLock { $0.append((task, request)) }
      try await output(.stdout(Array("out".utf8)))
      try await output(.stderr(Array("err".utf8)))
      return 42
    }
    try await RunningServer.with(swarm) { server in
      let flags = ["-e", "A=1", "--env", "FROM", "-e", "GONE", "-w", "/tmp", "--user", "me"]
      let result = await server.swarmctl(["exec"] + flags + [task.description, "ls", "-l", "--tty"])
      #expect(result == CommandOutput(exitCode: 42, output: "out", errors: "err"))
      let second = try #require(try await swarm.tasks().first { $0.slot == 2 })
      for (name, expected) in [("web", task), ("web.2", second.id), (String(task.description.prefix(20)), task)] {
        #expect(await server.swarmctl(["exec", name, "true"]).exitCode == 42)
        #expect(asked.withLock { $0.last?.0 } == expected, "\(name)")
      }
      let request = asked.withLock { $0[0].1 }
      let expected = ExecRequest(["ls", "-l", "--tty"], environment: ["A=1", "FROM=outside"], directory: "/tmp", user: "me")
      #expect(request == expected)

      let unknown = await server.swarmctl(["exec", "nope", "true"])
      #expect(unknown == CommandOutput(exitCode: 1, output: "", errors: "no running task: nope\n"))
      #expect(await server.swarmctl(["exec", "web"]).exitCode == 1)
      #expect(await server.swarmctl(["exec", "--nope", "web", "ls"]).exitCode == 125)
      #expect(await server.swarmctl(["exec", "-it", "web", "sh"]).errors == "the input device is not a TTY\n")
      #expect(await server.swarmctl(["exec", "--help"]).output.contains("SERVICE.SLOT"))
    }
  }

  @Test("swarmctl hands on what is typed, and the terminal's sizes; keys go through as they are")
  func terminal() async throws {
    let (swarm, _) = try await Self.swarm { _, request, input, output in
      try await output(.stdout(Array("\(request.terminal?.columns ?? 0);".utf8)))
      var (text, sizes) = ("", 0)
      for try await piece in input {
        switch piece {
        case .bytes(let bytes): text += String(decoding: bytes, as: UTF8.self)
        case .resize: sizes += 1
        case .end: break
        }
        if sizes == 2, text.hasSuffix("end") { break }
      }
      try await output(.stdout(Array("\(text);\(sizes)".utf8)))
      return 0
    }
    try await RunningServer.with(swarm) { server in
      let size = ScreenSize(columns: 1, rows: 1)
      let typist = Typist(typed: ["one ", "two ", "end"], newSizes: [size, size])
      let result = await server.swarmctl(["exec", "-it", "web", "sh"], terminal: typist)
      #expect(result == CommandOutput(exitCode: 0, output: "81;one two end;2", errors: ""))
      #expect(typist.rawModes.value.withLock { $0 } == 1)

      let plain = Typist(isInput: false, isOutput: false, size: nil, typed: ["a"])
      swarm.change { $0.onExec = Self.echo }
      let piped = await server.swarmctl(["exec", "-i", "web", "cat"], terminal: plain)
      #expect(piped == CommandOutput(exitCode: 3, output: "[\"cat\"]\na", errors: ""))
      #expect(plain.rawModes.value.withLock { $0 } == 0)
    }
  }
}
