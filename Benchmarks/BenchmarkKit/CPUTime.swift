// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Processor time that this process has used, user and system together.
package enum CPUTime {
  package static var now: Duration {
    var usage = rusage()
    unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
    return Self.duration(usage.ru_utime) + Self.duration(usage.ru_stime)
  }

  private static func duration(_ time: timeval) -> Duration {
    .seconds(time.tv_sec) + .microseconds(time.tv_usec)
  }
}
