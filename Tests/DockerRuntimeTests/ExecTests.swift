// SPDX-License-Identifier: Apache-2.0

import DockerRuntime
import SwarmAgent
import SwarmModel
import Synchronization
import TestEngines
import TestTraits
import Testing

@Suite("commands beside containers", .serialized, .takingTurns, .enabled(if: TestEngine.isThere, "\(TestEngine.reason)"))
struct ExecTests {
  /// Runs a command beside a task that runs; gives its exit code and what it wrote, with `!` before what went to standard error.
  private static func run(
    _ request: ExecRequest,
    input: [ExecInput] = [],
    beside controller: any TaskController
  ) async throws -> (code: Int32, text: String) {
    let text = Mutex("")
    let stream = AsyncThrowingStream<ExecInput, any Error> { stream in
      for piece in input { stream.yield(piece) }
      stream.finish()
    }
    let code = try await controller.exec(request, input: stream) { piece in
      text.withLock { text in
        switch piece {
        case .stdout(let bytes): text += String(decoding: bytes, as: UTF8.self)
        case .stderr(let bytes): text += "!" + String(decoding: bytes, as: UTF8.self)
        }
      }
    }
    return (code, text.withLock { $0 })
  }

  /// Runs `body` beside a task that runs until it is stopped.
  private static func withTask(_ body: @escaping @Sendable (TestNode, any TaskController, SwarmTask) async throws -> Void)
    async throws
  {
    try await TestNode.with { node in
      let task = try shellTask(
        "trap 'exit 0' TERM; echo ready; while :; do sleep 1; done",
        spec: { $0.env = ["A=task", "B=task"] }
      )
      let controller = try await node.controller(task)
      try await controller.launch()
      try await controller.waitForLine("ready")
      try await body(node, controller, task)
    }
  }

  @Test("both streams come apart, with the command's exit code; what the request changes is changed for it alone")
  func streams() async throws {
    try await Self.withTask { _, controller, _ in
      let both = try await Self.run(ExecRequest(["sh", "-c", "echo out; exit 7"]), beside: controller)
      #expect(both == (7, "out\n"))
      let errors = try await Self.run(ExecRequest(["sh", "-c", "echo err >&2"]), beside: controller)
      #expect(errors == (0, "!err\n"))
      let show = ["sh", "-c", "echo $A $B; pwd; id -u"]
      let changed = ExecRequest(show, environment: ["B=mine"], directory: "/tmp", user: "65534")
      #expect(try await Self.run(changed, beside: controller) == (0, "task mine\n/tmp\n65534\n"))
      #expect(try await Self.run(ExecRequest(show), beside: controller) == (0, "task task\n/\n0\n"))
    }
  }

  @Test("input goes to it in order, and its end, too; a terminal has the size that was asked for")
  func input() async throws {
    try await Self.withTask { _, controller, _ in
      let pieces = (0..<40).map { Array("\($0) \(String(repeating: "x", count: 10_000))\n".utf8) }
      let echo = try await Self.run(
        ExecRequest(["cat"], takesInput: true),
        input: pieces.map(ExecInput.bytes) + [.end],
        beside: controller
      )
      #expect(echo == (0, String(decoding: pieces.joined(), as: UTF8.self)))
      let request = ExecRequest(
        ["sh", "-c", "read line; stty size"],
        terminal: TerminalSize(columns: 100, rows: 30),
        takesInput: true
      )
      let size = try await Self.run(request, input: [.bytes(Array("go\n".utf8))], beside: controller)
      #expect(size.text.hasSuffix("30 100\r\n"), "\(size.text)")
    }
  }

  @Test("a command that ends before it has read its input ends with its exit code", arguments: [false, true])
  func unreadInput(hasTerminal: Bool) async throws {
    try await Self.withTask { _, controller, _ in
      let request = ExecRequest(
        ["sh", "-c", "exit 3"],
        terminal: hasTerminal ? TerminalSize(columns: 80, rows: 24) : nil,
        takesInput: true
      )
      let input = ExecInput.bytes([UInt8](repeating: UInt8(ascii: "x"), count: 10_000))
      let end = try await Self.run(request, input: Array(repeating: input, count: 400), beside: controller)
      #expect(end.code == 3)
    }
  }

  @Test("what isn't there can't be run, and nothing runs beside a task that doesn't")
  func failures() async throws {
    try await Self.withTask { node, controller, _ in
      #expect(try await Self.run(ExecRequest(["/no/such/program"]), beside: controller).code == 126)
      let early = try await node.controller(try shellTask("sleep 1000", 2))
      try await early.prepare()
      #expect(await failure { _ = try await Self.run(ExecRequest(["true"]), beside: early) }?.code == .invalidState)
      try await controller.terminate()
      #expect(await failure { _ = try await Self.run(ExecRequest(["true"]), beside: controller) }?.code == .invalidState)
    }
  }

  @Test("what containers use is told for those that run and are asked for")
  func usage() async throws {
    try await Self.withTask { node, _, task in
      let other = try shellTask("exit 0", 2)
      let ended = try await node.controller(other)
      try await ended.launch()
      _ = try await ended.wait()
      let usages = try await node.runtime.usage(of: [task.id, other.id])
      #expect(usages.map(\.task) == [task.id])
      #expect(usages.allSatisfy { $0.memoryBytes > 0 && $0.processes >= 1 && $0.cpuTime > .zero }, "\(usages)")
      #expect(try await node.runtime.usage(of: [other.id]).isEmpty)
    }
  }
}
