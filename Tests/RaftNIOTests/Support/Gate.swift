// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Holds threads up until it is opened, and tells when one came.
final class Gate: Sendable {
  private struct State {
    var isClosed: Bool
    var held: [DispatchSemaphore] = []
    var watchers: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(isClosed: Bool) { self.state = Mutex(State(isClosed: isClosed)) }

  func close() { self.state.withLock { $0.isClosed = true } }

  func open() {
    let held = self.state.withLock { state in
      state.isClosed = false
      defer { state.held = [] }
      return state.held
    }
    for thread in held { thread.signal() }
  }

  /// Goes through when it is open, else waits.
  func pass() {
    let (thread, watchers) = self.state.withLock { state -> (DispatchSemaphore?, [CheckedContinuation<Void, Never>]) in
      guard state.isClosed else { return (nil, []) }
      let thread = DispatchSemaphore(value: 0)
      state.held.append(thread)
      defer { state.watchers = [] }
      return (thread, state.watchers)
    }
    for watcher in watchers { watcher.resume() }
    thread?.wait()
  }

  /// Waits until somebody stands before the closed gate.
  func waitUntilReached() async {
    await withCheckedContinuation { continuation in
      let isReached = self.state.withLock { state in
        if state.held.isEmpty { state.watchers.append(continuation) }
        return !state.held.isEmpty
      }
      if isReached { continuation.resume() }
    }
  }
}
