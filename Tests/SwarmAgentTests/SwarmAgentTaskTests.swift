// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel
internal import Testing

@Suite("SwarmAgent: tasks", .timeLimit(.minutes(1)))
struct SwarmAgentTaskTests {
  let id = AgentHost.id(1)

  @Test("an assigned task runs and is reported")
  func run() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
      try await host.running { _ in
        host.managers.assign(AgentHost.task())
        await host.managers.until(self.id, is: .running)
        #expect(runtime.runningTaskIDs == [self.id])
      }
    }
  }

  @Test("a task that ends is reported with its exit code")
  func exit() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
      try await host.running { _ in
        host.managers.assign(AgentHost.task())
        await host.managers.until(self.id, is: .running)
        runtime.end(self.id, code: 3)
        await host.managers.until(self.id, is: .failed)
        let status = host.managers.now.status(self.id)
        #expect(status?.err == "task: non-zero exit (3)")
        #expect(status?.container?.exitCode == 3)
      }
    }
  }

  @Test("a task is shut down when asked, and removed when forgotten")
  func shutdownAndRemove() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
      try await host.running { _ in
        host.managers.assign(AgentHost.task(1), AgentHost.task(2))
        await host.managers.until(AgentHost.id(1), is: .running)
        await host.managers.until(AgentHost.id(2), is: .running)
        host.managers.assign(AgentHost.task(1, desired: .shutdown))
        await host.managers.until(AgentHost.id(1), is: .shutdown)
        #expect(runtime.taskIDs == [AgentHost.id(1), AgentHost.id(2)])
        host.managers.remove(AgentHost.id(1))
        while runtime.taskIDs.contains(AgentHost.id(1)) { await Task.yield() }
        #expect(runtime.runningTaskIDs == [AgentHost.id(2)])
      }
    }
  }

  @Test("a task that can't be prepared is rejected with the runtime's words")
  func rejected() async throws {
    let runtime = InMemoryRuntime { _ in
      .init(prepareError: RuntimeError(code: .notFound, message: "No such image: web"))
    }
    try await AgentHost.with(ScriptedManagers(), runtime) { host, _ in
      try await host.running { _ in
        host.managers.assign(AgentHost.task())
        await host.managers.until(self.id, is: .rejected)
        #expect(host.managers.now.status(self.id)?.err == "No such image: web")
      }
    }
  }

  @Test("statuses that come together are reported together")
  func coalesced() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, _ in
      for number in 1...100 as ClosedRange<UInt64> { host.managers.assign(AgentHost.task(number)) }
      try await host.running { _ in
        await host.managers.until { state in (1...100).allSatisfy { state.status(AgentHost.id($0))?.state == .running } }
        #expect(host.managers.now.reports.count < 50)
      }
    }
  }

  @Test("a graceful shutdown that stops tasks ends its session, and ends itself when all have ended and that is told")
  func stopTasks() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
      let agent = host.agent()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await agent.run() }
        host.managers.assign(AgentHost.task(1), AgentHost.task(2))
        await host.managers.until(AgentHost.id(1), is: .running)
        await host.managers.until(AgentHost.id(2), is: .running)
        agent.shutdown(.stopTasks)
        try await group.waitForAll()
      }
      #expect(runtime.runningTaskIDs.isEmpty)
      #expect(runtime.taskIDs.count == 2)
      let managers = host.managers.now
      for number in 1...2 as ClosedRange<UInt64> { #expect(managers.status(AgentHost.id(number))?.state == .shutdown) }
      #expect(managers.reportsInSession.map { $0 < managers.reports.count } == true, "the session ended first")
      #expect(managers.requests.count == 1, "and there was no other")
    }
  }

  @Test("a graceful shutdown ends although the manager takes no reports any more")
  func stopUnheard() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
      let agent = host.agent()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await agent.run() }
        host.managers.assign(AgentHost.task(1))
        await host.managers.until(AgentHost.id(1), is: .running)
        host.managers.change { $0.reportFailures = .max }
        agent.shutdown(.stopTasks)
        try await group.waitForAll()
      }
      #expect(runtime.runningTaskIDs.isEmpty)
    }
  }

  @Test("an agent whose runtime gives up ends with the runtime's error")
  func runtimeFails() async throws {
    struct Broken: ContainerRuntime {
      func describe() async throws -> RuntimeDescription { InMemoryRuntime.defaultDescription }
      func run() async throws { throw RuntimeError(code: .internalError, message: "the lease is lost") }
      func controller(for task: SwarmTask, context: TaskContext) async throws -> any TaskController {
        throw RuntimeError(code: .internalError, message: "unused")
      }
    }
    try await AgentHost.with(ScriptedManagers(), Broken()) { host, _ in
      await #expect(throws: RuntimeError(code: .internalError, message: "the lease is lost")) {
        try await host.agent().run()
      }
    }
  }
}
