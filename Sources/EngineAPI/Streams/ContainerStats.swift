// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// What a task uses, every second while it runs, as lines of JSON: each has the one before it in it, from which clients work out how busy the task was.
struct ContainerStats: AsyncSequence, Sendable {
  typealias Element = [UInt8]
  typealias Failure = any Error

  let backend: any SwarmBackend
  let container: TaskContainer

  func makeAsyncIterator() -> Iterator { Iterator(stats: self) }

  struct Iterator: AsyncIteratorProtocol {
    fileprivate let stats: ContainerStats
    private var last: (node: NodeUsage, task: TaskUsage)?

    fileprivate init(stats: ContainerStats) { self.stats = stats }

    /// The next line, a second after the last one; `nil` when the task runs no more.
    mutating func next() async throws -> [UInt8]? {
      if self.last != nil { try await Task.sleep(for: .seconds(1)) }
      let node = try await self.stats.backend.localUsage()
      guard let task = node.tasks.first(where: { $0.task == self.stats.container.task.id }) else { return nil }
      defer { self.last = (node, task) }
      return try EngineJSON.encode(self.stats.line(node, task, last: self.last)) + [0x0A]
    }
  }

  private func line(_ node: NodeUsage, _ task: TaskUsage, last: (node: NodeUsage, task: TaskUsage)?) -> JSONValue {
    .object([
      "read": .string(node.time.apiValue.description),
      "preread": .string((last?.node.time ?? .zero).apiValue.description),
      "pids_stats": .object(["current": .integer(task.processes)]),
      "blkio_stats": .object([:]),
      "num_procs": .integer(0),
      "cpu_stats": self.processor(node, task),
      "precpu_stats": last.map { self.processor($0.node, $0.task) }
        ?? .object(["cpu_usage": .object(["total_usage": .integer(0)])]),
      "memory_stats": .object([
        "usage": .integer(task.memoryBytes),
        "limit": .integer(task.memoryLimit > 0 ? task.memoryLimit : node.memoryTotal),
        "stats": .object([:]),
      ]),
      "name": .string("/\(self.container.name)"),
      "id": .string(self.container.id),
    ])
  }

  /// Of the machine all processor time counts that there was since the task's start, whether anybody used it.
  private func processor(_ node: NodeUsage, _ task: TaskUsage) -> JSONValue {
    let age = Swift.max(0, node.time.nanoseconds - self.container.task.status.timestamp.nanoseconds)
    return .object([
      "cpu_usage": .object(["total_usage": .integer(task.cpuTime.apiValue)]),
      "system_cpu_usage": .integer(age.multipliedReportingOverflow(by: node.processors).partialValue),
      "online_cpus": .integer(node.processors),
    ])
  }
}
