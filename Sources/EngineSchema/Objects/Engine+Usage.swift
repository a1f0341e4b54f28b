// SPDX-License-Identifier: Apache-2.0

/// What `GET /stats` answers: a list of nodes, each with its running tasks.
extension Engine {
  /// What is used of a node.
  package struct NodeUsage: Codable, Hashable, Sendable {
    package var nodeID: String?
    /// When it was measured, by the node's clock, in nanoseconds since 1970.
    package var time: Int64?
    package var processors: Int64?
    /// Processor time since the machine's start, in nanoseconds.
    package var cpuNanoseconds: Int64?
    /// Memory in use, in bytes.
    package var memoryBytes: Int64?
    /// The machine's memory in bytes.
    package var memoryTotal: Int64?
    package var tasks: [TaskUsage]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case nodeID = "NodeID"
      case time = "Time"
      case processors = "Processors"
      case cpuNanoseconds = "CPUNanoseconds"
      case memoryBytes = "MemoryBytes"
      case memoryTotal = "MemoryTotal"
      case tasks = "Tasks"
    }
  }

  /// What a task uses.
  package struct TaskUsage: Codable, Hashable, Sendable {
    package var taskID: String?
    /// Processor time since the task's start, in nanoseconds.
    package var cpuNanoseconds: Int64?
    /// Memory in bytes.
    package var memoryBytes: Int64?
    /// The most memory that it may use, in bytes; 0 without a limit.
    package var memoryLimit: Int64?
    package var processes: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case taskID = "TaskID"
      case cpuNanoseconds = "CPUNanoseconds"
      case memoryBytes = "MemoryBytes"
      case memoryLimit = "MemoryLimit"
      case processes = "Processes"
    }
  }
}
