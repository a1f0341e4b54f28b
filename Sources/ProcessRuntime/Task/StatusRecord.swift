// SPDX-License-Identifier: Apache-2.0

package import SwarmAgent
package import SwarmModel

/// How a task ended: written by the shim in the file `status`.
package struct StatusRecord: Hashable, Sendable {
  /// Why a task ended.
  package enum Cause: String, Sendable {
    /// By itself, or by a signal from somewhere else.
    case exit
    /// After it was asked to stop.
    case stop
    /// By force, because it went on after it was asked to stop.
    case grace
    /// By force, because its node gave no sign of life.
    case lease
    /// The program could not be executed.
    case exec
    /// The working directory could not be entered.
    case workdir
    /// Its control group could not be entered.
    case group
    /// It was shut down before it was started.
    case never
  }

  /// Why it ended.
  package var cause: Cause
  /// The exit code; 128 + n after signal n.
  package var exitCode: Int32
  /// The signal that ended it, or 0.
  package var signal: Int32
  /// The system's error number for ``Cause/exec``, ``Cause/workdir`` and ``Cause/group``.
  package var errorNumber: Int32
  /// When it ended.
  package var exitedAt: Timestamp
  /// Whether a process of it was killed because it used more memory than it may.
  package var outOfMemory: Bool

  /// The record of a task that will never be started.
  package static func never(at time: Timestamp) -> Self {
    Self(cause: .never, exitCode: 0, signal: 0, errorNumber: 0, exitedAt: time, outOfMemory: false)
  }

  private init(cause: Cause, exitCode: Int32, signal: Int32, errorNumber: Int32, exitedAt: Timestamp, outOfMemory: Bool) {
    self.cause = cause
    self.exitCode = exitCode
    self.signal = signal
    self.errorNumber = errorNumber
    self.exitedAt = exitedAt
    self.outOfMemory = outOfMemory
  }

  /// Reads a record; `nil` unless it is complete.
  package init?(_ bytes: [UInt8]) {
    guard
      let lines = RecordLines(bytes, format: "swarm-status 1"),
      let cause = lines["cause"].map({ Cause(rawValue: $0) ?? .exit }),
      let code = lines.number("code", as: Int32.self),
      let signal = lines.number("signal", as: Int32.self),
      let error = lines.number("errno", as: Int32.self),
      let exited = lines.number("exited", as: Int64.self)
    else { return nil }
    self.init(
      cause: cause,
      exitCode: code,
      signal: signal,
      errorNumber: error,
      exitedAt: Timestamp(nanoseconds: exited),
      outOfMemory: lines["oom"] == "1"
    )
  }

  /// The content of the file.
  package var encoded: [UInt8] {
    let text = """
      swarm-status 1
      cause \(self.cause.rawValue)
      code \(self.exitCode)
      signal \(self.signal)
      errno \(self.errorNumber)
      exited \(self.exitedAt.nanoseconds)
      \(self.outOfMemory ? "oom 1\n" : "")
      """
    return Array(text.utf8)
  }

  /// What the agent gets to see.
  package var exitStatus: ExitStatus {
    ExitStatus(
      exitCode: self.exitCode,
      signal: self.signal == 0 ? nil : self.signal,
      exitedAt: self.exitedAt,
      oomKilled: self.outOfMemory
    )
  }
}
