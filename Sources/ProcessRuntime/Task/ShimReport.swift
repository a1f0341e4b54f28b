// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import SwarmAgent

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The one line in which a shim says how its start went.
enum ShimReport: Hashable, Sendable {
  /// The task runs and this is its process id.
  case started(Int32)
  /// Another shim has the task, or had it.
  case busy
  /// It can't be started; with the system's error number.
  case failed(Stage, Int32)

  /// What a shim does to start a task.
  enum Stage: String, Sendable {
    case directory, instructions, lease, log, fork, workdir, exec, task, group
  }

  /// Reads a line; `nil` when it isn't one.
  init?(_ line: String) {
    let words = line.split(whereSeparator: \.isWhitespace)
    switch words.first {
    case "started":
      guard words.count == 2, let pid = Int32(words[1]) else { return nil }
      self = .started(pid)
    case "busy":
      self = .busy
    case "failed":
      guard words.count == 3, let stage = Stage(rawValue: String(words[1])), let number = Int32(words[2]) else { return nil }
      self = .failed(stage, number)
    default:
      return nil
    }
  }

  /// Starts a shim; blocks until the program is being loaded.
  ///
  /// - Returns: the shim's process, unless it has ended already, and where it reports to.
  static func launch(directory: String, name: String) throws(RuntimeError) -> (child: Descriptor?, reader: Descriptor) {
    var report: Int32 = -1
    let pid = unsafe swarm_shim_spawn(directory, name, &report)
    guard pid > 0 else { throw .system("start a process", errno) }
    let reader = Descriptor(owning: report)
    // Still our child, so the id is its own.
    let child = swarm_pidfd_open(pid)
    return (child >= 0 ? Descriptor(owning: child) : nil, reader)
  }

  /// Waits for the report.
  static func read(_ reader: Descriptor, _ supervisor: Supervisor) async throws -> ShimReport {
    var line: [UInt8] = []
    while true {
      try await supervisor.readable([reader])
      guard let bytes = try reader.readAvailable(count: 256) else { continue }
      guard !bytes.isEmpty else { break }
      line += bytes
    }
    guard let report = ShimReport(String(decoding: line, as: UTF8.self)) else {
      throw RuntimeError(code: .internalError, message: "the shim that should run the task ended without a word")
    }
    return report
  }
}
