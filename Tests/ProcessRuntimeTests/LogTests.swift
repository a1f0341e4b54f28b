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

  private static func files(of task: SwarmTask, on node: TestNode) throws -> [String: Int] {
    let directory = node.context.directory(of: task.id)
    let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasPrefix("log") }
    return try Dictionary(
      uniqueKeysWithValues: names.map { name in
        (name, try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)")).count)
      }
    )
  }

  @Test("the log driver's options say how large files get and how many there are", arguments: [1, 3], ["json-file", "local"])
  func driverOptions(files: Int, driver: String) async throws {
    try await TestNode.with { node in
      var spec = try shellTask("i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done")
      spec.logDriver = Driver(name: driver, options: ["max-size": "10k", "max-file": "\(files)"])
      let task = try await node.controller(spec)
      try await task.launch()
      _ = try await task.wait()
      let found = try Self.files(of: spec, on: node)
      #expect(Set(found.keys) == Set((0..<files).map { $0 == 0 ? "log" : "log.\($0)" }))
      #expect(found.values.allSatisfy { $0 <= 10 * 1024 }, "\(found)")
      let numbers = try await task.output().compactMap { Int($0.dropFirst(2).dropLast()) }
      #expect(numbers == Array((3000 - numbers.count)..<3000))
      #expect(numbers.count > 300 * (files - 1))
    }
  }

  @Test("who follows gets every line across any number of rotations")
  func followsRotation() async throws {
    try await TestNode.with { node in
      // The writer waits for the reader now and then: between two words of it there are fewer rotations than files.
      let script =
        "exec < fifo; i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i+1)); [ $((i % 100)) -eq 0 ] && read line; done; true"
      var spec = try shellTask(script)
      spec.logDriver = Driver(name: "json-file", options: ["max-size": "1k", "max-file": "10"])
      let task = try await node.controller(spec)
      try await task.prepare()
      let fifo = "\(node.context.directory(of: spec.id))/work/fifo"
      try makePipe(fifo)
      _ = try await task.start()
      let pipe = try FileHandle(forWritingTo: URL(fileURLWithPath: fifo))
      var expected = 0
      for try await record in task.logs(LogOptions(follow: true)) {
        #expect(record.bytes == Array("\(expected)\n".utf8))
        expected += 1
        if expected % 100 == 0 { try pipe.write(contentsOf: Data("go\n".utf8)) }
      }
      #expect(expected == 2000)
      #expect(try Self.files(of: spec, on: node).count == 10)
      await waitForEnd(try node.record(spec).shim.pid)
    }
  }

  @Test("the driver none keeps nothing")
  func noLog() async throws {
    try await TestNode.with { node in
      var spec = try shellTask("echo hello")
      spec.logDriver = Driver(name: "none")
      let task = try await node.controller(spec)
      try await task.launch()
      #expect(try await task.wait().exitCode == 0)
      #expect(try await task.output(LogOptions(follow: true)) == [])
      #expect(try Self.files(of: spec, on: node) == [:])
    }
  }

  @Test(
    "a driver or an option that isn't understood is refused",
    arguments: [
      Driver(name: "syslog"), Driver(name: "json-file", options: ["max-size": "0"]),
      Driver(name: "json-file", options: ["max-size": "-2"]), Driver(name: "local", options: ["max-size": "ten"]),
      Driver(name: "local", options: ["max-file": "0"]), Driver(name: "local", options: ["max-file": "101"]),
      Driver(name: "json-file", options: ["max-files": "3"]),
    ]
  )
  func refusedDrivers(driver: Driver) async throws {
    try await TestNode.with { node in
      var spec = try shellTask("echo hello")
      spec.logDriver = driver
      let task = try await node.controller(spec)
      await #expect(throws: RuntimeError.self) { try await task.prepare() }
    }
  }
}
