// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// How many bytes the end of a log has, also of the part that is no longer in memory: a mark every now and then.
struct LogSizes: Sendable {
  /// Up to which entry the log has how many bytes, since any origin.
  private struct Mark {
    var last: LogIndex
    var bytes: Int
  }

  /// How far marks are apart, in bytes: small against any sensible limit, and thousands of marks for a huge log.
  private static let distance = 64 << 10

  private var marks: Deque<Mark> = []
  private var bytes = 0
  private var markedBytes = 0

  mutating func append(_ last: LogIndex, bytes: Int) {
    self.bytes += bytes
    guard self.bytes - self.markedBytes >= Self.distance else { return }
    self.marks.append(Mark(last: last, bytes: self.bytes))
    self.markedBytes = self.bytes
  }

  /// Removes `index` and everything behind it.
  mutating func truncate(from index: LogIndex) {
    while let mark = self.marks.last, mark.last >= index { self.marks.removeLast() }
    // What remains behind the last mark isn't known; it is less than a distance.
    self.markedBytes = self.marks.last?.bytes ?? 0
    self.bytes = self.markedBytes
  }

  mutating func compact(through index: LogIndex) {
    while let mark = self.marks.first, mark.last <= index { self.marks.removeFirst() }
  }

  /// The last entry that has to go so that those from there through `end` have about `limit` bytes at most; nil when all may stay.
  func lastToDrop(before end: LogIndex, limit: Int) -> LogIndex? {
    guard let last = self.marks.last(where: { $0.last <= end }) else { return nil }
    return self.marks.last { $0.last <= end && last.bytes - $0.bytes > limit - Self.distance }?.last
  }
}
