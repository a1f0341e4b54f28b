// SPDX-License-Identifier: Apache-2.0

/// Which change of the replicated log wrote an object last.
public struct Version: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The index of the log entry; docker's `Version.Index`.
  public var index: UInt64
  /// The position of the change in its entry, from 0.
  public var ordinal: UInt32

  /// Creates a version.
  public init(index: UInt64, ordinal: UInt32 = 0) {
    self.index = index
    self.ordinal = ordinal
  }

  /// The version of what was never written.
  public static var zero: Self { Self(index: 0) }

  /// Orders versions by the order of writing.
  public static func < (left: Self, right: Self) -> Bool {
    (left.index, left.ordinal) < (right.index, right.ordinal)
  }

  /// `index` or `index.ordinal`.
  public var description: String {
    self.ordinal == 0 ? "\(self.index)" : "\(self.index).\(self.ordinal)"
  }
}
