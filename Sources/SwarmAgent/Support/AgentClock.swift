// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Where an agent takes its time from.
package struct AgentClock: Sendable {
  /// The time since any origin; never goes back, and goes on while the machine sleeps.
  package var now: @Sendable () -> Duration
  /// Sleeps; throws `CancellationError` when the task is cancelled.
  package var sleep: @Sendable (Duration) async throws -> Void
  /// The wall clock.
  package var time: @Sendable () -> Timestamp

  package init(
    now: @escaping @Sendable () -> Duration,
    sleep: @escaping @Sendable (Duration) async throws -> Void,
    time: @escaping @Sendable () -> Timestamp
  ) {
    self.now = now
    self.sleep = sleep
    self.time = time
  }

  /// The machine's clocks.
  package static var system: AgentClock {
    let origin = ContinuousClock.now
    return AgentClock(
      now: { origin.duration(to: .now) },
      sleep: { try await Task.sleep(for: $0, clock: .continuous) },
      time: { Self.wallTime }
    )
  }

  private static var wallTime: Timestamp {
    var time = timespec()
    guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 else { return .zero }
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// Runs `work`, but not for longer than `limit`.
  ///
  /// - Throws: what `work` throws; `deadlineExceeded` with `message` when it takes longer.
  func limit<Success: Sendable>(
    _ limit: Duration,
    _ message: String,
    _ work: @escaping @Sendable () async throws -> Success
  ) async throws -> Success {
    try await withThrowingTaskGroup(of: Success?.self) { group in
      group.addTask { try await work() }
      group.addTask {
        try await self.sleep(limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let success = first else {
        throw SwarmError(code: .deadlineExceeded, message: message)
      }
      return success
    }
  }
}
