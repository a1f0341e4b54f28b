// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import Synchronization
import TestTraits
import Testing

@Suite("Logs of a swarm", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct LogIntegrationTests {
  /// Lines that tasks write when a test says so.
  private final class Script: Sendable {
    private let state = Mutex<[AsyncStream<String>.Continuation]>([])

    var runtime: ClosureRuntime {
      ClosureRuntime(images: [
        "talker": { task in
          task.print("hello")
          task.print("oops", to: .stderr)
          for await line in self.lines() { task.print(line) }
          try Task.checkCancellation()
        },
        "counter": { task in for number in 1...1_000 { task.print("\(number) \(String(repeating: "x", count: 1_000))") } },
      ])
    }

    private func lines() -> AsyncStream<String> {
      let (stream, continuation) = AsyncStream<String>.makeStream()
      self.state.withLock { $0.append(continuation) }
      return stream
    }

    /// Every task writes this.
    func say(_ line: String) { for task in self.state.withLock({ $0 }) { task.yield(line) } }
  }

  private static func service(_ name: String, _ image: String = "talker", _ replicas: UInt64 = 1) -> ServiceSpec {
    var spec = ServiceSpec(name: name, image: image, replicas: replicas)
    if image == "counter" { spec.task.restart = RestartPolicy(condition: .none) }
    return spec
  }

  private static func all(_ logs: SwarmLogs) async throws -> [TaskLogLine] {
    var lines: [TaskLogLine] = []
    for try await line in logs { lines.append(line) }
    return lines
  }

  @Test("lines come with node, task, stream and time, and options choose among them")
  func options() async throws {
    let script = Script()
    try await TestSwarm.run { swarm in
      let node = swarm.node("n1", runtime: script.runtime).node
      let id = try await node.initialize()
      let service = try await node.services.create(Self.service("web")).id
      try await node.waitForRunning(1)
      script.say("last")
      // The line is written when a reader that follows has it.
      for try await line in try await node.logs(of: .service("web"), LogOptions(follow: true)) where line.text == "last" { break }

      let lines = try await Self.all(try await node.logs(of: .service("web")))
      #expect(lines.map(\.text) == ["hello", "oops", "last"])
      #expect(lines.map(\.stream) == [.stdout, .stderr, .stdout])
      let task = try #require(try await node.tasks.list().first)
      #expect(lines.allSatisfy { $0.node == id && $0.task == task.id && $0.service == service })
      #expect(lines.map(\.timestamp) == lines.map(\.timestamp).sorted())

      let tail = try await Self.all(try await node.logs(of: .task(task.id.description), LogOptions(tail: 1)))
      #expect(tail.map(\.text) == ["last"])
      #expect(try await Self.all(try await node.logs(of: .service("web"), LogOptions(tail: 0))).isEmpty)
      let errors = try await Self.all(try await node.logs(of: .service("web"), LogOptions(streams: [.stderr])))
      #expect(errors.map(\.text) == ["oops"])
      let since = try await Self.all(try await node.logs(of: .service("web"), LogOptions(since: lines[2].timestamp)))
      #expect(since.map(\.text) == ["last"])
      let error = await #expect(throws: SwarmError.self) { try await node.logs(of: .service("nope")) }
      #expect(error?.code == .notFound)
    }
  }

  @Test("a megabyte comes whole through a reader that is slow, and a task's lines stay after its end")
  func backpressure() async throws {
    let script = Script()
    try await TestSwarm.run { swarm in
      let node = swarm.node("n1", runtime: script.runtime).node
      try await node.initialize()
      try await node.services.create(Self.service("numbers", "counter"))
      try await node.wait { $0.tasks().first?.status.state == .complete }
      var expected = 1
      for try await line in try await node.logs(of: .service("numbers")) {
        #expect(line.text.hasPrefix("\(expected) "))
        expected += 1
        await Task.yield()
      }
      #expect(expected == 1_001)
    }
  }

  @Test("a follower passes subscriptions on, tasks that come later are followed, and so is the next leader")
  func follows() async throws {
    let script = Script()
    try await TestSwarm.run { swarm in
      let names = ["n1", "n2", "n3"]
      let nodes = names.map { swarm.node($0, runtime: script.runtime) }
      try await nodes[0].node.initialize()
      for node in nodes[1...] { try await node.node.join(nodes[0].node.joinRequest(.manager)) }
      try await nodes[0].node.services.create(Self.service("web"))
      try await nodes[0].node.waitForRunning(1)
      let reader = try #require(nodes.first { !$0.node.local.isLeader }).node
      var lines = try await reader.logs(of: .service("web"), LogOptions(follow: true)).makeAsyncIterator()
      #expect(try await lines.next()?.text == "hello")
      #expect(try await lines.next()?.text == "oops")

      let service = try await reader.services.get("web")
      var spec = service.spec
      spec.mode = .replicated(replicas: 3)
      _ = try await reader.services.update(service.id, version: service.meta.version.index, spec: spec)
      var tasks: Set<TaskID> = []
      while tasks.count < 2 {
        let line = try #require(try await lines.next())
        if line.text == "hello" { tasks.insert(line.task) }
      }

      let leader = try #require(nodes.first { $0.node.local.isLeader })
      await leader.kill()
      try await reader.wait { store in
        store.tasks().count { $0.status.state == .running && $0.desiredState == .running } == 3
          && store.nodes().contains { $0.status.state == .down }
      }
      script.say("after the change")
      while let line = try await lines.next() {
        if line.text == "after the change" { return }
      }
      Issue.record("the lines ended")
    }
  }

  @Test("a runtime without logs says so, and a node that is gone is missed")
  func missing() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil).node
      try await manager.initialize()
      let worker = swarm.node("w1")
      try await worker.node.join(manager.joinRequest(.worker))
      try await manager.services.create(Self.service("web"))
      try await manager.waitForRunning(1)
      let lines = try await Self.all(try await manager.logs(of: .service("web")))
      #expect(lines.map(\.text) == ["[swarm] no logs of this task: this runtime keeps no logs"])

      let lost = try #require(worker.node.local.nodeID)
      await worker.kill()
      try await manager.wait { $0.node(lost)?.status.state == .down }
      let error = await #expect(throws: SwarmError.self) { try await Self.all(try await manager.logs(of: .service("web"))) }
      #expect(error?.code == .dataLoss)
      #expect(error?.message.contains("node \(lost) is not available") == true, "\(String(describing: error))")
    }
  }

  @Test("a reader that goes away ends the subscription on the worker's side, and the next one starts from the beginning")
  func readerLeaves() async throws {
    let script = Script()
    try await TestSwarm.run { swarm in
      let node = swarm.node("n1", runtime: script.runtime).node
      try await node.initialize()
      try await node.services.create(Self.service("web"))
      try await node.waitForRunning(1)
      for _ in 0..<20 {
        for try await line in try await node.logs(of: .service("web"), LogOptions(follow: true)) {
          #expect(line.text == "hello")
          break
        }
      }
      #expect(try await Self.all(try await node.logs(of: .service("web"))).count == 2)
    }
  }
}
