// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import SwarmModel

/// The two clocks of a node's drivers; the cores get their readings as parameters.
struct NodeClock: Sendable {
  private let origin = ContinuousClock.now

  /// Monotonic time since the clock was made; goes on while the machine is suspended.
  var now: Duration { ContinuousClock.now - self.origin }

  /// Wall time.
  var time: Timestamp {
    var reading = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &reading)
    return Timestamp(nanoseconds: Int64(reading.tv_sec) * 1_000_000_000 + Int64(reading.tv_nsec))
  }
}
