// SPDX-License-Identifier: Apache-2.0

import DockerRuntime
import SwarmAgent
import SwarmModel
import TestEngines
import TestTraits
import Testing

@Suite(
  "tasks as containers of a real engine",
  .serialized,
  .takingTurns,
  .enabled(if: TestEngine.isThere, "\(TestEngine.reason)")
)
struct LifeTests {
  @Test("a task runs to its end, and its exit code and output are known until it is removed")
  func completes() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(try shellTask("echo out; echo err >&2; exit 3"))
      let status = try await controller.launch()
      #expect(status.containerID.count == 64)
      let exit = try await controller.wait()
      #expect(exit.exitCode == 3)
      #expect(exit.exitedAt > .zero)
      #expect(!exit.oomKilled)
      try await #expect(controller.wait() == exit)
      try await #expect(controller.output().sorted() == ["1:out\n", "2:err\n"])
      try await controller.remove()
      await #expect(failure { _ = try await controller.wait() }?.code == .notFound)
      try await controller.remove()
    }
  }

  @Test("a running task has a process, and starting it again starts nothing")
  func startsOnce() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(try shellTask("sleep 1000"))
      let first = try await controller.launch()
      #expect(first.pid > 0)
      try await controller.prepare()
      try await #expect(controller.start() == first)
      try await controller.terminate()
      try await #expect(controller.wait().exitCode == 137)
      try await #expect(controller.start().exitCode == 137)
      try await #expect(controller.wait().exitCode == 137)
    }
  }

  @Test("a task is asked to stop with its own signal, and killed when its time is over")
  func stops() async throws {
    try await TestNode.with { node in
      let polite = try await node.controller(
        try shellTask(
          "trap 'exit 5' INT; trap '' TERM; echo up; while :; do sleep 0.05; done",
          1,
          spec: { $0.stopSignal = "SIGINT" }
        )
      )
      try await polite.launch()
      try await polite.waitForLine("up")
      try await polite.shutdown(grace: .seconds(60))
      try await #expect(polite.wait().exitCode == 5)
      try await polite.shutdown(grace: .zero)

      let stubborn = try await node.controller(try shellTask("trap '' TERM; echo up; while :; do sleep 0.05; done", 2))
      try await stubborn.launch()
      try await stubborn.waitForLine("up")
      try await stubborn.shutdown(grace: .milliseconds(50))
      try await #expect(stubborn.wait().exitCode == 137)
    }
  }

  @Test("a task that was shut down before its start is never started")
  func neverStarted() async throws {
    try await TestNode.with { node in
      let task = try shellTask("sleep 1000")
      let controller = try await node.controller(task)
      try await controller.prepare()
      try await controller.shutdown(grace: .seconds(10))
      await #expect(failure { _ = try await controller.start() }?.code == .invalidState)
      try await controller.terminate()
      try await controller.remove()
    }
  }

  @Test("what a cancelled wait waits for goes on")
  func cancelledWait() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(try shellTask("sleep 1000"))
      try await controller.launch()
      let wait = Task { try await controller.wait() }
      wait.cancel()
      await #expect(throws: CancellationError.self) { try await wait.value }
      #expect(await node.inspect(try shellTask(""), "{{.State.Running}}") == "true")
    }
  }

  @Test("a preparation that is cancelled at any moment leaves nothing that a removal doesn't find")
  func cancelledPreparation() async throws {
    try await TestNode.with { node in
      for number in 1...20 {
        let controller = try await node.controller(try shellTask("true", number))
        let preparation = Task { try await controller.prepare() }
        // Each time a little later.
        for _ in 0..<number { _ = try await node.runtime.describe() }
        preparation.cancel()
        _ = await preparation.result
        try await controller.shutdown(grace: .zero)
        try await controller.remove()
      }
      try await #expect(node.runtime.knownTasks().isEmpty)
    }
  }

  @Test("an image that isn't there is named")
  func missingImage() async throws {
    for policy in PullPolicy.allCases {
      try await TestNode.with({ $0.pullPolicy = policy }) { node in
        let controller = try await node.controller(try shellTask("true", 1, spec: { $0.image = "127.0.0.1:1/nope:1" }))
        let error = await failure { try await controller.prepare() }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("127.0.0.1:1/nope:1") ?? false, "\(String(describing: error))")
      }
    }
  }

  @Test("what is there serves when the registry can't be asked")
  func unreachableRegistry() async throws {
    try await TestNode.with({ $0.pullPolicy = .always }) { node in
      await node.engine.docker("tag \(TestEngine.image) 127.0.0.1:1/local:1")
      let controller = try await node.controller(try shellTask("exit 4", 1, spec: { $0.image = "127.0.0.1:1/local:1" }))
      try await controller.launch()
      try await #expect(controller.wait().exitCode == 4)
    }
  }

  @Test("a command that isn't there fails the start, with the engine's words")
  func missingCommand() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(try shellTask("", 1, spec: { $0.command = ["/nope"] }))
      try await controller.prepare()
      let error = await failure { _ = try await controller.start() }
      #expect(error?.message.contains("/nope") ?? false, "\(String(describing: error))")
      #expect(!(error?.isTemporary ?? true))
      try await controller.terminate()
    }
  }

  @Test("a task that uses more memory than it may says so")
  func outOfMemory() async throws {
    try await TestNode.with { node in
      let task = try shellTask(
        "head -c 64000000 /dev/zero | tail > /dev/null; echo survived",
        template: { $0.resources = ResourceRequirements(limits: Resources(memoryBytes: 8 << 20)) }
      )
      let controller = try await node.controller(task)
      try await controller.launch()
      _ = try await controller.wait()
      #expect(await node.inspect(task, "{{.HostConfig.Memory}}") == "8388608")
    }
  }

  @Test("a task with a health check runs when it is healthy, and fails when it no longer is")
  func health() async throws {
    try await TestNode.with { node in
      let check = HealthConfig(
        test: ["CMD-SHELL", "test -f /tmp/ok"],
        interval: .milliseconds(50),
        timeout: .seconds(30),
        retries: 1,
        startPeriod: .seconds(60)
      )
      let task = try shellTask("sleep 0.3; touch /tmp/ok; echo ok; sleep 1000", spec: { $0.healthcheck = check })
      let controller = try await node.controller(task)
      try await controller.launch()
      try await #expect(controller.output().contains("1:ok\n"))
      await node.engine.docker("exec \(node.name(of: task)) rm /tmp/ok")
      let error = await failure { _ = try await controller.wait() }
      #expect(error?.message == "unhealthy container")

      let never = try await node.controller(
        try shellTask(
          "sleep 1000",
          2,
          spec: { $0.healthcheck = HealthConfig(test: check.test, interval: check.interval, retries: 2) }
        )
      )
      await #expect(failure { _ = try await never.launch() }?.message == "unhealthy container")
    }
  }

  @Test("the engine describes its machine")
  func description() async throws {
    try await TestNode.with({ $0.hostname = "given" }) { node in
      let description = try await node.runtime.describe()
      #expect(description.hostname == "given")
      #expect(description.platform.os == "linux")
      #expect(description.resources.nanoCPUs >= 1_000_000_000)
      #expect(description.resources.memoryBytes > 1 << 28)
      #expect(!description.engineVersion.isEmpty)
      #expect(description.plugins.contains(PluginDescription(type: "Log", name: "json-file")))
    }
  }

  @Test("an engine that isn't there is temporary trouble, and a wrong configuration isn't")
  func unreachable() async throws {
    let context = NodeContext(nodeID: NodeID(), directory: "/nonexistent")
    let nobody = DockerRuntime(configuration: DockerRuntimeConfiguration(socketPath: "/nonexistent/docker.sock"))
    await #expect(failure { try await nobody.open(context) }?.isTemporary ?? false)
    await #expect(failure { _ = try await nobody.describe() }?.code == .invalidState)
    let relative = DockerRuntime(configuration: DockerRuntimeConfiguration(socketPath: "docker.sock"))
    await #expect(failure { try await relative.open(context) }?.code == .invalidArgument)
  }
}
