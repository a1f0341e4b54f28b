// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// How a task ended.
public struct ExitStatus: Hashable, Sendable {
  /// The exit code; 128 + n for a task that a signal n ended, as shells and Docker count.
  public var exitCode: Int32
  /// The signal that ended the task, if one did.
  public var signal: Int32?
  /// When it ended.
  public var exitedAt: Timestamp
  /// Whether it was ended because it used too much memory.
  public var oomKilled: Bool

  /// Creates an exit status.
  public init(exitCode: Int32, signal: Int32? = nil, exitedAt: Timestamp, oomKilled: Bool = false) {
    self.exitCode = exitCode
    self.signal = signal
    self.exitedAt = exitedAt
    self.oomKilled = oomKilled
  }

  /// Whether the task completed: exit code 0.
  public var isSuccess: Bool { self.exitCode == 0 }
}
