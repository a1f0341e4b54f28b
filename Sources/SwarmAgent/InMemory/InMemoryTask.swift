// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Synchronization

/// One task of an ``InMemoryRuntime``.
final class InMemoryTask: TaskController {
  private struct State {
    var startCount = 0
    var exitDeadline: Duration?
    var mayStart = true
  }

  private let id: TaskID
  private let behavior: InMemoryRuntime.Behavior
  private let clock: AgentClock
  private let forget: @Sendable () -> Void
  private let state = Mutex(State())
  private let exit = Latch<ExitStatus>()

  init(
    id: TaskID,
    behavior: InMemoryRuntime.Behavior,
    clock: AgentClock,
    forget: @escaping @Sendable () -> Void
  ) {
    self.id = id
    self.behavior = behavior
    self.clock = clock
    self.forget = forget
  }

  var startCount: Int { self.state.withLock { $0.startCount } }

  var isRunning: Bool { self.startCount > 0 && self.exit.value == nil }

  func prepare() async throws {
    if self.behavior.prepareDelay > .zero { try await self.clock.sleep(self.behavior.prepareDelay) }
    if let error = self.behavior.prepareError { throw error }
  }

  func start() async throws -> ContainerStatus {
    let status = ContainerStatus(containerID: "\(self.id)")
    guard self.startCount == 0 else { return status }
    if self.behavior.startDelay > .zero { try await self.clock.sleep(self.behavior.startDelay) }
    if let error = self.behavior.startError { throw error }
    let now = self.clock.now()
    let didStart = self.state.withLock { state in
      guard state.mayStart else { return false }
      state.startCount += 1
      state.exitDeadline = self.behavior.exit.map { now + $0.after }
      return true
    }
    guard didStart else { throw RuntimeError(code: .invalidState, message: "the task was shut down before it started") }
    return status
  }

  func wait() async throws -> ExitStatus {
    let (isStarted, deadline) = self.state.withLock { ($0.startCount > 0, $0.exitDeadline) }
    guard isStarted else { throw RuntimeError(code: .notFound, message: "the task was never started") }
    guard let deadline, let exit = self.behavior.exit else { return try await self.exit.wait() }
    return try await withThrowingTaskGroup(of: ExitStatus?.self) { group in
      group.addTask { try await self.exit.wait() }
      group.addTask {
        let delay = deadline - self.clock.now()
        if delay > .zero { try await self.clock.sleep(delay) }
        self.end(code: exit.code)
        return nil
      }
      defer { group.cancelAll() }
      while let result = try await group.next() {
        if let result { return result }
      }
      return try await self.exit.wait()
    }
  }

  func shutdown(grace: Duration) async throws {
    if self.behavior.ignoresShutdown, self.isRunning {
      try await self.clock.sleep(grace)
      try await self.terminate()
    } else {
      self.stop(signal: 15)
    }
  }

  func terminate() async throws { self.stop(signal: 9) }

  func remove() async throws {
    self.stop(signal: 9)
    self.forget()
  }

  /// Ends the task if it runs.
  func end(code: Int32, signal: Int32? = nil) {
    guard self.startCount > 0 else { return }
    self.exit.set(ExitStatus(exitCode: code, signal: signal, exitedAt: self.clock.time()))
  }

  private func stop(signal: Int32) {
    self.state.withLock { $0.mayStart = false }
    self.end(code: 128 + signal, signal: signal)
  }
}
