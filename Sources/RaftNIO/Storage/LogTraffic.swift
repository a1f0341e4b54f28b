// SPDX-License-Identifier: Apache-2.0

/// What was written to the log during some time.
struct LogTraffic: Sendable, Hashable {
  var syncs = 0
  var bytes = 0
  /// How long the writer's thread was at it.
  var busy: Duration = .zero
  /// The slowest round.
  var slowest: Duration = .zero

  static func += (traffic: inout Self, other: Self) {
    traffic.syncs += other.syncs
    traffic.bytes += other.bytes
    traffic.busy += other.busy
    traffic.slowest = max(traffic.slowest, other.slowest)
  }
}
