// SPDX-License-Identifier: Apache-2.0

/// What a running task uses of its node.
public struct TaskUsage: Sendable, Hashable {
  /// The task.
  public var task: TaskID
  /// Processor time since its start, of all of its processes.
  public var cpuTime: Duration
  /// Memory in bytes.
  public var memoryBytes: Int64
  /// The most memory that it may use, in bytes; 0 without a limit.
  public var memoryLimit: Int64
  /// How many processes (or threads, where only they are counted) it has.
  public var processes: Int64

  /// Creates a value.
  public init(task: TaskID, cpuTime: Duration = .zero, memoryBytes: Int64 = 0, memoryLimit: Int64 = 0, processes: Int64 = 0) {
    self.task = task
    self.cpuTime = cpuTime
    self.memoryBytes = memoryBytes
    self.memoryLimit = memoryLimit
    self.processes = processes
  }
}

/// What is used of a node, at one moment.
///
/// Processor times only grow; two measurements tell how busy node and tasks were between them.
public struct NodeUsage: Sendable, Hashable {
  /// The node.
  public var node: NodeID
  /// When it was measured, by the node's clock.
  public var time: Timestamp
  /// How many processors the machine has.
  public var processors: Int64
  /// Processor time since the machine's start, of everything that ran on it.
  public var cpuTime: Duration
  /// Memory that is used on the machine, in bytes.
  public var memoryBytes: Int64
  /// The machine's memory in bytes.
  public var memoryTotal: Int64
  /// The node's running tasks, sorted by id; those that couldn't be measured are missing.
  public var tasks: [TaskUsage]

  /// Creates a value.
  public init(
    node: NodeID,
    time: Timestamp = .zero,
    processors: Int64 = 0,
    cpuTime: Duration = .zero,
    memoryBytes: Int64 = 0,
    memoryTotal: Int64 = 0,
    tasks: [TaskUsage] = []
  ) {
    self.node = node
    self.time = time
    self.processors = processors
    self.cpuTime = cpuTime
    self.memoryBytes = memoryBytes
    self.memoryTotal = memoryTotal
    self.tasks = tasks
  }
}
