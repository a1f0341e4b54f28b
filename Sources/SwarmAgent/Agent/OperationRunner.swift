// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// Carries out the worker's operations through the runtime, and keeps the controllers.
final class OperationRunner: Sendable {
  /// A task and its controller.
  struct Entry: Sendable {
    var task: SwarmTask
    var controller: any TaskController
  }

  private struct State {
    var entries: [TaskID: Entry] = [:]
    /// The tasks that were started here, as they are on record.
    var records: [TaskID: SwarmTask] = [:]
    var watchers: [UInt64: AsyncStream<Entry>.Continuation] = [:]
    var lastWatcher: UInt64 = 0
  }

  private let runtime: any ContainerRuntime
  private let state = Mutex(State())

  init(runtime: any ContainerRuntime) {
    self.runtime = runtime
  }

  /// The controller of a task, if one was made.
  func controller(of task: TaskID) -> (any TaskController)? {
    self.state.withLock { $0.entries[task]?.controller }
  }

  /// The tasks that were started here and aren't forgotten, as they are on record, in the order of their ids.
  var tasks: [SwarmTask] { self.state.withLock { $0.records.values.sorted { $0.id < $1.id } } }

  /// Takes note of what is on record of a task.
  func note(_ record: TaskRecord) {
    self.state.withLock { $0.records[record.task.id] = record.task }
  }

  /// The tasks that have a controller, in the order of their ids, and those that get one from now on.
  func watch() -> (present: [Entry], news: AsyncStream<Entry>) {
    let (news, continuation) = AsyncStream<Entry>.makeStream()
    let (id, present) = self.state.withLock { state in
      state.lastWatcher += 1
      state.watchers[state.lastWatcher] = continuation
      return (state.lastWatcher, state.entries.values.sorted { $0.task.id < $1.task.id })
    }
    continuation.onTermination = { _ in self.state.withLock { _ = $0.watchers.removeValue(forKey: id) } }
    return (present, news)
  }

  /// What is used of this machine, and what the tasks that have a controller use.
  func usage(of node: NodeID, at time: Timestamp) async throws -> NodeUsage {
    let tasks = try await self.runtime.usage(of: self.state.withLock { $0.entries.keys.sorted() })
    let host = HostUsage.now()
    return NodeUsage(
      node: node,
      time: time,
      processors: host.processors,
      cpuTime: host.cpuTime,
      memoryBytes: host.memoryBytes,
      memoryTotal: host.memoryTotal,
      tasks: tasks.sorted { $0.task < $1.task }
    )
  }

  /// Runs a command beside a task, and returns its exit code.
  func exec(
    _ request: ExecRequest,
    beside task: TaskID,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    guard let controller = self.controller(of: task) else {
      throw SwarmError(code: .notFound, message: "task \(task) isn't on this node")
    }
    do {
      return try await controller.exec(request, input: input, output: output)
    } catch let error as RuntimeError {
      throw SwarmError(code: error.code.swarmCode, message: error.message, cause: error)
    }
  }

  /// Drops what is kept of a task that was forgotten.
  func drop(_ task: TaskID) {
    self.state.withLock { state in
      state.entries[task] = nil
      state.records[task] = nil
    }
  }

  /// Makes the controller of a task.
  func create(_ task: SwarmTask, _ context: TaskContext) async -> TaskOperation.Outcome {
    await self.outcome {
      let controller = try await self.runtime.controller(for: task, context: context)
      let entry = Entry(task: task, controller: controller)
      let watchers = self.state.withLock { state in
        state.entries[task.id] = entry
        return Array(state.watchers.values)
      }
      for watcher in watchers { watcher.yield(entry) }
      return .done
    }
  }

  /// Carries out any other operation.
  func perform(_ operation: TaskOperation) async -> TaskOperation.Outcome {
    await self.outcome {
      if operation.verb == .discard {
        try await self.runtime.discard(operation.task)
        return .done
      }
      guard let controller = self.controller(of: operation.task) else {
        throw RuntimeError(code: .invalidState, message: "the task has no controller")
      }
      return try await self.perform(operation, with: controller)
    }
  }

  private func perform(
    _ operation: TaskOperation,
    with controller: any TaskController
  ) async throws -> TaskOperation.Outcome {
    switch operation.verb {
    case .prepare:
      try await controller.prepare()
    case .start:
      let container = try await controller.start()
      return .started(container, ports: try await controller.openPorts(), warnings: controller.warnings)
    case .wait:
      let exit = try await controller.wait()
      return .exited(TaskExit(code: exit.exitCode, time: exit.exitedAt, outOfMemory: exit.oomKilled))
    case .shutdown(let grace):
      try await controller.shutdown(grace: grace)
    case .terminate:
      try await controller.terminate()
    case .remove:
      try await controller.remove()
    case .create, .discard:
      break
    }
    return .done
  }

  private func outcome(_ body: () async throws -> TaskOperation.Outcome) async -> TaskOperation.Outcome {
    do {
      return try await body()
    } catch is CancellationError {
      return .cancelled
    } catch let error as RuntimeError {
      if error.code == .cancelled { return .cancelled }
      return error.isTemporary ? .temporary(error.message) : .failed(error.message)
    } catch {
      return .failed("\(error)")
    }
  }
}

extension RuntimeError.Code {
  /// How users of the swarm see it.
  fileprivate var swarmCode: SwarmError.Code {
    switch self {
    case .invalidArgument: .invalidArgument
    case .notFound: .notFound
    case .exists: .alreadyExists
    case .invalidState: .failedPrecondition
    case .timeout: .deadlineExceeded
    case .unsupported: .unimplemented
    case .interrupted, .temporary: .unavailable
    case .cancelled: .aborted
    default: .internalError
    }
  }
}
