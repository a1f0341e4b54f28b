// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmAgent
internal import SwarmModel

extension OpenEngine {
  /// How many containers the engine is asked about at a time.
  private static let parallelQuestions = 16

  /// What the containers of running tasks use, as the engine measures it.
  func usage(of tasks: [TaskID]) async throws -> [TaskUsage] {
    let wanted = Set(tasks.map(\.description))
    let running = try await self.containers([TaskLabels.filter(self.node.nodeID)]).filter { $0["State"] == .string("running") }
    var rest = running.compactMap { container -> (TaskID, String)? in
      guard case .string(let label)? = container["Labels"]?[TaskLabels.task], wanted.contains(label), let task = TaskID(label)
      else { return nil }
      return (task, container["Id"].text)
    }[...]
    return await withTaskGroup(of: TaskUsage?.self) { group in
      var usages: [TaskUsage] = []
      for _ in 0..<Self.parallelQuestions {
        guard let (task, id) = rest.popFirst() else { break }
        group.addTask { await self.usage(of: task, in: id) }
      }
      while let usage = await group.next() {
        if let usage { usages.append(usage) }
        if let (task, id) = rest.popFirst() { group.addTask { await self.usage(of: task, in: id) } }
      }
      return usages
    }
  }

  /// What one container uses; `nil` when it has ended meanwhile.
  private func usage(of task: TaskID, in container: String) async -> TaskUsage? {
    let query = [("stream", "false"), ("one-shot", "true")]
    guard let stats = try? await self.engine.get("/containers/\(container)/stats", query) else { return nil }
    let memory = stats["memory_stats"]
    // What the kernel could have back at once isn't counted, as `docker stats` doesn't.
    let inactive = memory?["stats"]?["inactive_file"] ?? memory?["stats"]?["total_inactive_file"]
    return TaskUsage(
      task: task,
      cpuTime: .nanoseconds(stats["cpu_stats"]?["cpu_usage"]?["total_usage"].whole ?? 0),
      memoryBytes: max((memory?["usage"].whole ?? 0) - (inactive.whole ?? 0), 0),
      memoryLimit: memory?["limit"].whole ?? 0,
      processes: stats["pids_stats"]?["current"].whole ?? 0
    )
  }
}
