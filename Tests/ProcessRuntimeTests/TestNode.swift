// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Logging
import ProcessRuntime
import SwarmAgent
import SwarmModel
import Synchronization
import Testing

/// A node with a directory of its own, real processes, and a look at the process table at its end.
final class TestNode: Sendable {
  let id: NodeID
  let context: NodeContext
  let runtime: ProcessRuntime
  let configuration: ProcessRuntimeConfiguration
  private static let counter = Mutex<Int>(0)

  init(configuration: ProcessRuntimeConfiguration, directory: String? = nil) throws {
    let number = Self.counter.withLock { counter in
      counter += 1
      return counter
    }
    let text = directory.flatMap { $0.split(separator: "-").last.map(String.init) } ?? padded("node\(getpid())x\(number)x")
    self.id = try #require(NodeID(text))
    let directory = directory ?? "\(NSTemporaryDirectory())swarm-process-tests-\(self.id)"
    self.context = NodeContext(nodeID: self.id, directory: directory)
    self.configuration = configuration
    self.runtime = Self.makeRuntime(configuration)
  }

  static func makeRuntime(_ configuration: ProcessRuntimeConfiguration) -> ProcessRuntime {
    ProcessRuntime(configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Another runtime for the same directory, as after a restart of the agent.
  func makeRuntime() -> ProcessRuntime { Self.makeRuntime(self.configuration) }

  func controller(_ task: SwarmTask, _ runtime: ProcessRuntime? = nil) async throws -> any TaskController {
    try await (runtime ?? self.runtime).controller(for: task, context: self.context(for: task))
  }

  func context(for task: SwarmTask) -> TaskContext {
    TaskContext(
      nodeID: self.id,
      nodeHostname: "testnode",
      platform: Platform(architecture: "x86_64", os: "linux"),
      taskName: "web.\(task.slot).\(task.id)",
      serviceName: "web",
      directory: self.context.directory(of: task.id)
    )
  }

  /// What the shim wrote about a task's processes.
  func record(_ task: SwarmTask) throws -> ProcessRecord {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(self.context.directory(of: task.id))/pid"))
    return try #require(ProcessRecord(Array(bytes)))
  }

  /// Processes of this node's tasks, whatever became of their parents: found by what only they have in their environment.
  func leftovers() -> [String] {
    let mark = Data("SWARM_NODE_ID=\(self.id)".utf8)
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.filter { name in
      guard Int(name) != nil, let environment = FileManager.default.contents(atPath: "/proc/\(name)/environ") else {
        return false
      }
      return environment.range(of: mark) != nil
    }
  }

  /// Runs a test on a node and checks afterwards that it leaves nothing behind: no process, no zombie, no file.
  static func with(
    _ configuration: ProcessRuntimeConfiguration = ProcessRuntimeConfiguration(),
    _ body: (TestNode) async throws -> Void
  ) async throws {
    let node = try TestNode(configuration: configuration)
    try await node.runtime.open(node.context)
    var failure: (any Error)?
    do {
      try await body(node)
    } catch {
      failure = error
    }
    await node.runtime.close()
    let last = node.makeRuntime()
    try await last.open(node.context)
    var shims: [ProcessRecord.Identity] = []
    for task in try await last.knownTasks() {
      if let record = try? node.record(SwarmTask(id: task)), record.shim.pid != getpid() { shims.append(record.shim) }
      try await last.discard(task)
    }
    #expect(try await last.knownTasks().isEmpty)
    await last.close()
    #expect(node.leftovers() == [])
    for shim in shims { try await expectGone(shim) }
    try FileManager.default.removeItem(atPath: node.context.directory)
    if let failure { throw failure }
  }
}

/// Fills an id up to its 25 characters.
func padded(_ text: String) -> String { text + String(repeating: "0", count: max(0, 25 - text.count)) }

/// A task that runs a shell script.
func shellTask(_ script: String, _ number: Int = 1, change: (inout ContainerSpec) -> Void = { _ in }) throws -> SwarmTask {
  try commandTask(["/bin/sh", "-c", script], number, change: change)
}

/// A task that runs a command.
func commandTask(
  _ command: [String],
  _ number: Int = 1,
  change: (inout ContainerSpec) -> Void = { _ in }
) throws -> SwarmTask {
  var spec = ContainerSpec(image: "label", command: command)
  change(&spec)
  return SwarmTask(
    id: try #require(TaskID(padded("task\(number)x"))),
    spec: TaskSpecBox(TaskSpec(runtime: .container(spec))),
    slot: UInt64(number)
  )
}

extension TaskController {
  /// Prepares and starts.
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

/// Waits for the end of a process that isn't a child of this one.
func waitForEnd(_ pid: Int32) async {
  await withCheckedContinuation { continuation in
    DispatchQueue.global().async {
      while isAlive(pid) { usleep(10_000) }
      continuation.resume()
    }
  }
}

/// Makes a named pipe for a task to wait at.
func makePipe(_ path: String) throws {
  try #require(unsafe mkfifo(path, 0o600) == 0)
}

/// Expects that a process ends and is reaped; whoever does that may not have had its turn yet.
func expectGone(_ process: ProcessRecord.Identity) async throws {
  let patience = ContinuousClock.now + .seconds(60)
  while isThere(process), ContinuousClock.now < patience { try await Task.sleep(for: .milliseconds(10)) }
  #expect(!isThere(process), "process \(process.pid) is still there")
}

/// Whether a process is there, be it as a zombie; its number may be another one's by now.
func isThere(_ process: ProcessRecord.Identity) -> Bool {
  guard let stat = FileManager.default.contents(atPath: "/proc/\(process.pid)/stat") else { return false }
  // The program's name is in brackets and may have any characters in it; the start is the 20th field behind it.
  let fields = String(decoding: stat, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
  return fields.count > 19 && fields[19] == String(process.startTime)
}

/// Whether a process is there, zombies not counted.
func isAlive(_ pid: Int32) -> Bool {
  guard let stat = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return false }
  return !String(decoding: stat, as: UTF8.self).contains(") Z ")
}
