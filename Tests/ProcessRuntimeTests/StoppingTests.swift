// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessRuntime
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@Suite("Stopping process tasks", .takingTurns)
struct StoppingTests {
  @Test("a task may end by itself within the grace period")
  func graceful() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 1000; done"))
      try await task.launch()
      try await task.waitForLine("ready")
      try await task.shutdown(grace: .seconds(60))
      let exit = try await task.wait()
      #expect(exit.exitCode == 7)
      #expect(exit.signal == nil)
      // The signal goes to the whole group: the shell says on standard error what became of `sleep`.
      #expect(try await task.output(LogOptions(streams: [.stdout])) == ["1:ready\n", "1:bye\n"])
    }
  }

  @Test("a task that ignores the stop signal is killed after the grace period")
  func stubborn() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("trap '' TERM; echo ready; while :; do sleep 1000; done"))
      try await task.launch()
      try await task.waitForLine("ready")
      let began = ContinuousClock.now
      try await task.shutdown(grace: .milliseconds(300))
      #expect(ContinuousClock.now - began >= .milliseconds(300))
      #expect(try await task.wait().signal == 9)
    }
  }

  @Test("the stop signal is the spec's", arguments: ["SIGINT", "quit", "10", "RTMIN+3"])
  func stopSignal(name: String) async throws {
    try await TestNode.with { node in
      let script = "for s in INT QUIT USR1 37; do trap \"echo $s; exit 0\" $s; done; echo ready; while :; do sleep 1000; done"
      // Not every shell traps real-time signals.
      let task = try await node.controller(commandTask(["/bin/bash", "-c", script]) { $0.stopSignal = name })
      try await task.launch()
      try await task.waitForLine("ready")
      try await task.shutdown(grace: .seconds(60))
      let expected = ["SIGINT": "INT", "quit": "QUIT", "10": "USR1", "RTMIN+3": "37"][name] ?? ""
      #expect(try await task.output(LogOptions(streams: [.stdout])) == ["1:ready\n", "1:\(expected)\n"])
    }
  }

  @Test("a stopped (suspended) task can be stopped (ended)")
  func suspended() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("echo ready; kill -STOP $$; sleep 1000"))
      try await task.launch()
      try await task.waitForLine("ready")
      try await task.shutdown(grace: .seconds(60))
      #expect(try await task.wait().signal == 15)
    }
  }

  @Test("terminate kills at once")
  func terminate() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("trap '' TERM; echo ready; while :; do sleep 1000; done"))
      try await task.launch()
      try await task.waitForLine("ready")
      try await task.terminate()
      #expect(try await task.wait().signal == 9)
      try await task.terminate()
      try await task.shutdown(grace: .seconds(1))
    }
  }

  @Test("what the command leaves behind is killed with it, also in sessions of its own")
  func descendants() async throws {
    try await TestNode.with { node in
      let script = """
        (echo one; exec sleep 1000) &
        setsid sh -c 'echo two; exec sleep 1000' &
        setsid sh -c 'sh -c "(echo three; exec sleep 1000) & exec sleep 1000" & exit 0' &
        (trap '' TERM HUP INT; echo four; sleep 1000) &
        exec sleep 1000
        """
      let task = try await node.controller(shellTask(script))
      try await task.launch()
      for line in ["one", "two", "three", "four"] { try await task.waitForLine(line) }
      #expect(node.leftovers().count >= 5)
      try await task.shutdown(grace: .seconds(60))
      #expect(node.leftovers() == [])
    }
  }

  @Test("grandchildren don't outlive a command that ends by itself, and don't hold its end up")
  func backgroundJob() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("sleep 1000 & setsid sleep 1000 & exit 4"))
      try await task.launch()
      #expect(try await task.wait().exitCode == 4)
      #expect(node.leftovers() == [])
    }
  }

  @Test("a task that was shut down before its start is never started")
  func neverStarted() async throws {
    try await TestNode.with { node in
      let spec = try shellTask("echo run")
      let task = try await node.controller(spec)
      try await task.prepare()
      try await task.shutdown(grace: .seconds(1))
      let expected = RuntimeError(code: .invalidState, message: "the task was shut down before it was started")
      await #expect(throws: expected) { try await task.start() }
      await node.runtime.close()
      let next = node.makeRuntime()
      try await next.open(node.context)
      let again = try await node.controller(spec, next)
      await #expect(throws: expected) { try await again.start() }
      await next.close()
    }
  }

  @Test("cancelling wait doesn't end the task")
  func cancelWait() async throws {
    try await TestNode.with { node in
      let task = try await node.controller(shellTask("echo ready; exec sleep 1000"))
      let status = try await task.launch()
      try await task.waitForLine("ready")
      let waiting = Task { try await task.wait() }
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
      #expect(isAlive(status.pid))
      try await task.remove()
      #expect(!isAlive(status.pid))
    }
  }

  @Test("remove deletes everything, also what the task has write-protected")
  func remove() async throws {
    try await TestNode.with { node in
      let spec = try shellTask("mkdir -p a/b; echo x > a/b/c; ln -s /etc link; chmod 500 a/b a; echo ready; exec sleep 1000")
      let task = try await node.controller(spec)
      try await task.launch()
      try await task.waitForLine("ready")
      try await task.remove()
      #expect(!FileManager.default.fileExists(atPath: node.context.directory(of: spec.id)))
      #expect(FileManager.default.fileExists(atPath: "/etc/passwd"))
      try await task.remove()
      #expect(try await node.runtime.knownTasks().isEmpty)
    }
  }
}
