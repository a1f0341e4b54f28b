// SPDX-License-Identifier: Apache-2.0

/// A place in the log on disk: a segment and a byte offset in its file.
package struct SegmentPosition: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The sequence number of the segment, counted from 1.
  package var segment: UInt64
  /// The byte offset in the segment's file.
  package var offset: UInt64

  package init(segment: UInt64, offset: UInt64) {
    self.segment = segment
    self.offset = offset
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.segment, left.offset) < (right.segment, right.offset)
  }

  package var description: String { "\(self.segment):\(self.offset)" }
}
