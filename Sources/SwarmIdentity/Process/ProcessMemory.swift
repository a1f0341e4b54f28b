// SPDX-License-Identifier: Apache-2.0

internal import CHardening
internal import Glibc
public import SwarmModel

/// The memory of this process, which holds keys and secrets.
public enum ProcessMemory {
  /// Keeps the memory from core dumps and from debuggers of the same user.
  ///
  /// A program calls it once, before it reads any key. Debuggers and profilers of other users than root don't work on it afterwards, and
  /// `/proc/<pid>` belongs to root.
  ///
  /// - Throws: ``SwarmError`` with code `failedPrecondition` when the system refuses.
  public static func forbidDumps() throws(SwarmError) {
    guard swarm_forbid_dumps() == 0 else {
      throw SwarmError(code: .failedPrecondition, message: "memory dumps can't be forbidden: \(SystemFailure.last)")
    }
  }
}
