// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import Logging
internal import SwarmAgent
internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Drives one task.
///
/// Has no memory of its own: every verb looks at the task's directory first, so every verb can be repeated, by this agent or the
/// next.
struct ProcessTask: TaskController {
  private let task: SwarmTask
  private let context: TaskContext
  /// The task as a process.
  let process: TaskProcess

  private var node: OpenNode { self.process.node }
  private var directory: TaskDirectory { self.process.directory }

  /// Makes the controller of a task.
  init(task: SwarmTask, context: TaskContext, node: OpenNode) throws(RuntimeError) {
    guard context.directory == "\(node.directory.path)/\(task.id)" else {
      throw RuntimeError(
        code: .invalidArgument,
        message: "the task's directory \(context.directory) is not the node's, \(node.directory.path)/\(task.id)"
      )
    }
    self.task = task
    self.context = context
    self.process = TaskProcess(directory: TaskDirectory(path: context.directory), node: node)
  }

  func prepare() async throws {
    let command = try self.command()
    _ = try self.monitor()
    _ = try LogRetention(self.task.logDriver, default: self.node.configuration)
    let files = try TaskFiles(of: self.task, context: self.context)
    let directory = self.directory
    try await self.node.files.run {
      try directory.create()
      // What has ended gets no secrets any more.
      if case .created = try directory.observe() { try files.write(to: directory) }
      guard unsafe access(command.workingDirectory, X_OK) == 0 else {
        throw RuntimeError(
          code: .invalidArgument,
          message: "cannot use the working directory \(command.workingDirectory): \(systemText(errno))"
        )
      }
    }
  }

  func start() async throws -> ContainerStatus {
    while true {
      switch try await self.process.settled() {
      case .absent, .created, .starting:
        if let pid = try await self.launch() { return try await self.healthy(pid: pid) }
        // Another shim was faster, and has read its instructions once something is known of its task.
        _ = try await self.process.settled()
        let directory = self.directory
        try await self.node.files.run { try directory.removeInstructions() }
      case .running(let record):
        return try await self.healthy(pid: record.task.pid)
      case .ended(let status):
        try self.checkStarted(status)
        return self.status(exitCode: status.exitCode)
      case .lost:
        return self.status()
      }
    }
  }

  var warnings: [String] {
    let groups = self.node.groups
    return TaskLimits(self.task.spec.value).warning(with: groups.controllers, because: groups.reason).map { [$0] } ?? []
  }

  func openPorts() async throws -> [PortConfig] { self.task.givenHostPorts }

  func wait() async throws -> ExitStatus {
    let status = try await self.end()
    if status.cause == .lease {
      self.node.logger.notice(
        "the task was killed because its node gave no sign of life",
        metadata: ["task": "\(self.task.id)"]
      )
    }
    return status.exitStatus
  }

  func shutdown(grace: Duration) async throws {
    let signal = try self.command().stopSignal
    try await self.process.stop(signal: signal, grace: grace)
    try await self.clean()
  }

  func terminate() async throws {
    try await self.process.kill()
    try await self.clean()
  }

  func remove() async throws {
    try await self.process.remove()
  }

  func logs(_ options: LogOptions) -> LogStream {
    let process = self.process
    return LogStream(unfolding: {
      let cursor = LogCursor(process: process, options: options)
      return { try await cursor.next() }
    })
  }

  func exec(
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    guard case .running(let record) = try await self.process.settled() else {
      throw RuntimeError(code: .invalidState, message: "the task is not running")
    }
    let instructions = try ExecInstructions(
      request,
      beside: record.task,
      of: self.command(),
      group: self.node.groups.group(of: self.directory.name)
    )
    let command = try await ExecCommand.start(instructions, name: "\(self.name) exec", on: self.node)
    return try await command.run(input: request.takesInput ? input : nil, output: output)
  }

  // MARK: Health

  private func monitor() throws(RuntimeError) -> HealthMonitor? {
    guard let check = try HealthCheck(self.task.spec.value.container?.healthcheck) else { return nil }
    var command = try self.command()
    command.arguments = check.arguments
    let instructions = Instructions(
      command: command,
      task: "\(self.task.id)",
      lease: self.node.lease.path,
      log: LogRetention(fileSize: 64 * 1024, files: 1)
    )
    return HealthMonitor(check: check, instructions: instructions, task: self.process)
  }

  /// The status of a task that runs and is healthy; or of one that ended before it was.
  private func healthy(pid: Int32) async throws -> ContainerStatus {
    guard let monitor = try self.monitor() else { return self.status(pid: pid) }
    guard let end = try await self.endUnless({ try await monitor.untilHealthy() }) else { return self.status(pid: pid) }
    return self.status(exitCode: end.exitCode)
  }

  /// Waits for the task's end, and for its last health check; then takes its secrets away.
  private func end() async throws -> StatusRecord {
    let end: StatusRecord
    if let monitor = try self.monitor() {
      guard let status = try await self.endUnless({ try await monitor.untilUnhealthy() }) else {
        throw RuntimeError(code: .internalError, message: "the health check ended without a verdict")
      }
      end = status
    } else {
      end = try await self.process.wait()
    }
    try await self.clean()
    return end
  }

  /// How the task ended; `nil` when the other thing came first.
  private func endUnless(_ other: @escaping @Sendable () async throws -> Void) async throws -> StatusRecord? {
    let process = self.process
    return try await withThrowingTaskGroup(of: StatusRecord?.self) { group in
      group.addTask { try await process.wait() }
      group.addTask {
        try await other()
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  /// Deletes what an ended task needs no more.
  private func clean() async throws {
    let directory = self.directory
    try await self.process.endProbe()
    try await self.node.files.run { try TaskFiles.remove(from: directory) }
  }

  // MARK: Start

  private func command() throws(RuntimeError) -> ProcessCommand {
    try ProcessCommand(
      task: self.task,
      context: self.context,
      work: self.directory.work,
      defaults: self.node.configuration.environment
    )
  }

  /// Starts a shim and hears from it.
  ///
  /// - Returns: the task's process id; `nil` when another shim has the task.
  private func launch() async throws -> Int32? {
    let (directory, groups) = (self.directory, self.node.groups)
    let limits = TaskLimits(self.task.spec.value)
    try await self.node.files.run { try groups.make(directory.name, limits) }
    let instructions = Instructions(
      command: try self.command(),
      task: "\(self.task.id)",
      lease: self.node.lease.path,
      group: groups.group(of: directory.name),
      log: try LogRetention(self.task.logDriver, default: self.node.configuration)
    )
    switch try await self.process.launch(instructions, name: self.name) {
    case .started(let pid):
      self.node.logger.debug("task started", metadata: ["task": "\(self.task.id)", "pid": "\(pid)"])
      return pid
    case .busy:
      return nil
    case .failed(let stage, let number):
      throw self.failure(stage, number)
    }
  }

  /// What `ps` shows.
  private var name: String {
    self.context.taskName.isEmpty ? "\(self.task.id)" : self.context.taskName
  }

  private func failure(_ stage: ShimReport.Stage, _ number: Int32) -> RuntimeError {
    let text = systemText(number)
    switch stage {
    case .exec:
      let program = (try? self.command())?.arguments.first ?? ""
      return RuntimeError(code: .notFound, message: "cannot execute \"\(program)\": \(text)")
    case .workdir:
      let path = (try? self.command())?.workingDirectory ?? ""
      return RuntimeError(code: .notFound, message: "cannot use the working directory \(path): \(text)")
    case .lease:
      return RuntimeError(code: .temporary, message: "the node's lease has run out: \(text)")
    case .log, .fork, .directory, .instructions, .task, .group:
      return .system("start the task (\(stage.rawValue))", number)
    }
  }

  private func checkStarted(_ status: StatusRecord) throws(RuntimeError) {
    switch status.cause {
    case .exec: throw self.failure(.exec, status.errorNumber)
    case .workdir: throw self.failure(.workdir, status.errorNumber)
    case .group: throw self.failure(.group, status.errorNumber)
    case .never:
      throw RuntimeError(code: .invalidState, message: "the task was shut down before it was started")
    case .exit, .stop, .grace, .lease: break
    }
  }

  private func status(pid: Int32 = 0, exitCode: Int32 = 0) -> ContainerStatus {
    ContainerStatus(containerID: "\(self.task.id)", pid: pid, exitCode: exitCode)
  }
}
