// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What this process used of the machine's memory.
enum Memory {
  static var peakMebibytes: Int {
    var usage = rusage()
    unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss / 1024
  }
}
