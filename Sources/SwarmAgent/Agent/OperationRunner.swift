// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// Carries out the worker's operations through the runtime, and keeps the controllers.
final class OperationRunner: Sendable {
  private let runtime: any ContainerRuntime
  private let controllers = Mutex<[TaskID: any TaskController]>([:])

  init(runtime: any ContainerRuntime) {
    self.runtime = runtime
  }

  /// The controller of a task, if one was made.
  func controller(of task: TaskID) -> (any TaskController)? {
    self.controllers.withLock { $0[task] }
  }

  /// Drops the controller of a task that was forgotten.
  func drop(_ task: TaskID) {
    self.controllers.withLock { _ = $0.removeValue(forKey: task) }
  }

  /// Makes the controller of a task.
  func create(_ task: SwarmTask, _ context: TaskContext) async -> TaskOperation.Outcome {
    await self.outcome {
      let controller = try await self.runtime.controller(for: task, context: context)
      self.controllers.withLock { $0[task.id] = controller }
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
      return .started(try await controller.start())
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
