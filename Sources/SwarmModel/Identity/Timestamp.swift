// SPDX-License-Identifier: Apache-2.0

/// A moment of wall time: nanoseconds since 1970-01-01T00:00:00Z, from 1677 to 2262.
///
/// Arithmetic stops at the ends of the range instead of trapping.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  public var nanoseconds: Int64

  /// Creates a moment.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The beginning of 1970, which also stands for "not set".
  public static var zero: Self { Self(nanoseconds: 0) }

  /// Orders moments in time.
  public static func < (left: Self, right: Self) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The moment that lies a duration later.
  public static func + (left: Self, right: Duration) -> Self {
    Self(nanoseconds: left.nanoseconds.addingClamped(right.wholeNanoseconds))
  }

  /// The moment that lies a duration earlier.
  public static func - (left: Self, right: Duration) -> Self {
    left + (.zero - right)
  }

  /// The time from one moment to another.
  public static func - (left: Self, right: Self) -> Duration {
    .nanoseconds(left.nanoseconds) - .nanoseconds(right.nanoseconds)
  }
}

extension Duration {
  /// The duration in nanoseconds, cut to whole ones and to the range of the type.
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = self.components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    return product.addingClamped(attoseconds / 1_000_000_000)
  }
}

extension Int64 {
  fileprivate func addingClamped(_ other: Int64) -> Int64 {
    let (sum, overflow) = self.addingReportingOverflow(other)
    if overflow { return other < 0 ? .min : .max }
    return sum
  }
}
