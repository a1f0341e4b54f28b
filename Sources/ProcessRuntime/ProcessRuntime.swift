// SPDX-License-Identifier: Apache-2.0

public import Logging
public import SwarmAgent
public import SwarmModel
internal import Synchronization

/// Runs tasks as local processes.
///
/// Every task is a process group under a small process of its own, the *shim*, that outlives the agent: it keeps the task's output and exit
/// status for the agent that comes next, and kills the task when no agent has given a sign of life for the length of the lease.
///
/// What a container would bring along is the host's here: file system, network, user. The image name is a label. A task that asks for what a
/// plain process can't have (mounts, another user …) is rejected with a sentence that says so.
public final class ProcessRuntime: ContainerRuntime {
  private let configuration: ProcessRuntimeConfiguration
  private let logger: Logger
  private let node = Mutex<OpenNode?>(nil)

  /// Creates a runtime; nothing happens before ``open(_:)``.
  public init(
    configuration: ProcessRuntimeConfiguration = ProcessRuntimeConfiguration(),
    logger: Logger = Logger(label: "process-runtime")
  ) {
    self.configuration = configuration
    self.logger = logger
  }

  deinit {
    self.node.withLock { $0?.requestClose() }
  }

  /// Takes the node's directory and begins to renew the lease of the tasks in it.
  ///
  /// - Throws: ``RuntimeError/Code/exists`` when another runtime uses the directory, ``RuntimeError/Code/invalidState`` when other users can enter it.
  public func open(_ node: NodeContext) async throws {
    try self.configuration.validate()
    await self.close()
    let (configuration, logger) = (self.configuration, self.logger)
    let opened = try await BlockingQueue().run {
      try OpenNode(directory: node.directory, name: "\(node.nodeID)", configuration: configuration, logger: logger)
    }
    self.node.withLock { $0 = opened }
  }

  /// Waits for the end of the agent, and lets go of the directory then.
  ///
  /// Tasks go on for the length of the lease, so that the next agent finds them.
  public func run() async throws {
    guard let node = self.node.withLock(\.self) else { throw Self.notOpen }
    await withTaskCancellationHandler {
      await node.closed()
    } onCancel: {
      node.requestClose()
    }
    self.node.withLock { if $0 === node { $0 = nil } }
  }

  /// Lets go of the directory: what the end of ``run()`` does, for hosts that don't call it.
  public func close() async {
    let node = self.node.withLock { node in
      defer { node = nil }
      return node
    }
    node?.requestClose()
    await node?.closed()
  }

  /// This machine: its name, processor architecture, number of processors and memory.
  public func describe() async throws -> RuntimeDescription {
    hostDescription(hostname: self.configuration.hostname)
  }

  /// The controller of a task; finds what an earlier agent started.
  public func controller(for task: SwarmTask, context: TaskContext) async throws -> any TaskController {
    let controller = try ProcessTask(task: task, context: context, node: self.opened())
    // Nothing else is due: when this process is the parent of the task's shim, the runtime that started it reaps it.
    try await controller.process.logIfRunning()
    return controller
  }

  /// The ids of all tasks that have a directory.
  public func knownTasks() async throws -> [TaskID] {
    let node = try self.opened()
    return try await node.files.run { try node.tasks() }
  }

  /// What running tasks use, by what the kernel says of their control groups, or else of their processes.
  public func usage(of tasks: [TaskID]) async throws -> [TaskUsage] {
    let node = try self.opened()
    return try await node.files.run { try node.usage(of: tasks) }
  }

  /// Kills a task and deletes its directory.
  public func discard(_ task: TaskID) async throws {
    let node = try self.opened()
    let process = TaskProcess(directory: TaskDirectory(path: "\(node.directory.path)/\(task)"), node: node)
    try await process.remove()
  }

  private func opened() throws(RuntimeError) -> OpenNode {
    guard let node = self.node.withLock(\.self) else { throw Self.notOpen }
    return node
  }

  private static var notOpen: RuntimeError {
    RuntimeError(code: .invalidState, message: "the process runtime isn't open")
  }
}
