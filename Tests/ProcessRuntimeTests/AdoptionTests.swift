// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessRuntime
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@Suite("Adopting process tasks", .takingTurns)
struct AdoptionTests {
  @Test("the next agent finds a task running and learns how it ends")
  func adopted() async throws {
    try await TestNode.with { node in
      let spec = try shellTask("trap 'exit 9' TERM; echo ready; while :; do sleep 1000; done")
      let first = try await node.controller(spec)
      let status = try await first.launch()
      try await first.waitForLine("ready")
      await node.runtime.close()

      let next = node.makeRuntime()
      try await next.open(node.context)
      #expect(try await next.knownTasks() == [spec.id])
      let second = try await node.controller(spec, next)
      #expect(try await second.start() == status)
      #expect(isAlive(status.pid))
      try await second.shutdown(grace: .seconds(60))
      #expect(try await second.wait().exitCode == 9)
      #expect(try await second.output(LogOptions(streams: [.stdout])) == ["1:ready\n"])
      await next.close()
    }
  }

  @Test("a task that ended while no agent was there has its exit status")
  func endedMeanwhile() async throws {
    try await TestNode.with { node in
      let spec = try shellTask("echo ready; read line < fifo; exit 6")
      let first = try await node.controller(spec)
      try await first.prepare()
      let fifo = "\(node.context.directory(of: spec.id))/work/fifo"
      try makePipe(fifo)
      _ = try await first.start()
      try await first.waitForLine("ready")
      let shim = try node.record(spec).shim
      await node.runtime.close()

      try Data("go\n".utf8).write(to: URL(fileURLWithPath: fifo))
      try await expectGone(shim)
      let next = node.makeRuntime()
      try await next.open(node.context)
      let second = try await node.controller(spec, next)
      #expect(try await second.start().exitCode == 6)
      #expect(try await second.wait().exitCode == 6)
      #expect(try await second.output() == ["1:ready\n"])
      await next.close()
    }
  }

  @Test("a task of an earlier boot is lost and isn't started again")
  func otherBoot() async throws {
    try await TestNode.with { node in
      let spec = try shellTask("echo ready; exec sleep 1000")
      let first = try await node.controller(spec)
      try await first.launch()
      try await first.waitForLine("ready")
      let record = try node.record(spec)
      #expect(kill(record.shim.pid, SIGKILL) == 0)
      await #expect(throws: RuntimeError.self) { try await first.wait() }
      let path = "\(node.context.directory(of: spec.id))/pid"
      let text = try String(contentsOfFile: path, encoding: .utf8)
        .replacingOccurrences(of: record.boot, with: "00000000-0000-0000-0000-000000000000")
      try text.write(toFile: path, atomically: false, encoding: .utf8)

      let second = try await node.controller(spec)
      #expect(try await second.start().pid == 0)
      await #expect(throws: RuntimeError(code: .notFound, message: "nobody knows how the task ended: the machine was restarted"))
      {
        try await second.wait()
      }
      #expect(try await second.output() == ["1:ready\n"])
    }
  }

  @Test("a process that only has the same id isn't taken for the task")
  func otherProcess() async throws {
    try await TestNode.with { node in
      let spec = try shellTask("exit 0")
      let task = try await node.controller(spec)
      try await task.launch()
      _ = try await task.wait()
      let record = try node.record(spec)
      let directory = node.context.directory(of: spec.id)
      try FileManager.default.removeItem(atPath: "\(directory)/status")
      // This very process, at a time at which it wasn't started.
      let text = "swarm-pid 1\nboot \(record.boot)\nshim \(getpid()) 1\ntask \(getpid()) 1\nstarted 1\n"
      try text.write(toFile: "\(directory)/pid", atomically: false, encoding: .utf8)
      let again = try await node.controller(spec)
      try await again.terminate()
      await #expect(throws: RuntimeError.self) { try await again.wait() }
    }
  }

  @Test("when the shim is killed the task dies with it, with all its descendants")
  func shimKilled() async throws {
    try await TestNode.with { node in
      let spec = try shellTask("sleep 1000 & echo ready; sleep 1000")
      let task = try await node.controller(spec)
      let status = try await task.launch()
      try await task.waitForLine("ready")
      let shim = try node.record(spec).shim.pid
      #expect(kill(shim, SIGKILL) == 0)
      let expected = RuntimeError(
        code: .notFound,
        message: "nobody knows how the task ended: the process that watched over it was killed"
      )
      await #expect(throws: expected) { try await task.wait() }
      #expect(!isAlive(status.pid))
      #expect(node.leftovers() == [])
    }
  }

  @Test("without a sign of life tasks are killed when the lease runs out")
  func leaseRunsOut() async throws {
    let configuration = ProcessRuntimeConfiguration(lease: .seconds(2), renewal: .milliseconds(100))
    try await TestNode.with(configuration) { node in
      let spec = try shellTask("trap '' TERM; sleep 1000 & setsid sleep 1000 & echo ready; sleep 1000")
      let task = try await node.controller(spec)
      let status = try await task.launch()
      try await task.waitForLine("ready")
      let shim = try node.record(spec).shim
      await node.runtime.close()
      #expect(isAlive(status.pid))
      try await expectGone(shim)
      #expect(node.leftovers() == [])

      let next = node.makeRuntime()
      try await next.open(node.context)
      let again = try await node.controller(spec, next)
      #expect(try await again.wait().signal == 9)
      let record = try String(contentsOfFile: "\(node.context.directory(of: spec.id))/status", encoding: .utf8)
      #expect(record.contains("cause lease\n"))
      await next.close()
    }
  }

  @Test("as long as the lease is renewed tasks go on")
  func leaseIsRenewed() async throws {
    let configuration = ProcessRuntimeConfiguration(lease: .seconds(2), renewal: .milliseconds(100))
    try await TestNode.with(configuration) { node in
      // Twice as long as the lease.
      let task = try await node.controller(shellTask("sleep 4; exit 5"))
      try await task.launch()
      #expect(try await task.wait().exitCode == 5)
    }
  }

  @Test("a directory serves one runtime at a time")
  func inUse() async throws {
    try await TestNode.with { node in
      let other = node.makeRuntime()
      let directory = node.context.directory
      let expected = RuntimeError(code: .exists, message: "the directory \(directory) is in use by another process runtime")
      await #expect(throws: expected) { try await other.open(node.context) }
      await node.runtime.close()
      try await other.open(node.context)
      await other.close()
    }
  }

  @Test("a directory that others can enter is refused")
  func openDirectory() async throws {
    try await TestNode.with { node in
      await node.runtime.close()
      #expect(unsafe chmod(node.context.directory, 0o755) == 0)
      await #expect(throws: RuntimeError.self) { try await node.runtime.open(node.context) }
      #expect(unsafe chmod(node.context.directory, 0o700) == 0)
    }
  }

  @Test("run ends with its task and lets go of the directory")
  func run() async throws {
    try await TestNode.with { node in
      let running = Task { try await node.runtime.run() }
      running.cancel()
      try await running.value
      let other = node.makeRuntime()
      try await other.open(node.context)
      await other.close()
      await #expect(throws: RuntimeError(code: .invalidState, message: "the process runtime isn't open")) {
        try await node.runtime.knownTasks()
      }
    }
  }

  @Test("what no agent knows any more is discarded")
  func discard() async throws {
    try await TestNode.with { node in
      let spec = try shellTask("exec sleep 1000")
      let status = try await node.controller(spec).launch()
      try await node.runtime.discard(spec.id)
      #expect(!isAlive(status.pid))
      #expect(try await node.runtime.knownTasks().isEmpty)
    }
  }
}
