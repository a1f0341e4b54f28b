// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmControl
internal import SwarmModel
internal import Testing

@Suite("SwarmAgent: many tasks", .timeLimit(.minutes(1)))
struct SwarmAgentScaleTests {
  @Test("ten hollow agents in one process bring a thousand tasks to running")
  func thousandTasks() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<10 {
        group.addTask {
          try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
            try await host.running { _ in
              await host.managers.until { $0.heartbeats > 0 }
              host.managers.change { state in
                for number in 1...100 as ClosedRange<UInt64> { state.tasks[AgentHost.id(number)] = AgentHost.task(number) }
              }
              host.managers.loseSession()
              await host.managers.until { state in
                Set(state.reports.joined().filter { $0.status.state == .running }.map(\.task)).count == 100
              }
              #expect(runtime.runningTaskIDs.count == 100)
            }
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
