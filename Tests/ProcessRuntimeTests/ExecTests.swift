// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessRuntime
import SwarmAgent
import SwarmModel
import Synchronization
import TestTraits
import Testing

@Suite("Commands beside process tasks", .takingTurns, .timeLimit(.minutes(2)))
struct ExecTests {
  /// A task that runs until it is stopped.
  private static let sleeper = "echo ready; exec sleep 1000"

  private static func withTask(
    _ script: String = Self.sleeper,
    _ change: (inout ContainerSpec) -> Void = { _ in },
    _ body: (TestNode, any TaskController, SwarmTask) async throws -> Void
  ) async throws {
    try await TestNode.with { node in
      let task = try shellTask(script, change: change)
      let controller = try await node.controller(task)
      try await controller.launch()
      try await controller.waitForLine("ready")
      try await body(node, controller, task)
    }
  }

  @Test("both streams come apart, and the exit code is the command's", arguments: [0, 1, 7, 255] as [Int32])
  func streams(code: Int32) async throws {
    try await Self.withTask { _, controller, _ in
      let result = try await controller.run(["/bin/sh", "-c", "echo out; echo err >&2; exit \(code)"])
      #expect(result == CommandResult(code: code, stdout: "out\n", stderr: "err\n"))
    }
  }

  @Test("it has the task's environment and directory, and what the request changes")
  func surroundings() async throws {
    try await Self.withTask(Self.sleeper, { $0.env = ["A=task", "B=task"] }) { node, controller, task in
      let work = "\(node.context.directory(of: task.id))/work"
      let show = ["/bin/sh", "-c", "echo $A $B $SWARM_TASK_ID; pwd"]
      let plain = try await controller.run(show)
      #expect(plain.stdout == "task task \(task.id)\n\(work)\n")
      let changed = try await controller.run(ExecRequest(show, environment: ["B=mine"], directory: "/"))
      #expect(changed.stdout == "task mine \(task.id)\n/\n")
    }
  }

  @Test("without input it finds its input empty, and a signal makes 128 + n")
  func emptyInput() async throws {
    try await Self.withTask { _, controller, _ in
      let idle = try await controller.run(["cat"])
      #expect(idle == CommandResult(code: 0))
      let killed = try await controller.run(["/bin/sh", "-c", "kill -9 $$"])
      #expect(killed == CommandResult(code: 137))
    }
  }

  @Test("input goes to it in order, and its end, too")
  func input() async throws {
    try await Self.withTask { _, controller, _ in
      let request = ExecRequest(["cat"], takesInput: true)
      let pieces = (0..<64).map { Array("\($0) \(String(repeating: "x", count: 10_000))\n".utf8) }
      let result = try await controller.run(request, input: pieces.map(ExecInput.bytes) + [.end])
      #expect(result.code == 0)
      #expect(result.stdout == String(decoding: pieces.joined(), as: UTF8.self))
    }
  }

  @Test("a command that ends without reading its input ends all the same")
  func unreadInput() async throws {
    try await Self.withTask { _, controller, _ in
      let request = ExecRequest(["true"], takesInput: true)
      let endless = AsyncThrowingStream<ExecInput, any Error> { .bytes([UInt8](repeating: 0, count: 65_536)) }
      let result = try await controller.run(request, endless)
      #expect(result == CommandResult(code: 0))
    }
  }

  @Test("a terminal has the size that was asked for, and takes another one while the command runs")
  func terminal() async throws {
    try await Self.withTask { _, controller, _ in
      let request = ExecRequest(
        ["/bin/sh", "-c", "test -t 0 && test -t 1 && stty size; read line; stty size; read line"],
        terminal: TerminalSize(columns: 100, rows: 30),
        takesInput: true
      )
      let (input, feed) = AsyncThrowingStream<ExecInput, any Error>.makeStream()
      let text = Mutex("")
      let code = try await controller.exec(request, input: input) { piece in
        guard case .stdout(let bytes) = piece else {
          Issue.record("a terminal has one stream")
          return
        }
        let all = text.withLock { text in
          text += String(decoding: bytes, as: UTF8.self)
          return text
        }
        if all.contains("30 100"), !all.contains("resized") {
          feed.yield(.resize(TerminalSize(columns: 81, rows: 25)))
          feed.yield(.bytes(Array("resized\n".utf8)))
        }
        if all.contains("25 81") { feed.finish() }
      }
      // The second `read` sees the end of the input.
      #expect(code == 1)
      #expect(text.withLock { $0 }.contains("30 100\r\n"))
    }
  }

  @Test("what it left behind ends with it")
  func descendants() async throws {
    try await Self.withTask { _, controller, _ in
      let result = try await controller.run(["/bin/sh", "-c", "setsid sleep 1000 & sleep 1000 & echo done"])
      #expect(result == CommandResult(code: 0, stdout: "done\n"))
    }
  }

  @Test("it ends with the task")
  func endOfTask() async throws {
    try await Self.withTask { _, controller, _ in
      try await withThrowingTaskGroup(of: CommandResult.self) { group in
        let (started, starter) = AsyncStream<Never>.makeStream()
        group.addTask {
          try await controller.run(ExecRequest(["/bin/sh", "-c", "trap '' TERM; echo on; sleep 1000"])) { _ in starter.finish() }
        }
        for await _ in started {}
        try await controller.terminate()
        #expect(try await group.next()?.code == 137)
      }
      await #expect(throws: RuntimeError(code: .invalidState, message: "the task is not running")) {
        try await controller.run(["true"])
      }
    }
  }

  @Test("it ends when its caller is cancelled, or doesn't take its output", arguments: [true, false])
  func unwanted(isCancelled: Bool) async throws {
    struct Enough: Error {}
    // That nothing is left of it the node's end shows.
    try await Self.withTask { _, controller, _ in
      let (started, starter) = AsyncStream<Never>.makeStream()
      let running = Task {
        try await controller.run(ExecRequest(["/bin/sh", "-c", "trap '' TERM HUP; echo on; sleep 1000 & wait"])) { _ in
          starter.finish()
          if !isCancelled { throw Enough() }
        }
      }
      for await _ in started {}
      if isCancelled { running.cancel() }
      let error = await #expect(throws: (any Error).self) { try await running.value }
      #expect(isCancelled ? error is CancellationError : error is Enough, "\(String(describing: error))")
    }
  }

  @Test("a reader that is slow slows the command down")
  func backpressure() async throws {
    try await Self.withTask { _, controller, _ in
      let count = Mutex(0)
      let request = ExecRequest(["/bin/sh", "-c", "head -c 3000000 /dev/zero"])
      let code = try await controller.exec(request, input: AsyncThrowingStream { nil }) { piece in
        guard case .stdout(let bytes) = piece else { return }
        await Task.yield()
        count.withLock { $0 += bytes.count }
      }
      #expect(code == 0)
      #expect(count.withLock { $0 } == 3_000_000)
    }
  }

  @Test("a program that isn't there or can't be executed says so, with the codes of shells")
  func failures() async throws {
    try await Self.withTask { node, controller, _ in
      let absent = try await controller.run(["/no/such/program"])
      #expect(absent == CommandResult(code: 127, stderr: "cannot execute \"/no/such/program\": No such file or directory\n"))
      #expect(try await controller.run(["/etc/passwd"]).code == 126)
      let lost = try await controller.run(ExecRequest(["true"], directory: "/no/such/directory"))
      #expect(lost.code == 126)
      #expect(lost.stderr.contains("/no/such/directory"))
      await #expect(throws: RuntimeError.self) { try await controller.run(ExecRequest(["id"], user: "daemon")) }
      await #expect(throws: RuntimeError.self) { try await controller.run(ExecRequest([])) }
      await #expect(throws: RuntimeError.self) { try await controller.run(ExecRequest(["pwd"], directory: "relative")) }
    }
  }

  @Test("many run at a time")
  func many() async throws {
    try await Self.withTask { _, controller, _ in
      try await withThrowingTaskGroup(of: CommandResult.self) { group in
        for number in 0..<16 { group.addTask { try await controller.run(["/bin/sh", "-c", "echo \(number)"]) } }
        var outputs: Set<String> = []
        for try await result in group { outputs.insert(result.stdout) }
        #expect(outputs == Set((0..<16).map { "\($0)\n" }))
      }
    }
  }
}

/// What came of a command.
struct CommandResult: Hashable, Sendable {
  var code: Int32
  var stdout = ""
  var stderr = ""
}

extension TaskController {
  fileprivate func run(_ arguments: [String]) async throws -> CommandResult { try await self.run(ExecRequest(arguments)) }

  fileprivate func run(_ request: ExecRequest, input: [ExecInput]) async throws -> CommandResult {
    try await self.run(
      request,
      AsyncThrowingStream { stream in
        for piece in input { stream.yield(piece) }
        stream.finish()
      }
    )
  }

  /// Runs a command and collects what it writes.
  fileprivate func run(
    _ request: ExecRequest,
    _ input: AsyncThrowingStream<ExecInput, any Error> = AsyncThrowingStream { nil },
    seen: @escaping @Sendable (ExecOutput) throws -> Void = { _ in }
  ) async throws -> CommandResult {
    let texts = Mutex((out: [UInt8](), err: [UInt8]()))
    let code = try await self.exec(request, input: input) { piece in
      texts.withLock { texts in
        switch piece {
        case .stdout(let bytes): texts.out += bytes
        case .stderr(let bytes): texts.err += bytes
        }
      }
      try seen(piece)
    }
    let (out, err) = texts.withLock { $0 }
    return CommandResult(code: code, stdout: String(decoding: out, as: UTF8.self), stderr: String(decoding: err, as: UTF8.self))
  }
}
