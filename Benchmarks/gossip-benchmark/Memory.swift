// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc

/// What this process uses of the machine's memory.
enum Memory {
  static var peakMebibytes: Int {
    var usage = rusage()
    unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss / 1024
  }

  /// What is resident at this moment, in KiB.
  static var residentKibibytes: Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * sysconf(Int32(_SC_PAGESIZE)) / 1024
  }
}
