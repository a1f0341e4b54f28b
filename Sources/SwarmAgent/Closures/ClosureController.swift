// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Synchronization

/// Drives one task of a ``ClosureRuntime``.
final class ClosureController: TaskController {
  private enum State {
    case created
    case started
    case stopped
  }

  private let task: ClosureTask
  private let body: ClosureRuntime.Body
  private let log: LogBuffer
  private let clock: AgentClock
  private let begin: @Sendable (ClosureController) -> Void
  private let forget: @Sendable () -> Void
  private let state = Mutex(State.created)
  private let work = CancellableOperation<ExitStatus>()
  private let exit = Latch<ExitStatus>()

  init(
    task: ClosureTask,
    body: @escaping ClosureRuntime.Body,
    log: LogBuffer,
    clock: AgentClock,
    begin: @escaping @Sendable (ClosureController) -> Void,
    forget: @escaping @Sendable () -> Void
  ) {
    self.task = task
    self.body = body
    self.log = log
    self.clock = clock
    self.begin = begin
    self.forget = forget
  }

  /// Runs the closure to its end.
  ///
  /// Called by the runtime, once.
  func runBody() async {
    let status = await self.work.run {
      do {
        try await self.body(self.task)
        return self.status(0)
      } catch let exit as ClosureExit {
        return self.status(exit.code)
      } catch is CancellationError {
        return self.status(143, signal: 15)
      } catch {
        self.task.print("\(error)", to: .stderr)
        return self.status(1)
      }
    }
    self.exit.set(status)
    self.log.finish()
  }

  func prepare() async throws {}

  func start() async throws -> ContainerStatus {
    let previous = self.state.withLock { state in
      let previous = state
      if state == .created { state = .started }
      return previous
    }
    switch previous {
    case .created: self.begin(self)
    case .started: break
    case .stopped: throw RuntimeError(code: .invalidState, message: "the task was shut down before it started")
    }
    return ContainerStatus(containerID: "\(self.task.task.id)")
  }

  func openPorts() async throws -> [PortConfig] { self.task.task.givenHostPorts }

  func wait() async throws -> ExitStatus {
    guard self.state.withLock({ $0 == .started }) else {
      throw RuntimeError(code: .notFound, message: "the task was never started")
    }
    return try await self.exit.wait()
  }

  func shutdown(grace: Duration) async throws {
    guard self.stop() else { return }
    do {
      _ = try await self.clock.limit(grace, "the closure ignores its cancellation") {
        try await self.exit.wait()
      }
    } catch let error as SwarmError {
      throw RuntimeError(code: .timeout, message: error.message)
    }
  }

  /// All that can be done is to cancel: the closure is given one more second.
  func terminate() async throws { try await self.shutdown(grace: .seconds(1)) }

  func remove() async throws {
    _ = self.stop()
    self.log.finish()
    self.forget()
  }

  func logs(_ options: LogOptions) -> LogStream { self.log.stream(options) }

  /// Cancels the closure; false when there is nothing to wait for.
  private func stop() -> Bool {
    let wasStarted = self.state.withLock { state in
      if state == .created { state = .stopped }
      return state == .started
    }
    if wasStarted { self.work.cancel() }
    return wasStarted && self.exit.value == nil
  }

  private func status(_ code: Int32, signal: Int32? = nil) -> ExitStatus {
    ExitStatus(exitCode: code, signal: signal, exitedAt: self.clock.time())
  }
}
