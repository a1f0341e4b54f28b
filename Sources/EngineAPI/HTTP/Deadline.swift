// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix

/// Runs an operation and cancels it when it takes too long.
///
/// The operation's own end is waited for, so it must end soon after its task is cancelled. Time is kept by an event loop: a sleeping task that is cancelled
/// leaves its timer behind, which costs every request two switches of threads and wakes the process once more when all is over.
func withDeadline<Value: Sendable, Failure: Error>(
  _ deadline: Duration,
  operation: @escaping @Sendable () async throws -> Value,
  onTimeout: @escaping @Sendable () -> Failure
) async throws -> Value {
  let eventLoop = MultiThreadedEventLoopGroup.currentEventLoop ?? MultiThreadedEventLoopGroup.singleton.any()
  let end = eventLoop.makePromise(of: Void.self)
  let alarm = eventLoop.scheduleTask(in: TimeAmount(deadline)) { end.succeed() }
  return try await withThrowingTaskGroup(of: Value.self) { group in
    // At once: most operations have done a good part of their work before they wait for anybody.
    group.addImmediateTask { try await operation() }
    group.addImmediateTask {
      try await end.futureResult.get()
      throw onTimeout()
    }
    defer {
      alarm.cancel()
      end.fail(CancellationError())
      group.cancelAll()
    }
    guard let value = try await group.next() else { throw CancellationError() }
    return value
  }
}
