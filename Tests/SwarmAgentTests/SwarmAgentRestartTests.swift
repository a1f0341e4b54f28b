// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SwarmAgent
internal import SwarmModel
internal import Testing

@Suite("SwarmAgent: restarts", .timeLimit(.minutes(1)))
struct SwarmAgentRestartTests {
  let id = AgentHost.id(1)

  @Test("a restarted agent adopts what runs and starts nothing twice")
  func adoption() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
      host.managers.assign(AgentHost.task())
      try await host.running { _ in await host.managers.until(self.id, is: .running) }
      #expect(runtime.runningTaskIDs == [self.id])
      host.managers.change { $0.reports = [] }
      try await host.running { _ in
        await host.managers.until(self.id, is: .running)
        host.managers.assign(AgentHost.task(desired: .shutdown))
        await host.managers.until(self.id, is: .shutdown)
      }
      #expect(runtime.startCount(of: self.id) == 1)
    }
  }

  @Test("what ended while no agent was there is reported as it ended")
  func endedMeanwhile() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
      host.managers.assign(AgentHost.task())
      try await host.running { _ in await host.managers.until(self.id, is: .running) }
      runtime.end(self.id, code: 4)
      try await host.running { _ in
        await host.managers.until(self.id, is: .failed)
        #expect(host.managers.now.status(self.id)?.err == "task: non-zero exit (4)")
      }
    }
  }

  @Test("what managers forgot while no agent was there is ended and removed")
  func forgotten() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
      host.managers.assign(AgentHost.task())
      try await host.running { _ in await host.managers.until(self.id, is: .running) }
      host.managers.remove(self.id)
      host.managers.assign(AgentHost.task(2))
      try await host.running { _ in
        await host.managers.until(AgentHost.id(2), is: .running)
        while runtime.taskIDs.contains(self.id) { await Task.yield() }
      }
      #expect(runtime.runningTaskIDs == [AgentHost.id(2)])
    }
  }

  @Test("what a runtime holds and no agent has a record of is discarded before anything else")
  func unknown() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
      let context = TaskContext(nodeID: AgentHost.nodeID, nodeHostname: "", platform: Platform(), taskName: "", directory: "")
      _ = try await runtime.controller(for: AgentHost.task(9), context: context).start()
      try await host.running { _ in await host.managers.until { $0.heartbeats > 0 } }
      #expect(runtime.taskIDs.isEmpty)
    }
  }

  @Test("records are private, one file per task, and a damaged one is put aside")
  func files() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, _ in
      host.managers.assign(AgentHost.task())
      try await host.running { _ in await host.managers.until(self.id, is: .running) }
      let file = "\(host.directory)/tasks/\(self.id)"
      let manager = FileManager.default
      let names = try manager.contentsOfDirectory(atPath: "\(host.directory)/tasks")
      #expect(names == ["\(self.id)"])
      #expect(try manager.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
      #expect(try manager.attributesOfItem(atPath: host.directory)[.posixPermissions] as? Int == 0o700)
      try Data([1, 200, 0, 0, 0, 7]).write(to: URL(filePath: file))
      host.managers.change { $0.reports = [] }
      try await host.running { _ in await host.managers.until(self.id, is: .running) }
      let afterwards = try manager.contentsOfDirectory(atPath: "\(host.directory)/tasks").sorted()
      #expect(afterwards == [".damaged-\(self.id)", "\(self.id)"])
    }
  }

  @Test("a record that a dying agent cut short counts for nothing, and the next ones count again")
  func cutShort() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, runtime in
      host.managers.assign(AgentHost.task())
      try await host.running { _ in await host.managers.until(self.id, is: .running) }
      let file = URL(filePath: "\(host.directory)/tasks/\(self.id)")
      try (Data(contentsOf: file) + [1, 200, 0]).write(to: file)
      runtime.end(self.id, code: 5)
      try await host.running { _ in await host.managers.until(self.id, is: .failed) }
      host.managers.change { $0.reports = [] }
      try await host.running { _ in
        await host.managers.until(self.id, is: .failed)
        #expect(host.managers.now.status(self.id)?.err == "task: non-zero exit (5)")
      }
    }
  }

  @Test("an agent doesn't touch a directory that a newer version wrote")
  func newerFormat() async throws {
    try await AgentHost.with(ScriptedManagers(), InMemoryRuntime()) { host, _ in
      host.managers.assign(AgentHost.task())
      try await host.running { _ in await host.managers.until(self.id, is: .running) }
      let file = URL(filePath: "\(host.directory)/tasks/\(self.id)")
      var bytes = try Data(contentsOf: file)
      bytes[0] = 2
      try bytes.write(to: file)
      await #expect {
        try await host.agent().run()
      } throws: {
        ($0 as? SwarmError)?.code == .unsupportedFormat
      }
    }
  }
}
