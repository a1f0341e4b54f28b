// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel

/// A runtime as a whole node shows it: one that can become a manager, perhaps under another name than the runtime's own.
struct NodeRuntime: ContainerRuntime {
  let runtime: any ContainerRuntime
  let hostname: String?

  func open(_ node: NodeContext) async throws { try await self.runtime.open(node) }
  func run() async throws { try await self.runtime.run() }

  func describe() async throws -> RuntimeDescription {
    var description = try await self.runtime.describe()
    description.hostname = self.hostname ?? description.hostname
    description.plugins.append(.swiftSwarm)
    return description
  }

  func controller(for task: SwarmTask, context: TaskContext) async throws -> any TaskController {
    try await self.runtime.controller(for: task, context: context)
  }

  func knownTasks() async throws -> [TaskID] { try await self.runtime.knownTasks() }
  func usage(of tasks: [TaskID]) async throws -> [TaskUsage] { try await self.runtime.usage(of: tasks) }
  func discard(_ task: TaskID) async throws { try await self.runtime.discard(task) }
}
