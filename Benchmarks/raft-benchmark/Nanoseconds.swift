// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The monotonic clock as a plain number: arithmetic of `Duration` is 128 bits wide, and would show in the measurement.
enum Nanoseconds {
  static var now: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
