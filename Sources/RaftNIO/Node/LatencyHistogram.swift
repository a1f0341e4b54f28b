// SPDX-License-Identifier: Apache-2.0

/// Counts durations in buckets that are at most 1/32 wide: any number of them in a few KiB.
public struct LatencyHistogram: Sendable, Hashable {
  private static let subdivisions = 32

  private var buckets = [Int](repeating: 0, count: 60 * Self.subdivisions)
  /// How many were counted.
  public private(set) var count = 0
  private var largest: Int64 = 0

  /// Nothing counted yet.
  public init() {}

  /// Counts a duration, any number of times.
  public mutating func add(_ duration: Duration, times: Int = 1) {
    self.add(nanoseconds: UInt64(max(0, duration / .nanoseconds(1))), times: times)
  }

  /// Counts a number of nanoseconds, which is quicker than a `Duration`.
  public mutating func add(nanoseconds: UInt64, times: Int = 1) {
    let nanoseconds = Int64(clamping: nanoseconds)
    self.buckets[Self.bucket(nanoseconds)] += times
    self.count += times
    self.largest = max(self.largest, nanoseconds)
  }

  /// Counts everything that another one has counted.
  public mutating func add(_ other: Self) {
    for bucket in self.buckets.indices { self.buckets[bucket] += other.buckets[bucket] }
    self.count += other.count
    self.largest = max(self.largest, other.largest)
  }

  /// The duration below which this part (0 to 1) of all lies; the largest for 1, and zero when nothing was counted.
  public subscript(_ part: Double) -> Duration {
    guard part < 1 else { return .nanoseconds(self.largest) }
    var rest = Int(Double(self.count) * part)
    for bucket in self.buckets.indices {
      rest -= self.buckets[bucket]
      if rest < 0 { return .nanoseconds(Self.value(bucket)) }
    }
    return .nanoseconds(self.largest)
  }

  private static func bucket(_ value: Int64) -> Int {
    guard value >= Int64(self.subdivisions) else { return Int(value) }
    let exponent = 63 - value.leadingZeroBitCount - 5
    return (exponent + 1) * self.subdivisions + Int(value >> Int64(exponent)) - self.subdivisions
  }

  private static func value(_ bucket: Int) -> Int64 {
    guard bucket >= 2 * self.subdivisions else { return Int64(bucket) }
    let exponent = bucket / self.subdivisions - 1
    return Int64(bucket % self.subdivisions + self.subdivisions) << Int64(exponent)
  }
}
