// SPDX-License-Identifier: Apache-2.0

/// What recovery found: the state to restart with, and how to go on writing.
package struct RecoveredLog: Sendable {
  /// What `RaftCore` starts from.
  package var restored: RestoredState
  /// What the first batch must say, so that the next recovery finds what this one decided.
  package var opening: LogRecord
  /// The terms of the entries that the segments hold, before the opening batch.
  var terms: LogTerms
  /// Where the next batch goes.
  package var end: SegmentPosition
  /// The epoch of what is written from now on.
  package var epoch: UInt32
  /// The segments that are in use, oldest first.
  package var segments: [LogSegment]
  /// Where the entries are.
  var directory: LogDirectory
  /// Bytes behind the end that look like an interrupted write; they are ignored from now on.
  package var tornTail: TornTail?

  /// An interrupted write at the end of a log.
  package struct TornTail: Sendable, Hashable {
    /// The segment's file.
    package var file: String
    /// Where the content was cut.
    package var offset: UInt64
  }
}

/// A segment that is in use.
package struct LogSegment: Sendable, Hashable {
  /// Its place in the chain.
  package var sequence: UInt64
  /// No entry in this segment or one before it has a greater index.
  package var highestIndex: LogIndex
  /// The keys that its batches are sealed with.
  package var keys: Set<UInt64> = []
}
