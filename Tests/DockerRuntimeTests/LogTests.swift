// SPDX-License-Identifier: Apache-2.0

import SwarmAgent
import SwarmModel
import TestEngines
import TestTraits
import Testing

@Suite("logs of containers", .serialized, .takingTurns, .enabled(if: TestEngine.isThere, "\(TestEngine.reason)"))
struct LogTests {
  @Test("the last records, of all streams or of one")
  func tails() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(
        try shellTask("for i in 1 2 3; do echo $i; sleep 0.02; echo e$i >&2; sleep 0.02; done")
      )
      try await controller.launch()
      _ = try await controller.wait()
      // The engine reads the two streams side by side; in which order they come is its own affair, but it is always the same.
      let all = try await controller.output()
      let (out, err) = (all.filter { $0.hasPrefix("1:") }, all.filter { $0.hasPrefix("2:") })
      #expect(out == ["1:1\n", "1:2\n", "1:3\n"])
      #expect(err == ["2:e1\n", "2:e2\n", "2:e3\n"])
      try await #expect(controller.output(LogOptions(tail: 4)) == all.suffix(4))
      try await #expect(controller.output(LogOptions(tail: 2, streams: [.stdout])) == out.suffix(2))
      try await #expect(controller.output(LogOptions(tail: 0)) == [])
      try await #expect(controller.output(LogOptions(follow: true, tail: 1, streams: [.stderr])) == err.suffix(1))
      var records: [LogRecord] = []
      for try await record in controller.logs(LogOptions()) { records.append(record) }
      let since = records[3].timestamp
      let later = records.filter { $0.timestamp >= since }
      #expect(later.count < records.count)
      var seen: [LogRecord] = []
      for try await record in controller.logs(LogOptions(since: since)) { seen.append(record) }
      #expect(seen == later)
      seen = []
      for try await record in controller.logs(LogOptions(tail: 1, since: since)) { seen.append(record) }
      #expect(seen == later.suffix(1))
    }
  }

  @Test("a reader follows from before the start to the end")
  func follows() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(try shellTask("echo a; sleep 0.2; echo b; exit 1"))
      async let lines = controller.output(LogOptions(follow: true))
      try await controller.launch()
      try await #expect(lines == ["1:a\n", "1:b\n"])
    }
  }

  @Test("a terminal's output is lines, and long lines come in pieces")
  func terminal() async throws {
    try await TestNode.with { node in
      let terminal = try await node.controller(try shellTask("echo a; printf b", 1, spec: { $0.tty = true }))
      try await terminal.launch()
      _ = try await terminal.wait()
      try await #expect(terminal.output() == ["1:a\r\n", "1:b"])
      let long = try await node.controller(try shellTask("head -c 100000 /dev/zero | tr '\\0' x; echo", 2))
      try await long.launch()
      _ = try await long.wait()
      let pieces = try await long.output()
      #expect(pieces.map { $0.count - 2 }.reduce(0, +) == 100_001)
      #expect(pieces.last?.hasSuffix("x\n") ?? false)
    }
  }

  @Test("a task without a container has no log, and a driver that keeps none says so")
  func none() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(try shellTask("echo a", task: { $0.logDriver = Driver(name: "none") }))
      try await #expect(controller.output() == [])
      try await controller.launch()
      _ = try await controller.wait()
      await #expect(failure { _ = try await controller.output() }?.code == .unsupported)
    }
  }
}
