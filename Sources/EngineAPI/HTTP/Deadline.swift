// SPDX-License-Identifier: Apache-2.0

/// Runs an operation and cancels it when it takes too long.
///
/// The operation's own end is waited for, so it must end soon after its task is cancelled.
func withDeadline<Value: Sendable, Failure: Error>(
  _ deadline: Duration,
  operation: @escaping @Sendable () async throws -> Value,
  onTimeout: @escaping @Sendable () -> Failure
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await Task.sleep(for: deadline)
      throw onTimeout()
    }
    defer { group.cancelAll() }
    guard let value = try await group.next() else { throw CancellationError() }
    return value
  }
}
