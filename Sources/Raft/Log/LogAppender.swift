// SPDX-License-Identifier: Apache-2.0

/// Decides which bytes go where: lays records out in segments, and knows which segments are still needed.
///
/// Append any number of records, take the writes, carry them out, then report ``writesSynced()``. Writes must be carried
/// out in order, and a write that starts a segment only after everything before it is synced.
package struct LogAppender: Sendable {
  /// Bytes for one segment's file.
  package struct Write: Sendable, Hashable {
    /// Where the bytes go.
    package var position: SegmentPosition
    /// What to write.
    package var bytes: [UInt8]
    /// Whether the segment begins with these bytes: its file doesn't exist yet, or is a recycled one.
    package var startsSegment: Bool
  }

  /// The size that segments are meant to have.
  ///
  /// A batch that is larger by itself gets a longer segment.
  package let segmentSize: Int
  /// Where the next batch goes.
  package private(set) var position: SegmentPosition
  /// The segments in use, oldest first; the last one is being written.
  package private(set) var segments: [LogSegment]

  /// Seals the bodies of batches from now on.
  package var sealing: (any LogSealing)?

  private let identity: LogIdentity
  private let epoch: UInt32
  private var synced: SegmentPosition
  private var hardState: HardState
  private var terms: LogTerms
  private var directory: LogDirectory
  private var writes: [Write] = []

  /// Begins a new log.
  ///
  /// Its first segment is among the first writes.
  package init(creating identity: LogIdentity, segmentSize: Int, sealing: (any LogSealing)? = nil) {
    self.sealing = sealing
    self.identity = identity
    self.segmentSize = segmentSize
    self.epoch = 1
    self.hardState = HardState()
    self.terms = LogTerms()
    self.directory = LogDirectory()
    self.segments = []
    self.position = SegmentPosition(segment: 0, offset: 0)
    self.synced = self.position
    self.startSegment()
    self.append(LogRecord(hardState: self.hardState))
  }

  /// Goes on with a recovered log.
  ///
  /// The batch that confirms what recovery decided is among the first writes.
  package init(continuing log: RecoveredLog, identity: LogIdentity, segmentSize: Int, sealing: (any LogSealing)? = nil) {
    self.sealing = sealing
    self.identity = identity
    self.segmentSize = segmentSize
    self.epoch = log.epoch
    self.hardState = log.restored.hardState
    self.terms = log.terms
    self.directory = log.directory
    self.segments = log.segments
    self.position = log.end
    self.synced = log.end
    self.append(log.opening)
  }

  /// Whether there is anything to write.
  package var hasWrites: Bool { !self.writes.isEmpty }

  /// Whether the first write still to be carried out begins a segment.
  package var startsWithNewSegment: Bool { self.writes.first?.startsSegment ?? false }

  /// Lays out a record behind the ones before it.
  package mutating func append(_ record: LogRecord) {
    var record = record
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(24) { record.base = nil }
    #endif
    let length = LogBatch.encodedLength(of: record, sealing: self.sealing)
    if self.position.offset > LogFormat.sectorSize, Int(self.position.offset) + length > self.segmentSize {
      self.startSegment()
    }
    if let hardState = record.hardState { self.hardState = hardState }
    if self.position.offset == LogFormat.sectorSize {
      // Every segment repeats the hard state, so that the ones before it can go.
      record.hardState = self.hardState
    }
    self.track(record)
    if let sealing { self.segments[self.segments.count - 1].keys.insert(sealing.key) }
    self.directory.note(record, at: self.position)
    if self.writes.isEmpty {
      self.writes.append(Write(position: self.position, bytes: [], startsSegment: false))
    }
    let write = self.writes.count - 1
    let start = self.writes[write].bytes.count
    if start == 0 { self.writes[write].bytes.reserveCapacity(length) }
    LogBatch.encode(
      record,
      at: self.position,
      epoch: self.epoch,
      syncedBefore: self.synced,
      sealing: self.sealing,
      into: &self.writes[write].bytes
    )
    self.position.offset += UInt64(self.writes[write].bytes.count - start)
  }

  /// The writes to carry out, in order.
  package mutating func takeWrites() -> [Write] {
    let writes = self.writes
    self.writes = []
    return writes
  }

  /// Everything taken so far is synced.
  package mutating func writesSynced() {
    self.synced = self.position
  }

  /// Forgets the segments that hold nothing behind an entry that a durable snapshot covers.
  ///
  /// - Parameters:
  ///   - index: the last entry that isn't needed.
  ///   - segment: the first segment that is, whatever it holds.
  /// - Returns: Their sequence numbers, oldest first, to be recycled in this order.
  package mutating func compact(through index: LogIndex, keepingFrom segment: UInt64 = .max) -> [UInt64] {
    var dropped: [UInt64] = []
    self.terms.compact(through: index)
    while self.segments.count > 1, let oldest = self.segments.first, oldest.highestIndex <= index, oldest.sequence < segment {
      dropped.append(oldest.sequence)
      self.segments.removeFirst()
    }
    if let last = dropped.last { self.directory.drop(through: last) }
    return dropped
  }

  /// The keys that the segments in use are sealed with, and the one that the next batch will be.
  package var keysInUse: Set<UInt64> {
    var keys = Set(self.segments.flatMap(\.keys))
    if let sealing { keys.insert(sealing.key) }
    return keys
  }

  /// How to read entries back.
  ///
  /// Only what was written can be read.
  ///
  /// - Throws: ``RaftError`` with code `compacted` when the first entry is no longer in the log.
  package func read(_ range: ClosedRange<LogIndex>, maximumBytes: Int) throws(RaftError) -> LogReadRequest {
    guard let place = self.directory.locate(range.lowerBound), range.lowerBound <= self.terms.lastIndex else {
      throw RaftError(.compacted, "entry \(range.lowerBound) is not in the log")
    }
    let last = min(range.upperBound, place.end?.previous ?? self.terms.lastIndex)
    return LogReadRequest(position: place.run.position, range: range.lowerBound...last, maximumBytes: maximumBytes)
  }

  private mutating func startSegment() {
    let header = SegmentHeader(
      sequence: self.position.segment + 1,
      identity: self.identity,
      previous: self.terms.last,
      previousEnd: self.position.offset
    )
    // What came before is synced before this segment's first byte is written.
    self.synced = self.position
    let start = SegmentPosition(segment: header.sequence, offset: 0)
    self.writes.append(Write(position: start, bytes: header.encoded(), startsSegment: true))
    self.position = SegmentPosition(segment: header.sequence, offset: UInt64(LogFormat.sectorSize))
    let highest = max(self.segments.last?.highestIndex ?? .zero, self.terms.lastIndex)
    self.segments.append(LogSegment(sequence: header.sequence, highestIndex: highest))
  }

  private mutating func track(_ record: LogRecord) {
    if let base = record.base {
      for position in self.segments.indices { self.segments[position].highestIndex = base.index }
      self.terms = LogTerms(base: base)
    }
    if let last = record.truncateAfter { self.terms.truncate(from: last.next) }
    for entry in record.entries { self.terms.append(entry.term) }
    let current = self.segments.count - 1
    self.segments[current].highestIndex = max(self.segments[current].highestIndex, self.terms.lastIndex)
  }
}
