// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import SwarmAgent
internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Tests a running task's health again and again, each time with a command of its own beside the task.
///
/// A test is a task in miniature: it has a shim and the node's lease, so nothing of it outlives the agent for long.
struct HealthMonitor: Sendable {
  let check: HealthCheck
  /// What a test runs; everything but its command is the task's.
  let instructions: Instructions
  /// The task that is tested.
  let task: TaskProcess

  private var probe: TaskProcess { TaskProcess(directory: self.task.directory.probe, node: self.task.node) }

  /// Returns when a test has succeeded; the first one is made at once.
  ///
  /// - Throws: when the task is unhealthy.
  func untilHealthy() async throws {
    try await self.watch(HealthState(self.check, isHealthy: false)) { $0.isHealthy }
  }

  /// Watches a task that was healthy; returns only by throwing.
  ///
  /// - Throws: when the task is unhealthy.
  func untilUnhealthy() async throws {
    try await self.pause(self.check.interval)
    try await self.watch(HealthState(self.check, isHealthy: true)) { _ in false }
  }

  private func watch(_ state: HealthState, until isDone: (HealthState) -> Bool) async throws {
    var state = state
    let began = swarm_boottime()
    while true {
      let failure = try await self.test()
      let age = Duration.nanoseconds(swarm_boottime() - began)
      if let reason = state.tested(failure, age: age) { throw RuntimeError(code: .invalidState, message: reason) }
      if isDone(state) { return }
      try await self.pause(state.pause(age: age))
    }
  }

  private func pause(_ duration: Duration) async throws {
    try await self.task.node.supervisor.readable([], within: duration)
  }

  /// Makes one test.
  ///
  /// - Returns: What was wrong; `nil` when it succeeded.
  private func test() async throws -> String? {
    let (probe, node, directory) = (self.probe, self.task.node, self.task.directory)
    try await self.task.endProbe()
    guard case .started = try await probe.launch(self.instructions, name: "health check") else {
      return "a command that can't be executed"
    }
    guard try await probe.ends(within: self.check.timeout) else {
      try await probe.kill()
      return "no answer within \(self.check.timeout)"
    }
    let observation = try await probe.settled()
    try await node.files.run { try directory.removeProbe() }
    guard case .ended(let status) = observation else { return "an end that nobody saw" }
    return status.exitCode == 0 ? nil : "exit code \(status.exitCode)"
  }
}
