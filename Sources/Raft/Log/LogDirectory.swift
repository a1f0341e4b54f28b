// SPDX-License-Identifier: Apache-2.0

/// Where on disk the entries are: a sparse index over the batches, kept up to date by recovery and appending.
///
/// It names the start of a run of batches in one segment. Within a run entries follow each other without a gap and
/// nothing was voided, because a truncation always begins a new run.
struct LogDirectory: Sendable {
  private var runs: [LogRun] = []
  /// Whether something was voided since the last batch with entries.
  private var mustBegin = true

  /// Runs that are longer than this many bytes are divided.
  private static let runLength: UInt64 = 256 << 10

  /// Takes note of a batch.
  mutating func note(_ record: LogRecord, at position: SegmentPosition) {
    if record.base != nil { self.runs.removeAll() }
    if let last = record.truncateAfter { self.runs.removeAll { $0.first > last } }
    if record.base != nil || record.truncateAfter != nil { self.mustBegin = true }
    guard let first = record.entries.first else { return }
    if let run = self.runs.last, !self.mustBegin,
      run.position.segment == position.segment, position.offset - run.position.offset < Self.runLength
    {
      return
    }
    self.mustBegin = false
    self.runs.append(LogRun(position: position, first: first.index))
  }

  /// Forgets what stood in the segments up to one.
  mutating func drop(through segment: UInt64) {
    self.runs.removeAll { $0.position.segment <= segment }
  }

  /// The run that holds an entry, and the first index of the run behind it.
  func locate(_ index: LogIndex) -> (run: LogRun, end: LogIndex?)? {
    guard let position = self.runs.lastIndex(where: { $0.first <= index }) else { return nil }
    let next = position + 1
    return (self.runs[position], next < self.runs.count ? self.runs[next].first : nil)
  }
}

/// Consecutive batches in one segment.
package struct LogRun: Sendable, Hashable {
  /// Where the first of them begins.
  package var position: SegmentPosition
  /// The index of its first entry.
  package var first: LogIndex
}
