// SPDX-License-Identifier: Apache-2.0

/// When a record was written, in its owner's life and by Lamport's clock; the later one wins.
public struct RecordVersion: Hashable, Comparable, Sendable {
  /// The owner's epoch.
  public var epoch: UInt64
  /// Lamport time: later than everything the owner had seen.
  public var time: UInt64

  static let largestTime: UInt64 = 1 << 56

  /// Whether `left` was written earlier.
  public static func < (left: RecordVersion, right: RecordVersion) -> Bool {
    (left.epoch, left.time) < (right.epoch, right.time)
  }
}
