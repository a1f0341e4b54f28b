// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A value that is set once and that any number of tasks can wait for.
package final class Latch<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiters: [UInt64: CheckedContinuation<Value, any Error>] = [:]
    var lastWaiter: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Nothing is set.
  package init() {}

  /// The value, once set.
  package var value: Value? { self.state.withLock { $0.value } }

  /// Sets the value, unless it is set already.
  package func set(_ value: Value) {
    let waiters = self.state.withLock { state in
      guard state.value == nil else { return [CheckedContinuation<Value, any Error>]() }
      state.value = value
      defer { state.waiters.removeAll() }
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.resume(returning: value) }
  }

  /// Waits for the value.
  ///
  /// - Throws: `CancellationError` when the calling task is cancelled.
  package func wait() async throws -> Value {
    let id = self.state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result: Result<Value, any Error>? = self.state.withLock { state in
          if let value = state.value { return .success(value) }
          if Task.isCancelled { return .failure(CancellationError()) }
          state.waiters[id] = continuation
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      self.state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
    }
  }
}
