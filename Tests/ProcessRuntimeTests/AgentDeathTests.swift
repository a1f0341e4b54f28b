// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import ProcessRuntime
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

/// Real agents: this program once more, with nothing but the first test.
@Suite("Death of an agent", .takingTurns)
struct AgentDeathTests {
  /// Names the directory for the agent; set in the child only.
  private static let variable = "SWIFT_SWARM_TEST_AGENT"

  @Test(
    "(child) an agent that starts a task and waits to be killed",
    .enabled(if: ProcessInfo.processInfo.environment[variable] != nil)
  )
  func childThatWaitsToBeKilled() async throws {
    let directory = try #require(ProcessInfo.processInfo.environment[Self.variable])
    let node = try TestNode(configuration: .init(lease: .seconds(3)), directory: directory)
    try await node.runtime.open(node.context)
    let task = try await node.controller(shellTask(script))
    try await task.launch()
    try await task.waitForLine("ready")
    FileHandle.standardOutput.write(Data("ready\n".utf8))
    _ = try await task.wait()
  }

  private let script = "trap '' HUP INT TERM; sleep 1000 & echo ready; trap 'exit 8' USR1; wait"

  @Test("a task survives SIGKILL of its agent and is adopted by the next one")
  func adopted() async throws {
    try await TestNode.with(.init(lease: .seconds(3))) { node in
      try await self.killAgent(of: node)
      try await node.runtime.open(node.context)
      let spec = try shellTask(self.script) { $0.stopSignal = "USR1" }
      let task = try await node.controller(spec)
      #expect(try await task.start().pid == node.record(spec).task.pid)
      try await task.shutdown(grace: .seconds(60))
      #expect(try await task.wait().exitCode == 8)
      #expect(try await task.output(LogOptions(streams: [.stdout])) == ["1:ready\n"])
    }
  }

  @Test("without a next agent a task outlives SIGKILL by the lease and no longer")
  func orphaned() async throws {
    try await TestNode.with(.init(lease: .seconds(3))) { node in
      try await self.killAgent(of: node)
      let spec = try shellTask(self.script)
      let record = try node.record(spec)
      #expect(isAlive(record.task.pid))
      await waitForEnd(record.shim.pid)
      #expect(node.leftovers() == [])
      try await node.runtime.open(node.context)
      #expect(try await node.controller(spec).wait().signal == 9)
    }
  }

  /// Runs an agent in a process of its own until its task is up, and kills it.
  private func killAgent(of node: TestNode) async throws {
    await node.runtime.close()
    let agent = Process()
    agent.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    agent.arguments = ["--testing-library", "swift-testing", "--filter", "childThatWaitsToBeKilled"]
    agent.environment = ProcessInfo.processInfo.environment.merging([Self.variable: node.context.directory]) { $1 }
    let output = Pipe()
    agent.standardOutput = output
    agent.standardError = FileHandle.nullDevice
    try agent.run()
    let isReady = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        var text = Data()
        while true {
          let more = output.fileHandleForReading.availableData
          text += more
          if text.range(of: Data("ready\n".utf8)) != nil { return continuation.resume(returning: true) }
          if more.isEmpty { return continuation.resume(returning: false) }
        }
      }
    }
    #expect(isReady)
    #expect(kill(agent.processIdentifier, SIGKILL) == 0)
    agent.waitUntilExit()
  }
}
