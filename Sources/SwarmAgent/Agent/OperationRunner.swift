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

  /// What the tasks that have a controller use.
  func usage() async throws -> [TaskUsage] {
    try await self.runtime.usage(of: self.state.withLock { $0.entries.keys.sorted() })
  }

  /// Drops the controller of a task that was forgotten.
  func drop(_ task: TaskID) {
    self.state.withLock { _ = $0.entries.removeValue(forKey: task) }
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
