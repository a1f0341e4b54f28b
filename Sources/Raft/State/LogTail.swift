// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// The log as memory sees it: the terms of all entries, and the last entries themselves up to a number of bytes.
///
/// Entries are kept in the batches in which they came: what is proposed together is mostly stored, sent and applied together, so
/// that one array goes all the way and nothing is copied entry by entry.
struct LogTail: Sendable {
  private struct Batch {
    var first: LogIndex
    var entries: [Entry]
    var bytes: Int

    var last: LogIndex { LogIndex(self.first.rawValue &+ UInt64(self.entries.count) &- 1) }
  }

  private(set) var terms: LogTerms
  private var sizes = LogSizes()
  /// The last entries of the log, without a gap up to ``lastIndex``.
  private var batches: Deque<Batch> = []
  /// Encoded bytes in memory.
  private(set) var bytes = 0

  /// Behind so many batches small ones are put together, so that a log of single entries doesn't cost an array each.
  private static let freshBatches = 64
  private static let mergedCount = 256

  init(base: LogPosition = .zero) { self.terms = LogTerms(base: base) }

  var lastIndex: LogIndex { self.terms.lastIndex }
  var last: LogPosition { self.terms.last }
  /// The first index in memory, or the one behind the last when there is none.
  var firstInMemory: LogIndex { self.batches.first?.first ?? self.lastIndex.next }
  /// The first index that the log holds, in memory or on disk.
  var firstIndex: LogIndex { self.terms.base.index.next }

  // MARK: - Changes

  /// The caller checked that the entries follow the last one without a gap.
  mutating func append(_ new: [Entry]) {
    guard let first = new.first else { return }
    var bytes = 0
    for entry in new {
      self.terms.append(entry.term)
      bytes += entry.encoded.count
    }
    self.bytes += bytes
    self.batches.append(Batch(first: first.index, entries: new, bytes: bytes))
    self.sizes.append(self.lastIndex, bytes: bytes)
    self.mergeSmall()
  }

  private mutating func mergeSmall() {
    let position = self.batches.count - Self.freshBatches
    guard position > 0,
      self.batches[position - 1].entries.count + self.batches[position].entries.count <= Self.mergedCount
    else { return }
    let batch = self.batches.remove(at: position)
    self.batches[position - 1].entries.append(contentsOf: batch.entries)
    self.batches[position - 1].bytes += batch.bytes
  }

  /// Removes `index` and everything behind it.
  mutating func truncate(from index: LogIndex) {
    guard index <= self.lastIndex else { return }
    while let batch = self.batches.last, batch.first >= index {
      self.bytes -= batch.bytes
      self.batches.removeLast()
    }
    if let batch = self.batches.last, batch.last >= index {
      let position = self.batches.count - 1
      let kept = index - batch.first
      for entry in batch.entries[kept...] { self.batches[position].bytes -= entry.encoded.count }
      self.bytes -= batch.bytes - self.batches[position].bytes
      self.batches[position].entries.removeLast(batch.entries.count - kept)
    }
    self.terms.truncate(from: index)
    self.sizes.truncate(from: index)
  }

  /// Forgets everything; the log goes on behind `base`.
  mutating func reset(to base: LogPosition) {
    self = LogTail(base: base)
  }

  /// The base's term, which stood as 0, has become known.
  mutating func baseTermIsKnown(_ term: Term) { self.terms.baseTermIsKnown(term) }

  /// Forgets that the entries up to `index` exist.
  mutating func compact(through index: LogIndex) {
    self.terms.compact(through: index)
    self.sizes.compact(through: self.terms.base.index)
    while let batch = self.batches.first, batch.last <= self.terms.base.index { self.dropFirst() }
  }

  /// When memory holds more than `limit` bytes, lets go of the oldest batches, down to half of it, but of none behind `index`.
  ///
  /// Letting go of half at once keeps the cost per entry constant.
  mutating func trim(to limit: Int, notBehind index: LogIndex) {
    guard self.bytes > limit else { return }
    while let batch = self.batches.first, self.bytes > limit / 2, batch.last <= index { self.dropFirst() }
  }

  private mutating func dropFirst() { self.bytes -= self.batches.removeFirst().bytes }

  // MARK: - Questions

  /// The last entry that isn't worth keeping behind a snapshot at `end`, for members that are slow.
  func lastToDrop(before end: LogIndex, _ memory: RaftConfiguration.Memory) -> LogIndex {
    let byCount = LogIndex(end.rawValue - min(UInt64(memory.trailingEntries), end.rawValue))
    return max(byCount, self.sizes.lastToDrop(before: end, limit: memory.trailingBytes) ?? .zero)
  }

  /// Whether memory holds every entry from `index` on.
  func holds(_ index: LogIndex) -> Bool { index >= self.firstInMemory }

  /// The batch that holds `index`, which is in memory.
  private func position(of index: LogIndex) -> Int {
    // Mostly it is one of the newest.
    var (low, high) = (0, self.batches.count - 1)
    for position in (max(0, high - 2)..<self.batches.count).reversed() where self.batches[position].first <= index {
      return position
    }
    while low < high {
      let middle = (low + high + 1) / 2
      if self.batches[middle].first <= index { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// The entries from `first` through `last` up to `maximumBytes`, at least one; empty when `first` isn't in memory.
  func entries(from first: LogIndex, through last: LogIndex, maximumBytes: Int) -> [Entry] {
    let last = min(last, self.lastIndex)
    guard self.holds(first), first <= last else { return [] }
    var position = self.position(of: first)
    if self.batches[position].first == first, self.batches[position].last == last, self.batches[position].bytes <= maximumBytes {
      return self.batches[position].entries
    }
    var entries: [Entry] = []
    var size = 0
    while position < self.batches.count, self.batches[position].first <= last {
      let start = max(0, first - self.batches[position].first)
      let end = min(self.batches[position].entries.count, (last - self.batches[position].first) + 1)
      for entry in self.batches[position].entries[start..<end] {
        size += entry.encoded.count
        guard size <= maximumBytes || entries.isEmpty else { return entries }
        entries.append(entry)
      }
      position += 1
    }
    return entries
  }

  /// The encoded bytes of the entries from `first` through `last`, as far as they are in memory.
  func bytes(from first: LogIndex, through last: LogIndex) -> Int {
    let first = max(first, self.firstInMemory)
    let last = min(last, self.lastIndex)
    guard first <= last else { return 0 }
    var bytes = 0
    var position = self.position(of: first)
    while position < self.batches.count, self.batches[position].first <= last {
      if self.batches[position].first >= first, self.batches[position].last <= last {
        bytes += self.batches[position].bytes
      } else {
        let start = max(0, first - self.batches[position].first)
        let end = min(self.batches[position].entries.count, (last - self.batches[position].first) + 1)
        for entry in self.batches[position].entries[start..<end] { bytes += entry.encoded.count }
      }
      position += 1
    }
    return bytes
  }
}
