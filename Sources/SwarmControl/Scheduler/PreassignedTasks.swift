// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Tasks that are each for one node, as those of global services are, and wait until there is room for them.
struct PreassignedTasks: Sendable {
  private var byNode: [NodeID: Set<TaskID>] = [:]
  /// Tasks that are to be tried.
  private var retries: Set<TaskID> = []

  init() {}

  var isEmpty: Bool { self.byNode.isEmpty }
  var hasRetries: Bool { !self.retries.isEmpty }

  /// The node that a task waits for; `nil` for one that doesn't wait, or for no node more than for another.
  static func node(of task: SwarmTask) -> NodeID? { task.waitsForItsNode && task.isWanted ? task.nodeID : nil }

  /// A task came, changed or went.
  mutating func taskChanged(_ task: TaskID, from old: NodeID?, to new: NodeID?) {
    guard old != new else { return }
    if let old {
      self.byNode.remove(task, from: old)
      self.retries.remove(task)
    }
    if let new {
      self.byNode[new, default: []].insert(task)
      self.retries.insert(task)
    }
  }

  /// The node changed, and maybe it can take more.
  mutating func nodeWoke(_ node: NodeID) {
    if let tasks = self.byNode[node] { self.retries.formUnion(tasks) }
  }

  /// Takes the tasks that are to be tried, sorted.
  mutating func takeRetries() -> [TaskID] {
    defer { self.retries = [] }
    return self.retries.sorted()
  }
}
