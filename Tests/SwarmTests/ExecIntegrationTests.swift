// SPDX-License-Identifier: Apache-2.0

import ProcessRuntime
import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import Synchronization
import TestTraits
import Testing

@Suite("Commands beside tasks, in a swarm", .serialized, .takingTurns, .timeLimit(.minutes(3)))
struct ExecIntegrationTests {
  private static func service(_ name: String = "web") -> ServiceSpec {
    ServiceSpec(name: name, image: "label", command: ["sleep", "1000"])
  }

  private static func text(_ node: SwarmNode, _ task: TaskID, _ script: String) async throws -> (code: Int32, text: String) {
    let text = Mutex("")
    let code = try await node.tasks.exec(task.description, ExecRequest(["/bin/sh", "-c", script])) { piece in
      switch piece {
      case .stdout(let bytes), .stderr(let bytes): text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
      }
    }
    return (code, text.withLock { $0 })
  }

  /// Two managers and a worker; the only task is on the worker.
  private static func withSwarm(
    _ body: @escaping @Sendable (_ leader: SwarmNode, _ follower: SwarmNode, _ worker: RunningNode, TaskID) async throws -> Void
  ) async throws {
    try await TestSwarm.run { swarm in
      let leader = swarm.node("m1", runtime: nil).node
      try await leader.initialize()
      let follower = swarm.node("m2", runtime: nil).node
      try await follower.join(leader.joinRequest(.manager))
      let worker = swarm.node("w1", runtime: ProcessRuntime(configuration: ProcessRuntimeConfiguration(hostname: "w1")))
      try await worker.node.join(leader.joinRequest(.worker))
      try await leader.services.create(Self.service())
      try await leader.waitForRunning(1)
      let task = try #require(try await leader.tasks.list().first { $0.status.state == .running })
      do {
        try await body(leader, follower, worker, task.id)
      } catch {
        try? await leader.services.remove("web")
        throw error
      }
      // Process tasks outlive a node that is cut off; they are to end with the test.
      try? await leader.services.remove("web")
      try? await leader.wait { $0.tasks().isEmpty || $0.nodes().contains { $0.status.state == .down } }
    }
  }

  @Test("through the leader and through another manager, a command runs in the task's surroundings on a worker")
  func runs() async throws {
    try await Self.withSwarm { leader, follower, _, task in
      for node in [leader, follower] {
        let result = try await Self.text(node, task, "echo $SWARM_TASK_ID; echo err >&2; exit 7")
        #expect(result.code == 7)
        #expect(result.text.contains("\(task)\n") && result.text.contains("err\n"))
      }
    }
  }

  @Test("a megabyte of input comes back through another manager, to a reader that is slow")
  func carriesInput() async throws {
    try await Self.withSwarm { _, follower, _, task in
      let piece = [UInt8](repeating: UInt8(ascii: "y"), count: 50_000)
      let input = AsyncThrowingStream<ExecInput, any Error> { stream in
        for _ in 0..<20 { stream.yield(.bytes(piece)) }
        stream.finish()
      }
      let count = Mutex(0)
      let request = ExecRequest(["cat"], takesInput: true)
      let code = try await follower.tasks.exec(task.description, request, input: input) { output in
        guard case .stdout(let bytes) = output else { return }
        await Task.yield()
        count.withLock { $0 += bytes.count }
      }
      #expect(code == 0)
      #expect(count.withLock { $0 } == 1_000_000)
    }
  }

  @Test("a caller who leaves ends the command")
  func callerLeaves() async throws {
    try await Self.withSwarm { leader, follower, _, task in
      for node in [leader, follower] {
        let (started, starter) = AsyncStream<Int32>.makeStream()
        let running = Task {
          try await node.tasks.exec(task.description, ExecRequest(["/bin/sh", "-c", "echo $$; exec sleep 1000"])) { piece in
            guard case .stdout(let bytes) = piece else { return }
            starter.yield(Int32(String(decoding: bytes, as: UTF8.self).dropLast()) ?? 0)
          }
        }
        var pids = started.makeAsyncIterator()
        let pid = try #require(await pids.next())
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        // Asked through the same way, which needs no knowledge of where the process is.
        while try await Self.text(node, task, "kill -0 \(pid)").code == 0 { await Task.yield() }
      }
    }
  }

  @Test("a caller who leaves ends a command that reads nothing, however much was to be sent to it")
  func callerOfDeafCommandLeaves() async throws {
    try await Self.withSwarm { leader, follower, _, task in
      for node in [leader, follower] {
        let (started, starter) = AsyncStream<Int32>.makeStream()
        let (full, filler) = AsyncStream<Never>.makeStream()
        let count = Mutex(0)
        // Without an end.
        let input = AsyncThrowingStream<ExecInput, any Error> {
          let number = count.withLock { count in
            count += 1
            return count
          }
          if number == 250 { filler.finish() }
          return .bytes([UInt8](repeating: 1, count: 32_768))
        }
        let running = Task {
          let request = ExecRequest(["/bin/sh", "-c", "echo $$; exec sleep 1000"], takesInput: true)
          return try await node.tasks.exec(task.description, request, input: input) { piece in
            guard case .stdout(let bytes) = piece else { return }
            starter.yield(Int32(String(decoding: bytes, as: UTF8.self).dropLast()) ?? 0)
          }
        }
        var pids = started.makeAsyncIterator()
        let pid = try #require(await pids.next())
        for await _ in full {}
        // Time for what would be sent to a node that doesn't say how much it takes.
        try await Task.sleep(for: .milliseconds(200))
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        while try await Self.text(node, task, "kill -0 \(pid)").code == 0 { await Task.yield() }
      }
    }
  }

  @Test("it ends when its task is stopped, and what doesn't run takes no commands")
  func taskEnds() async throws {
    try await Self.withSwarm { leader, follower, _, task in
      let (started, starter) = AsyncStream<Never>.makeStream()
      let running = Task {
        try await follower.tasks.exec(task.description, ExecRequest(["/bin/sh", "-c", "echo on; exec sleep 1000"])) { _ in
          starter.finish()
        }
      }
      for await _ in started {}
      let service = try await leader.services.get("web")
      var spec = service.spec
      spec.mode = .replicated(replicas: 0)
      _ = try await leader.services.update(service.id, version: service.meta.version.index, spec: spec)
      #expect(try await running.value == 137)
      try await leader.wait { $0.task(task).map { $0.status.state > .running } ?? true }
      let error = await #expect(throws: SwarmError.self) { try await Self.text(leader, task, "true") }
      #expect(error?.code == .failedPrecondition || error?.code == .notFound, "\(String(describing: error))")
    }
  }

  @Test("it ends when its node is lost")
  func nodeIsLost() async throws {
    try await Self.withSwarm { leader, _, worker, task in
      let (started, starter) = AsyncStream<Never>.makeStream()
      let running = Task {
        try await leader.tasks.exec(task.description, ExecRequest(["/bin/sh", "-c", "echo on; exec sleep 1000"])) { _ in
          starter.finish()
        }
      }
      for await _ in started {}
      await worker.kill()
      let error = await #expect(throws: SwarmError.self) { try await running.value }
      #expect(error?.code == .unavailable, "\(String(describing: error))")
    }
  }

  @Test("a runtime that can't do it says so")
  func unsupported() async throws {
    try await TestSwarm.run { swarm in
      let node = swarm.node("n1").node
      try await node.initialize()
      try await node.services.create(ServiceSpec(name: "web", image: "web"))
      try await node.waitForRunning(1)
      let task = try #require(try await node.tasks.list().first)
      let error = await #expect(throws: SwarmError.self) { try await Self.text(node, task.id, "true") }
      #expect(error?.code == .unimplemented)
      #expect(error?.message.contains("can't run commands") == true, "\(String(describing: error))")
      let unknown = await #expect(throws: SwarmError.self) { try await Self.text(node, TaskID(), "true") }
      #expect(unknown?.code == .notFound)
      await #expect(throws: SwarmError.self) {
        try await node.tasks.exec(task.id.description, ExecRequest([])) { _ in }
      }
    }
  }
}
