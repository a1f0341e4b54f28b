// SPDX-License-Identifier: Apache-2.0

import DockerRuntime
import SwarmAgent
import SwarmModel
import TestEngines
import TestTraits
import Testing

@Suite("containers that outlive their agent", .serialized, .takingTurns, .enabled(if: TestEngine.isThere, "\(TestEngine.reason)"))
struct AdoptionTests {
  @Test("a restarted agent finds what runs and hears its end")
  func running() async throws {
    try await TestNode.with { node in
      let task = try shellTask("trap 'exit 6' TERM; echo up; while :; do sleep 0.05; done")
      let first = try await node.controller(task)
      let status = try await first.launch()
      try await first.waitForLine("up")
      try await node.afterRestart { runtime in
        try await #expect(runtime.knownTasks() == [task.id])
        let second = try await node.controller(task, runtime)
        try await #expect(second.start() == status)
        async let exit = second.wait()
        try await second.shutdown(grace: .seconds(60))
        try await #expect(exit.exitCode == 6)
      }
    }
  }

  @Test("a restarted agent learns how ended what ended without it")
  func ended() async throws {
    try await TestNode.with { node in
      let task = try shellTask("exit 9")
      let first = try await node.controller(task)
      try await first.launch()
      let exit = try await first.wait()
      try await node.afterRestart { runtime in
        try await #expect(node.controller(task, runtime).wait() == exit)
      }
    }
  }

  @Test("strays are found by their labels, and only those are touched")
  func strays() async throws {
    try await TestNode.with { node in
      let foreign = "foreign-\(node.context.nodeID)"
      await node.engine.docker(
        "create --name \(foreign) --label com.docker.swarm.task.id=x --network none \(TestEngine.image) true"
      )
      let (one, two) = (try shellTask("sleep 1000", 1), try shellTask("true", 2))
      try await node.controller(one).launch()
      try await node.controller(two).prepare()
      try await node.afterRestart { runtime in
        try await #expect(runtime.knownTasks() == [one.id, two.id])
        try await runtime.discard(one.id)
        try await runtime.discard(one.id)
        try await #expect(runtime.knownTasks() == [two.id])
      }
      #expect(await node.engine.docker("ps -aq --filter name=\(node.name(of: one))").output == "")
      #expect(await node.engine.docker("rm \(foreign)").output == foreign)
    }
  }

  @Test("what a node left behind that had the directory before is removed")
  func predecessor() async throws {
    try await TestNode.with { node in
      let (old, own) = (try shellTask("sleep 1000", 1), try shellTask("sleep 1000", 2))
      try await node.controller(old) { $0.nodeID = NodeID() }.launch()
      try await node.controller(own).launch()
      try await node.afterRestart { runtime in
        try await #expect(runtime.knownTasks() == [own.id])
      }
      #expect(await node.engine.docker("ps -aq --filter name=\(node.name(of: old))").output == "")
    }
  }

  @Test("a container of the task's name that isn't the task's is left alone")
  func foreignName() async throws {
    try await TestNode.with { node in
      let task = try shellTask("true")
      await node.engine.docker("create --name \(node.name(of: task)) --network none \(TestEngine.image) true")
      let controller = try await node.controller(task)
      await #expect(failure { try await controller.prepare() }?.code == .exists)
      await #expect(failure { try await controller.remove() }?.code == .exists)
      #expect(await node.engine.docker("rm \(node.name(of: task))").code == 0)
    }
  }
}
