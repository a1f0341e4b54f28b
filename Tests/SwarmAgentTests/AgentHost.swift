// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Logging
internal import SwarmAgent
internal import SwarmControl
internal import SwarmModel

/// What an agent needs around it in a test: a directory, a clock, managers and a runtime.
struct AgentHost: Sendable {
  let directory: String
  let time = TestClock()
  let managers: ScriptedManagers
  let runtime: any ContainerRuntime
  var seeds = ["a"]

  static let nodeID: NodeID = makeID("n")

  /// Makes a host and deletes its directory afterwards.
  static func with<Runtime: ContainerRuntime>(
    _ managers: ScriptedManagers = ScriptedManagers(),
    _ runtime: Runtime,
    seeds: [String] = ["a"],
    _ body: (AgentHost, Runtime) async throws -> Void
  ) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "agent-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(AgentHost(directory: directory, managers: managers, runtime: runtime, seeds: seeds), runtime)
  }

  func agent(_ disposition: TaskDisposition = .leaveRunning) -> SwarmAgent {
    SwarmAgent(
      configuration: SwarmAgentConfiguration(
        nodeID: Self.nodeID,
        stateDirectory: self.directory,
        managers: self.seeds,
        onGracefulShutdown: disposition
      ),
      runtime: self.runtime,
      connector: self.managers,
      clock: self.time.clock,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    )
  }

  /// Runs an agent while `body` runs, then ends it as if the process were restarted.
  func running(_ body: (SwarmAgent) async throws -> Void) async throws {
    let agent = self.agent()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await agent.run() }
      try await body(agent)
      group.cancelAll()
      try await group.waitForAll()
    }
    self.managers.loseSession()
  }

  static func id(_ number: UInt64) -> TaskID { Self.makeID("t", number) }

  static func task(
    _ number: UInt64 = 1,
    desired: TaskState = .running,
    container: ContainerSpec = ContainerSpec(image: "web")
  ) -> SwarmTask {
    SwarmTask(
      id: Self.id(number),
      spec: TaskSpecBox(TaskSpec(runtime: .container(container))),
      serviceID: Self.makeID("s"),
      slot: number,
      nodeID: Self.nodeID,
      serviceAnnotations: Annotations(name: "web", labels: ["tier": "front", "zone": "b"]),
      status: TaskStatus(state: .assigned),
      desiredState: desired
    )
  }

  /// An id that is easy to recognise.
  static func makeID<Kind>(_ letter: Character, _ number: UInt64 = 0) -> Identifier<Kind> {
    let digits = String(number)
    return Identifier(String(letter) + String(repeating: "0", count: 24 - digits.count) + digits) ?? Identifier()
  }
}
