// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessRuntime
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@Suite("Logs of process tasks", .takingTurns)
struct LogTests {
  private func finished(_ script: String, on node: TestNode) async throws -> any TaskController {
    let task = try await node.controller(shellTask(script))
    try await task.launch()
    _ = try await task.wait()
    return task
  }

  @Test("both streams are recorded, line by line, the last one also without line feed")
  func streams() async throws {
    try await TestNode.with { node in
      let task = try await self.finished("echo one; echo two >&2; echo; printf three", on: node)
      let lines = try await task.output()
      #expect(lines.filter { $0.hasPrefix("1") } == ["1:one\n", "1:\n", "1:three"])
      #expect(lines.filter { $0.hasPrefix("2") } == ["2:two\n"])
      #expect(try await task.output(LogOptions(streams: [.stderr])) == ["2:two\n"])
    }
  }

  @Test("long lines come in pieces and nothing is lost")
  func longLines() async throws {
    try await TestNode.with { node in
      let task = try await self.finished("head -c 100000 /dev/zero | tr '\\0' x; echo; echo end", on: node)
      let lines = try await task.output()
      #expect(lines.last == "1:end\n")
      let pieces = lines.dropLast()
      #expect(pieces.allSatisfy { $0.utf8.count <= 16 * 1024 + 2 })
      #expect(pieces.map { $0.dropFirst(2) }.joined() == String(repeating: "x", count: 100_000) + "\n")
    }
  }

  @Test("bytes that aren't text pass through")
  func binary() async throws {
    try await TestNode.with { node in
      let task = try await self.finished("printf '\\000\\377\\n'", on: node)
      var records: [LogRecord] = []
      for try await record in task.logs(LogOptions()) { records.append(record) }
      #expect(records.map(\.bytes) == [[0, 255, 10]])
    }
  }

  @Test("tail gives the last records", arguments: [0, 1, 3, 100])
  func tail(count: Int) async throws {
    try await TestNode.with { node in
      let task = try await self.finished("for i in 1 2 3 4 5; do echo $i; done", on: node)
      let expected = (1...5).map { "1:\($0)\n" }.suffix(count)
      #expect(try await task.output(LogOptions(tail: count)) == Array(expected))
      #expect(try await task.output(LogOptions(follow: true, tail: count)) == Array(expected))
    }
  }

  @Test("since leaves out what is older")
  func since() async throws {
    try await TestNode.with { node in
      let task = try await self.finished("echo one; sleep 0.02; echo two", on: node)
      var records: [LogRecord] = []
      for try await record in task.logs(LogOptions()) { records.append(record) }
      try #require(records.count == 2)
      #expect(records[0].timestamp < records[1].timestamp)
      #expect(try await task.output(LogOptions(since: records[1].timestamp)) == ["1:two\n"])
    }
  }

  @Test("follow waits for what is still written and ends with the task")
  func follow() async throws {
    try await TestNode.with { node in
      let spec = try shellTask("exec < fifo; echo one; read line; echo $line; read line; echo $line")
      let task = try await node.controller(spec)
      try await task.prepare()
      let fifo = "\(node.context.directory(of: spec.id))/work/fifo"
      try makePipe(fifo)
      // Before it is started: the reader waits for the start, too.
      let following = Task { try await task.output(LogOptions(follow: true)) }
      _ = try await task.start()
      // Open all the while: a shell that opens the pipe anew could meet the end of what it has read already.
      let pipe = try FileHandle(forWritingTo: URL(fileURLWithPath: fifo))
      for word in ["two", "three"] {
        try pipe.write(contentsOf: Data("\(word)\n".utf8))
        try await task.waitForLine(word)
      }
      #expect(try await following.value == ["1:one\n", "1:two\n", "1:three\n"])
    }
  }

  @Test("a cancelled reader ends")
  func cancelled() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("echo ready; exec sleep 1000"))
      try await task.launch()
      try await task.waitForLine("ready")
      let following = Task { try await task.output(LogOptions(follow: true)) }
      following.cancel()
      await #expect(throws: CancellationError.self) { try await following.value }
    }
  }

  @Test("the log is bounded, and keeps the newest records")
  func rotation() async throws {
    try await TestNode.with(ProcessRuntimeConfiguration(logFileSize: 64 * 1024)) { node in
      let task = try await self.finished("i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done", on: node)
      let lines = try await task.output()
      #expect(lines.last == "1:19999\n")
      #expect(lines.count < 20_000)
      let numbers = lines.compactMap { Int($0.dropFirst(2).dropLast()) }
      #expect(numbers == Array((20_000 - lines.count)..<20_000))
    }
  }
}
