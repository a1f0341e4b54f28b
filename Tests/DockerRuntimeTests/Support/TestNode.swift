// SPDX-License-Identifier: Apache-2.0

import DockerRuntime
import Foundation
import Logging
import SwarmAgent
import SwarmModel
import Synchronization
import TestEngines
import Testing

/// A node with an id of its own on the engine, and a look at what it leaves behind.
final class TestNode: Sendable {
  let engine: TestEngine
  let context: NodeContext
  let secretsDirectory: String
  let runtime: DockerRuntime
  private static let counter = Mutex(0)

  init(_ change: (inout DockerRuntimeConfiguration) -> Void) throws {
    self.engine = try TestEngine.shared.get()
    let number = Self.counter.withLock { counter in
      counter += 1
      return counter
    }
    let id = try #require(NodeID(padded("node\(getpid())x\(number)x")))
    self.context = NodeContext(nodeID: id, directory: "\(NSTemporaryDirectory())swarm-docker-tests-\(id)")
    self.secretsDirectory = "/dev/shm/swift-swarm-tests-\(id)"
    var configuration = DockerRuntimeConfiguration(
      socketPath: self.engine.socketPath,
      pullPolicy: .missing,
      defaultNetwork: "none",
      secretsDirectory: self.secretsDirectory
    )
    change(&configuration)
    self.runtime = Self.runtime(configuration)
    self.configuration = configuration
    try FileManager.default.createDirectory(atPath: self.context.directory, withIntermediateDirectories: true)
  }

  private let configuration: DockerRuntimeConfiguration

  private static func runtime(_ configuration: DockerRuntimeConfiguration) -> DockerRuntime {
    DockerRuntime(configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Runs `body` with another runtime of the same node, as after a restart of the agent.
  func afterRestart<Value: Sendable>(_ body: @escaping @Sendable (DockerRuntime) async throws -> Value) async throws -> Value {
    try await Self.withOpen(Self.runtime(self.configuration), self.context, body)
  }

  /// Runs a test on a node and checks afterwards that nothing of it is left.
  static func with(
    _ change: (inout DockerRuntimeConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (TestNode) async throws -> Void
  ) async throws {
    let node = try TestNode(change)
    var failure: (any Error)?
    do {
      try await self.withOpen(node.runtime, node.context) { _ in try await body(node) }
    } catch {
      failure = error
    }
    try await node.afterRestart { runtime in
      for task in try await runtime.knownTasks() { try await runtime.discard(task) }
      #expect(try await runtime.knownTasks().isEmpty)
    }
    #expect(await node.engine.docker("ps -aq --filter label=swift-swarm.node.id=\(node.context.nodeID)").output == "")
    try? FileManager.default.removeItem(atPath: node.context.directory)
    try? FileManager.default.removeItem(atPath: node.secretsDirectory)
    if let failure { throw failure }
  }

  private static func withOpen<Value: Sendable>(
    _ runtime: DockerRuntime,
    _ context: NodeContext,
    _ body: @escaping @Sendable (DockerRuntime) async throws -> Value
  ) async throws -> Value {
    try await runtime.open(context)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        try? await runtime.run()
        return nil
      }
      group.addTask { try await body(runtime) }
      defer { group.cancelAll() }
      while let value = try await group.next() {
        if let value { return value }
      }
      throw CancellationError()
    }
  }

  func controller(
    _ task: SwarmTask,
    _ runtime: DockerRuntime? = nil,
    change: (inout TaskContext) -> Void = { _ in }
  ) async throws -> any TaskController {
    var context = TaskContext(
      nodeID: self.context.nodeID,
      nodeHostname: "testnode",
      platform: Platform(architecture: "x86_64", os: "linux"),
      taskName: self.name(of: task),
      serviceName: "web",
      serviceLabels: ["tier": "front"],
      directory: self.context.directory(of: task.id)
    )
    change(&context)
    return try await (runtime ?? self.runtime).controller(for: task, context: context)
  }

  /// The name of a task's container.
  func name(of task: SwarmTask) -> String { "web.\(task.slot).\(self.context.nodeID).\(task.id)" }

  /// A field of the engine's view of a task's container.
  func inspect(_ task: SwarmTask, _ template: String) async -> String {
    await self.engine.docker("inspect --format '\(template)' \(self.name(of: task))").output
  }
}

/// Fills an id up to its 25 characters.
func padded(_ text: String) -> String { text + String(repeating: "0", count: max(0, 25 - text.count)) }

/// A task that runs a line of shell in a container.
func shellTask(
  _ script: String,
  _ number: Int = 1,
  spec change: (inout ContainerSpec) -> Void = { _ in },
  task changeTask: (inout SwarmTask) -> Void = { _ in },
  template changeTemplate: (inout TaskSpec) -> Void = { _ in }
) throws -> SwarmTask {
  var spec = ContainerSpec(image: TestEngine.image, args: ["sh", "-c", script])
  change(&spec)
  var template = TaskSpec(runtime: .container(spec))
  changeTemplate(&template)
  var task = SwarmTask(id: try #require(TaskID(padded("task\(number)x"))), spec: TaskSpecBox(template), slot: UInt64(number))
  changeTask(&task)
  return task
}

extension TaskController {
  @discardableResult
  func launch() async throws -> ContainerStatus {
    try await self.prepare()
    return try await self.start()
  }

  /// Everything that the task wrote, as `1:text` or `2:text` per record.
  func output(_ options: LogOptions = LogOptions()) async throws -> [String] {
    var lines: [String] = []
    for try await record in self.logs(options) {
      lines.append("\(record.stream.rawValue):\(String(decoding: record.bytes, as: UTF8.self))")
    }
    return lines
  }

  /// Returns when the task has written the line.
  func waitForLine(_ line: String) async throws {
    for try await record in self.logs(LogOptions(follow: true)) where record.bytes == Array("\(line)\n".utf8) { return }
    Issue.record("the task ended without writing \(line)")
  }
}

/// Runs something that should fail, and gives the error.
func failure(_ body: () async throws -> Void) async -> RuntimeError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? RuntimeError
  }
}
