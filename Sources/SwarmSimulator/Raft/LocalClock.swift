// SPDX-License-Identifier: Apache-2.0

/// A member's monotonic clock: it starts anywhere, goes too fast or too slow, and jumps.
struct LocalClock: Sendable {
  private var offset: Nanoseconds
  /// In millionths.
  private let drift: Nanoseconds

  init(offset: Nanoseconds, drift: Nanoseconds) {
    self.offset = offset
    self.drift = drift
  }

  /// What the clock shows at a time of the world.
  func local(_ time: Nanoseconds) -> Nanoseconds { time + time / 1_000_000 * self.drift + self.offset }

  /// As the core counts it.
  func reading(at time: Nanoseconds) -> Duration { .nanoseconds(self.local(time)) }

  /// When, at the earliest, the clock shows a reading.
  func time(of reading: Duration) -> Nanoseconds {
    let local = reading.nanoseconds - self.offset
    return local / (1_000_000 + self.drift) * 1_000_000 + local % (1_000_000 + self.drift) + 1
  }

  mutating func jump(by distance: Nanoseconds) { self.offset += distance }
}

extension Duration {
  /// Whole nanoseconds; what doesn't fit is the largest number.
  var nanoseconds: Nanoseconds {
    let (seconds, attoseconds) = self.components
    guard seconds < Nanoseconds.max / 1_000_000_000 else { return .max }
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}

extension Nanoseconds {
  static func milliseconds(_ count: Int) -> Nanoseconds { Nanoseconds(count) * 1_000_000 }
  static func microseconds(_ count: Int) -> Nanoseconds { Nanoseconds(count) * 1_000 }
}
