// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmControl
internal import SwarmModel
internal import Synchronization
internal import Testing

@Suite("SwarmAgent: sessions", .timeLimit(.minutes(1)))
struct SwarmAgentSessionTests {
  let id = AgentHost.id(1)

  @Test("a lost session is resumed by its id, and all statuses are reported again")
  func resume() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, _ in
      try await host.running { _ in
        host.managers.assign(AgentHost.task())
        await host.managers.until(self.id, is: .running)
        let session = host.managers.now.sessionID
        host.managers.change { $0.reports = [] }
        host.managers.loseSession()
        await host.managers.until(self.id, is: .running)
        #expect(host.managers.now.requests.map(\.sessionID) == [nil, session])
      }
    }
  }

  @Test("when the leader dies the agent finds the next one among the managers it learned of")
  func failover() async throws {
    try await AgentHost.with(ScriptedManagers(leader: "a", others: ["b", "c"]), InMemoryRuntime()) { host, runtime in
      try await host.running { _ in
        host.managers.assign(AgentHost.task())
        await host.managers.until(self.id, is: .running)
        host.managers.change {
          $0.reachable = ["b", "c"]
          $0.leader = "c"
          $0.reports = []
        }
        host.managers.loseSession(SwarmError(code: .unavailable, message: "the connection is closed"))
        await host.managers.until(self.id, is: .running)
        #expect(host.managers.now.attempts == ["a", "a", "b", "c"])
        #expect(runtime.startCount(of: self.id) == 1)
      }
    }
  }

  @Test("a follower's hint is followed at once")
  func hint() async throws {
    let managers = ScriptedManagers(leader: "z", others: ["a", "b"])
    try await AgentHost.with(managers, InMemoryRuntime(), seeds: ["a", "b"]) { host, _ in
      try await host.running { _ in
        await managers.until { $0.heartbeats > 0 }
        #expect(managers.now.attempts == ["a", "z"])
        #expect(host.time.now == .zero)
      }
    }
  }

  @Test("without a leader the agent asks again and again, at growing distances")
  func noLeader() async throws {
    let managers = ScriptedManagers(leader: nil, others: ["a"])
    try await AgentHost.with(managers, InMemoryRuntime()) { host, _ in
      try await host.running { _ in
        await managers.until { $0.attempts.count == 5 }
        // Each pause is half of that at least.
        #expect((.milliseconds(375)...(.milliseconds(50 + 100 + 200 + 400))).contains(host.time.now))
        managers.change { $0.leader = "a" }
        await managers.until { $0.heartbeats > 0 }
      }
    }
  }

  @Test("a gap in the assignments ends the session, and the next one begins with all of them")
  func gap() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, _ in
      try await host.running { _ in
        host.managers.assign(AgentHost.task(1))
        await host.managers.until(self.id, is: .running)
        host.managers.skipMessage()
        host.managers.assign(AgentHost.task(2))
        await host.managers.until(AgentHost.id(2), is: .running)
        #expect(host.managers.now.requests.count == 2)
      }
    }
  }

  @Test("a report that fails is made again with the next session")
  func failedReport() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, _ in
      host.managers.change { $0.reportFailures = 1 }
      try await host.running { _ in
        host.managers.assign(AgentHost.task())
        await host.managers.until(self.id, is: .running)
        #expect(host.managers.now.requests.count == 2)
      }
    }
  }

  @Test("heartbeats follow the manager's period")
  func heartbeats() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, _ in
      try await host.running { _ in
        await host.managers.until { $0.heartbeats == 1 }
        for count in 2...4 {
          await host.time.untilSleeping(.seconds(7))
          host.time.advance(by: .seconds(7))
          await host.managers.until { $0.heartbeats == count }
        }
      }
    }
  }

  @Test("a node that changes registers again")
  func changedNode() async throws {
    final class Growing: ContainerRuntime {
      let base = InMemoryRuntime()
      let description = Mutex(InMemoryRuntime.defaultDescription)
      func describe() async throws -> RuntimeDescription { self.description.withLock { $0 } }
      func controller(for task: SwarmTask, context: TaskContext) async throws -> any TaskController {
        try await self.base.controller(for: task, context: context)
      }
    }
    try await AgentHost.with(ScriptedManagers(), Growing()) { host, runtime in
      try await host.running { _ in
        await host.managers.until { $0.heartbeats == 1 }
        await host.time.untilSleeping(.seconds(20))
        runtime.description.withLock { $0.resources.nanoCPUs = 64_000_000_000 }
        host.time.advance(by: .seconds(20))
        await host.managers.until { $0.requests.count == 2 }
        let request = host.managers.now.requests.last
        #expect(request?.description.resources?.nanoCPUs == 64_000_000_000)
        #expect(request?.sessionID == nil)
      }
    }
  }

  @Test("a manager that takes a session and then says nothing is given up")
  func silence() async throws {
    let managers = ScriptedManagers(leader: "b", others: ["a"])
    managers.change { $0.silent = ["a"] }
    try await AgentHost.with(managers, InMemoryRuntime(), seeds: ["a", "b"]) { host, _ in
      try await host.running { _ in
        await host.time.untilSleeping(.seconds(5))
        host.time.advance(by: .seconds(5))
        await managers.until { $0.heartbeats > 0 }
      }
    }
  }
}
