// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel
internal import Synchronization

/// A clock without time: short sleeps (pauses, retries) pass at once and move it on, long ones (heartbeats,
/// limits) wait until a test does.
final class TestClock: Sendable {
  private struct Sleeper {
    var duration: Duration
    var deadline: Duration
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now = Duration.zero
    var sleepers: [UInt64: Sleeper] = [:]
    var last: UInt64 = 0
    var watchers: [(duration: Duration, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())
  private let short: Duration

  init(short: Duration = .seconds(1)) {
    self.short = short
  }

  var clock: AgentClock {
    AgentClock(
      now: { self.now },
      sleep: { try await self.sleep($0) },
      time: { Timestamp(nanoseconds: 1_000_000_000_000_000_000) + self.now }
    )
  }

  var now: Duration { self.state.withLock { $0.now } }

  /// Waits until somebody sleeps for this long.
  func untilSleeping(_ duration: Duration) async {
    await withCheckedContinuation { continuation in
      let isSleeping = self.state.withLock { state in
        if state.sleepers.values.contains(where: { $0.duration == duration }) { return true }
        state.watchers.append((duration, continuation))
        return false
      }
      if isSleeping { continuation.resume() }
    }
  }

  /// Moves time on and wakes those whose time has come.
  func advance(by duration: Duration) {
    let due = self.state.withLock { state in
      state.now += duration
      let due = state.sleepers.filter { $0.value.deadline <= state.now }
      for id in due.keys { state.sleepers[id] = nil }
      return due.values.sorted { $0.deadline < $1.deadline }
    }
    for sleeper in due { sleeper.continuation.resume() }
  }

  private func sleep(_ duration: Duration) async throws {
    try Task.checkCancellation()
    guard duration > self.short else {
      self.advance(by: duration)
      await Task.yield()
      return
    }
    let id = self.state.withLock { state in
      state.last += 1
      return state.last
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let watchers = self.state.withLock { state -> [CheckedContinuation<Void, Never>]? in
          if Task.isCancelled { return nil }
          let deadline = state.now + duration
          state.sleepers[id] = Sleeper(duration: duration, deadline: deadline, continuation: continuation)
          let watchers = state.watchers.filter { $0.duration == duration }
          state.watchers.removeAll { $0.duration == duration }
          return watchers.map(\.continuation)
        }
        guard let watchers else { return continuation.resume(throwing: CancellationError()) }
        for watcher in watchers { watcher.resume() }
      }
    } onCancel: {
      self.state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
    }
  }
}
