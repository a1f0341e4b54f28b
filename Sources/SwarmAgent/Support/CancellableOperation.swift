// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Work that runs inside a child of a task group and that others can cancel on its own.
///
/// Children of a group can only be cancelled all together. So the work gets a task of its own, which never
/// outlives the call of ``run(_:)``: that waits for it and passes its own cancellation on.
final class CancellableOperation<Success: Sendable>: Sendable {
  private struct State {
    var task: Task<Success, Never>?
    var isCancelled = false
  }

  private let state = Mutex(State())

  /// Runs the work; at most once.
  func run(_ work: @escaping @Sendable () async -> Success) async -> Success {
    let task = Task { await work() }
    let isCancelled = self.state.withLock { state in
      state.task = task
      return state.isCancelled
    }
    if isCancelled { task.cancel() }
    return await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// Cancels the work, also when it has yet to begin.
  func cancel() {
    let task = self.state.withLock { state in
      state.isCancelled = true
      return state.task
    }
    task?.cancel()
  }
}
