// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import Logging
internal import SwarmAgent
internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A task that runs, ran, or will run in a directory, whatever its spec says: observing, waiting, stopping, removing.
struct TaskProcess: Sendable {
  /// The task's directory.
  let directory: TaskDirectory
  /// The open node.
  let node: OpenNode

  /// How long a shim may take beyond the grace period before it is taken for stuck.
  private static let patience: Duration = .seconds(10)

  /// How it stands with the task; waits until a start that is under way is decided.
  func settled() async throws -> TaskObservation {
    let directory = self.directory
    var observation = try await self.node.files.run { try directory.observe() }
    if case .starting = observation {
      let watch = DirectoryWatch(directory.path, supervisor: self.node.supervisor)
      while true {
        observation = try await self.node.files.run { try directory.observe() }
        guard case .starting = observation else { break }
        // Limited, because a shim that dies before it wrote anything changes nothing but its lock.
        try await watch.changed(within: .milliseconds(100))
      }
    }
    if case .lost(let record?) = observation { try await self.sweep(record) }
    return observation
  }

  /// Waits for the end.
  ///
  /// - Throws: ``RuntimeError/Code/notFound`` when nobody knows how the task ended, ``RuntimeError/Code/invalidState`` when it wasn't started.
  func wait() async throws -> StatusRecord {
    while true {
      switch try await self.settled() {
      case .absent, .created, .starting:
        throw RuntimeError(code: .invalidState, message: "the task was not started")
      case .running(let record):
        try await self.ended(record)
      case .ended(let status):
        guard status.cause != .never else {
          throw RuntimeError(code: .invalidState, message: "the task was shut down before it was started")
        }
        return status
      case .lost(let record):
        let reason = record == nil ? "the machine was restarted" : "the process that watched over it was killed"
        throw RuntimeError(code: .notFound, message: "nobody knows how the task ended: \(reason)")
      }
    }
  }

  /// Asks the task to end, kills it when it hasn't after the grace period, and waits until it has.
  func stop(signal: Int32, grace: Duration) async throws {
    while true {
      switch try await self.settled() {
      case .absent, .created, .starting:
        let directory = self.directory
        if try await self.node.files.run({ try directory.preventStart(at: currentTime()) }) { return }
      case .running(let record):
        try await self.stop(record, signal: signal, grace: grace)
      case .ended, .lost:
        return
      }
    }
  }

  /// Kills the task with all its descendants and waits until it has ended.
  func kill() async throws {
    try await self.stop(signal: SIGKILL, grace: .zero)
  }

  /// Kills the task if it runs, and deletes its directory.
  func remove() async throws {
    if case .absent = try await self.settled() { return }
    try await self.endProbe()
    try await self.kill()
    let (directory, node) = (self.directory, self.node)
    try await node.files.run { try node.remove(directory) }
  }

  /// Logs that the task runs already, if it does.
  func logIfRunning() async throws {
    let directory = self.directory
    guard case .running(let record) = try await self.node.files.run({ try directory.observe() }) else { return }
    guard self.open(record.shim) != nil else { return }
    self.node.logger.info("task found running", metadata: ["task": "\(directory.name)", "pid": "\(record.task.pid)"])
  }

  /// A descriptor of the shim; `nil` when it has ended.
  func open(_ shim: ProcessRecord.Identity) -> Descriptor? {
    let number = swarm_pidfd_open(shim.pid)
    guard number >= 0 else { return nil }
    let descriptor = Descriptor(owning: number)
    // The id may have gone to another process before the descriptor took hold of it.
    guard swarm_process_start_time(shim.pid) == shim.startTime else {
      swarm_pidfd_reap(number)
      return nil
    }
    return descriptor
  }

  private func ended(_ record: ProcessRecord) async throws {
    guard let shim = self.open(record.shim) else { return }
    try await self.node.supervisor.readable([shim])
    swarm_pidfd_reap(shim.number)
  }

  private func stop(_ record: ProcessRecord, signal: Int32, grace: Duration) async throws {
    guard let shim = self.open(record.shim) else { return }
    let milliseconds = UInt64(max(grace.nanoseconds, 0)) / 1_000_000
    // Fails only when the shim has just ended.
    guard swarm_shim_stop(shim.number, signal, milliseconds) == 0 else { return }
    if try await self.node.supervisor.readable([shim], within: grace + Self.patience) {
      swarm_pidfd_reap(shim.number)
      return
    }
    // A shim that was stopped (SIGSTOP) or hangs takes its main process along when it is killed; the rest is swept up.
    self.node.logger.warning("a task's shim doesn't answer and is killed", metadata: ["task": "\(self.directory.name)"])
    _ = swarm_pidfd_signal(shim.number, SIGKILL)
    try await self.node.supervisor.readable([shim])
    swarm_pidfd_reap(shim.number)
  }

  /// Kills what a killed shim left behind.
  ///
  /// Its main process was killed with it.
  private func sweep(_ record: ProcessRecord) async throws {
    let session = record.shim
    for _ in 0..<100 {
      let found = try await self.node.files.run { swarm_kill_session(session.pid, session.startTime) }
      guard found > 0 else { return }
      try await self.node.supervisor.readable([], within: .milliseconds(20))
    }
  }
}
