// SPDX-License-Identifier: Apache-2.0

internal import CProcessMemory
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

  /// Lets go of the code and constants of the program and its libraries, as far as they are resident.
  ///
  /// A program calls it when its start is over: most of what is resident by then only the start needed. Whatever runs next comes back at
  /// once, as a rule from the kernel's cache of files, some microseconds for every 64 KiB. Breakpoints that a debugger has set are lost.
  public static func releaseCode() {
    swarm_release_code()
  }
}
