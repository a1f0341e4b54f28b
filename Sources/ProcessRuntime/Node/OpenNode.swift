// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import Logging
internal import SwarmAgent
internal import SwarmModel
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Everything that the tasks of one node share while the runtime is open.
///
/// The node's directory holds `lock` (one runtime at a time), `lease`, and one directory per task.
final class OpenNode: Sendable {
  /// The node's directory.
  let directory: PrivateDirectory
  /// How tasks are run.
  let configuration: ProcessRuntimeConfiguration
  /// Waits for processes and files.
  let supervisor: Supervisor
  /// Runs what blocks.
  let files = BlockingQueue()
  /// The node's lease.
  let lease: LeaseFile
  /// Where tasks are held to their limits.
  let groups: ControlGroups
  /// Where the runtime reports to.
  let logger: Logger
  private let lock: Mutex<Descriptor?>

  /// Opens a node's directory; blocks.
  init(directory path: String, name: String, configuration: ProcessRuntimeConfiguration, logger: Logger) throws(RuntimeError) {
    let directory = try PrivateDirectory.create(path)
    let lock = try directory.openOrCreate("lock")
    guard Self.take(lock) else {
      throw RuntimeError(code: .exists, message: "the directory \(path) is in use by another process runtime")
    }
    let lease = try LeaseFile(in: directory)
    try lease.renew(for: configuration.lease)
    for name in try directory.entries() where name.hasPrefix(Self.removalPrefix) {
      // The rest of a removal that was interrupted.
      try directory.removeTree(name)
    }
    self.groups = ControlGroups(configuration.controlGroups, node: name)
    self.directory = directory
    self.configuration = configuration
    self.lock = Mutex(lock)
    self.lease = lease
    self.logger = logger
    if self.groups.controllers.count < TaskLimits.Controller.allCases.count {
      let missing = TaskLimits.Controller.allCases.filter { [groups = self.groups] in !groups.controllers.contains($0) }
      logger.warning(
        "not all limits of tasks can be enforced on this node",
        metadata: ["missing": "\(missing.map(\.noun).joined(separator: ", "))", "reason": "\(self.groups.reason)"]
      )
    }
    self.supervisor = try Supervisor(every: configuration.renewal) {
      do {
        try lease.renew(for: configuration.lease)
      } catch {
        logger.error("the lease of this node's tasks can't be renewed", metadata: ["error": "\(error)"])
      }
    }
  }

  deinit {
    self.supervisor.requestStop()
  }

  /// Stops renewing the lease.
  ///
  /// Tasks go on until it runs out, or the next runtime renews it.
  func requestClose() {
    self.supervisor.requestStop()
  }

  /// Returns when the node is closed; its directory can be opened again then.
  func closed() async {
    await self.supervisor.stopped()
    self.groups.close()
    self.lock.withLock { lock in
      if let lock { swarm_unlock(lock.number) }
      lock = nil
    }
  }

  /// Fails when the node was closed: without the lock nothing may be started.
  func checkOpen() throws(RuntimeError) {
    guard self.lock.withLock({ $0 != nil }) else { throw Supervisor.closed }
  }

  /// The ids of all tasks that have a directory.
  func tasks() throws(RuntimeError) -> [TaskID] {
    try self.directory.entries().compactMap { TaskID($0) }.sorted()
  }

  /// Deletes a task's directory; blocks.
  ///
  /// It vanishes at once, so that a half-deleted one is never taken for a task that wasn't started.
  func remove(_ task: TaskDirectory) throws(RuntimeError) {
    self.groups.remove(task.name)
    try self.directory.rename(task.name, to: Self.removalPrefix + task.name)
    try self.directory.removeTree(Self.removalPrefix + task.name)
  }

  /// Takes the node's lock.
  ///
  /// An agent that was killed while it spawned leaves it to the new process for a few milliseconds more, so a second try is due.
  private static func take(_ lock: Descriptor) -> Bool {
    for _ in 0..<20 {
      if swarm_lock(lock.number) == 0 { return true }
      usleep(20_000)
    }
    return false
  }

  private static let removalPrefix = ".removing-"
}
