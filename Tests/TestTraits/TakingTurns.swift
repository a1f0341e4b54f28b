// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
public import Testing

/// A suite of tests against real sockets, files and processes: a few such suites run at a time.
///
/// All at once, they would keep each other from answering in time, and a cluster under test would see failures that nobody caused.
public struct TakingTurns: SuiteTrait, TestScoping {
  /// Runs a suite when it is its turn.
  public func provideScope(
    for test: Test,
    testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    await Turns.shared.take()
    defer { Turns.shared.giveBack() }
    try await function()
  }
}

extension Trait where Self == TakingTurns {
  /// The suite's tests meet real sockets, files or processes.
  public static var takingTurns: TakingTurns { TakingTurns() }
}

/// So many suites may run; who comes later waits in line.
private final class Turns: Sendable {
  static let shared = Turns(count: 4)

  private struct State {
    var free: Int
    var line: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(count: Int) {
    self.state = Mutex(State(free: count))
  }

  func take() async {
    await withCheckedContinuation { next in
      let isMyTurn = self.state.withLock { state in
        guard state.free > 0 else {
          state.line.append(next)
          return false
        }
        state.free -= 1
        return true
      }
      if isMyTurn { next.resume() }
    }
  }

  func giveBack() {
    let next: CheckedContinuation<Void, Never>? = self.state.withLock { state in
      guard !state.line.isEmpty else {
        state.free += 1
        return nil
      }
      return state.line.removeFirst()
    }
    next?.resume()
  }
}
