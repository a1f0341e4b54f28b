// SPDX-License-Identifier: Apache-2.0

/// The log as memory sees it: the terms of all entries, and the last entries themselves up to a number of bytes.
struct LogTail: Sendable {
  private(set) var terms: LogTerms
  private var sizes = LogSizes()
  /// The last entries of the log, without a gap up to ``lastIndex``.
  private(set) var entries: [Entry] = []
  /// Encoded bytes of ``entries``.
  private(set) var bytes = 0

  init(base: LogPosition = .zero) { self.terms = LogTerms(base: base) }

  var lastIndex: LogIndex { self.terms.lastIndex }
  var last: LogPosition { self.terms.last }
  /// The first index in memory, or the one behind the last when there is none.
  var firstInMemory: LogIndex { LogIndex(self.lastIndex.rawValue &+ 1 &- UInt64(self.entries.count)) }
  /// The first index that the log holds, in memory or on disk.
  var firstIndex: LogIndex { self.terms.base.index.next }

  /// The caller checked that the entries follow the last one without a gap.
  mutating func append(_ new: ArraySlice<Entry>) {
    for entry in new {
      self.terms.append(entry.term)
      self.bytes += entry.encoded.count
      self.sizes.append(entry.index, bytes: entry.encoded.count)
    }
    self.entries.append(contentsOf: new)
  }

  mutating func append(_ entry: Entry) {
    self.terms.append(entry.term)
    self.bytes += entry.encoded.count
    self.sizes.append(entry.index, bytes: entry.encoded.count)
    self.entries.append(entry)
  }

  /// Removes `index` and everything behind it.
  mutating func truncate(from index: LogIndex) {
    guard index <= self.lastIndex else { return }
    let removed = min(self.entries.count, self.lastIndex - index.previous)
    for entry in self.entries.suffix(removed) { self.bytes -= entry.encoded.count }
    self.entries.removeLast(removed)
    self.terms.truncate(from: index)
    self.sizes.truncate(from: index)
  }

  /// Forgets everything; the log goes on behind `base`.
  mutating func reset(to base: LogPosition) {
    self = LogTail(base: base)
  }

  /// Forgets that the entries up to `index` exist.
  mutating func compact(through index: LogIndex) {
    self.terms.compact(through: index)
    self.sizes.compact(through: self.terms.base.index)
    self.dropFirst(max(0, self.terms.base.index.next - self.firstInMemory))
  }

  /// The last entry that isn't worth keeping behind a snapshot at `end`, for members that are slow.
  func lastToDrop(before end: LogIndex, _ memory: RaftConfiguration.Memory) -> LogIndex {
    let byCount = LogIndex(end.rawValue - min(UInt64(memory.trailingEntries), end.rawValue))
    return max(byCount, self.sizes.lastToDrop(before: end, limit: memory.trailingBytes) ?? .zero)
  }

  /// When memory holds more than `limit` bytes, lets go of the oldest entries, down to half of it, but of none behind `index`.
  ///
  /// Letting go of half at once keeps the cost per entry constant.
  mutating func trim(to limit: Int, notBehind index: LogIndex) {
    guard self.bytes > limit else { return }
    var excess = self.bytes - limit / 2
    var count = 0
    for entry in self.entries where excess > 0 && entry.index <= index {
      excess -= entry.encoded.count
      count += 1
    }
    self.dropFirst(count)
  }

  private mutating func dropFirst(_ count: Int) {
    for entry in self.entries.prefix(count) { self.bytes -= entry.encoded.count }
    self.entries.removeFirst(min(count, self.entries.count))
  }

  /// Whether memory holds every entry from `index` on.
  func holds(_ index: LogIndex) -> Bool { index >= self.firstInMemory }

  /// The entries from `first` through `last` up to `maximumBytes`, at least one; empty when `first` isn't in memory.
  func entries(from first: LogIndex, through last: LogIndex, maximumBytes: Int) -> [Entry] {
    guard self.holds(first), first <= min(last, self.lastIndex) else { return [] }
    let start = first - self.firstInMemory
    let end = start + (min(last, self.lastIndex) - first) + 1
    guard self.bytes > maximumBytes else { return Array(self.entries[start..<end]) }
    var size = self.entries[start].encoded.count
    var position = start + 1
    while position < end {
      size += self.entries[position].encoded.count
      guard size <= maximumBytes else { break }
      position += 1
    }
    return Array(self.entries[start..<position])
  }

  /// The encoded bytes of the entries from `first` through `last`, as far as they are in memory.
  func bytes(from first: LogIndex, through last: LogIndex) -> Int {
    let start = max(first, self.firstInMemory) - self.firstInMemory
    let end = min(last, self.lastIndex).next - self.firstInMemory
    guard start < end else { return 0 }
    var bytes = 0
    for entry in self.entries[start..<end] { bytes += entry.encoded.count }
    return bytes
  }
}
