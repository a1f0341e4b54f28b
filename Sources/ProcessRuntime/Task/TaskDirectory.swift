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

/// What a task's directory says about the task.
///
/// Looking at it is the only way in which the runtime knows a task: it remembers nothing itself, so a restarted agent knows as
/// much as the one before.
enum TaskObservation: Sendable {
  /// There is no directory.
  case absent
  /// It was never started.
  case created
  /// A shim is about to start it.
  case starting
  /// It runs under this shim.
  case running(ProcessRecord)
  /// It has ended, or will never be started.
  case ended(StatusRecord)
  /// It ran, and nobody wrote down how it ended: the machine was restarted, or the shim was killed.
  case lost(ProcessRecord?)
}

/// The directory of one task.
///
/// `instructions` (from the runtime to the shim), `lock` (held by the shim while it lives), `pid`, `status`, `log` and `log.1` (from the
/// shim), `work` (the task's working directory unless its spec names another).
struct TaskDirectory: Sendable {
  /// The directory's path.
  let path: String

  /// The directory's name: the task's id.
  var name: String { self.path.split(separator: "/").last.map(String.init) ?? "" }

  /// The default working directory of the task.
  var work: String { "\(self.path)/work" }

  /// Makes the directory; blocks, like everything here.
  @discardableResult
  func create() throws(RuntimeError) -> PrivateDirectory {
    let directory = try PrivateDirectory.create(self.path)
    try directory.makeDirectory("work")
    return directory
  }

  /// Deletes instructions that no shim will read: they may hold secrets.
  func removeInstructions() throws(RuntimeError) {
    try PrivateDirectory.open(self.path)?.removeFile("instructions")
  }

  /// Finds out how it stands with the task.
  func observe() throws(RuntimeError) -> TaskObservation {
    guard let directory = try PrivateDirectory.open(self.path) else { return .absent }
    // The shim holds the lock from before it writes anything until after it has written everything. So what was seen while nobody held it, and
    // is looked at once more, is final.
    let first = try self.look(directory)
    switch first {
    case .created, .lost:
      if let lock = try directory.open("lock", flags: O_RDWR), swarm_is_locked(lock.number) == 1 { return .starting }
      return try self.look(directory)
    default:
      return first
    }
  }

  private func look(_ directory: PrivateDirectory) throws(RuntimeError) -> TaskObservation {
    if let bytes = try directory.read("status") {
      guard let status = StatusRecord(bytes) else {
        throw RuntimeError(code: .internalError, message: "the file \(self.path)/status is damaged")
      }
      return .ended(status)
    }
    guard let bytes = try directory.read("pid") else { return .created }
    // It isn't synced to the disk: after a loss of power it may be empty, and then the task is gone with the machine's last boot.
    guard let record = ProcessRecord(bytes) else { return .lost(nil) }
    guard record.boot == currentBoot else { return .lost(nil) }
    return swarm_process_start_time(record.shim.pid) == record.shim.startTime ? .running(record) : .lost(record)
  }

  /// Makes sure that the task is never started.
  ///
  /// - Returns: false when a shim is just starting it.
  func preventStart(at time: Timestamp) throws(RuntimeError) -> Bool {
    let directory = try PrivateDirectory.create(self.path)
    let lock = try directory.openOrCreate("lock")
    // With the lock in hand no shim can begin; one that comes later finds the status.
    guard swarm_lock(lock.number) == 0 else { return false }
    defer { swarm_unlock(lock.number) }
    guard case .created = try self.look(directory) else { return false }
    try directory.write("status", StatusRecord.never(at: time).encoded, durable: true)
    return true
  }
}

/// The id of the machine's current boot.
let currentBoot: String = {
  var bytes = [CChar](repeating: 0, count: 40)
  unsafe swarm_boot_id(&bytes)
  return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}()

/// The wall clock.
func currentTime() -> Timestamp {
  var now = timespec()
  _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
  return Timestamp(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
}
