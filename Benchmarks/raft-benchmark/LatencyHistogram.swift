// SPDX-License-Identifier: Apache-2.0

/// Counts durations in buckets that are at most 1/32 wide: any number of them in a few KiB.
struct LatencyHistogram {
  private static let subdivisions = 32

  private var buckets = [Int](repeating: 0, count: 60 * Self.subdivisions)
  private var count = 0
  private var largest: Int64 = 0

  mutating func add(_ duration: Duration, times: Int = 1) {
    let nanoseconds = max(0, Int64(duration / .nanoseconds(1)))
    self.buckets[Self.bucket(nanoseconds)] += times
    self.count += times
    self.largest = max(self.largest, nanoseconds)
  }

  /// The duration below which this part (0 to 1) of all lies.
  subscript(_ part: Double) -> Duration {
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
