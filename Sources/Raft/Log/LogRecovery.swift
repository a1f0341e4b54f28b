// SPDX-License-Identifier: Apache-2.0

/// Rebuilds a member's state from the bytes of its segments and the metadata of its newest snapshot.
///
/// Give it the segments oldest first, then call ``finish()``. However long the log is, memory holds one segment at a time, the end of
/// the log, and where the rest is. The rule: a batch that isn't intact ends the log when
/// nothing says that it was ever synced; when anything says so (a mark in a later batch, a later segment, the commit
/// index), the log is damaged and refused, with the file and the offset in the message. Any bytes give one or the other.
package struct LogRecovery {
  private let tailBytes: Int
  private let identity: LogIdentity
  private let snapshot: SnapshotMetadata?
  private let opening: (any LogOpening)?
  private var replay: LogReplay?
  private var segments: [LogSegment] = []
  private var last: Segment?
  private var newestMark = SegmentPosition(segment: 0, offset: 0)
  private var epoch: UInt32 = 0
  private var directory = LogDirectory()

  /// What remains of a segment when its bytes are gone.
  private struct Segment {
    var file: String
    var sequence: UInt64
    /// Where its content ends.
    var end: UInt64
    /// What stands behind the end, which matters in the last segment only.
    var behind: Result<(mark: SegmentPosition, epoch: UInt32), RaftError>
  }

  /// - Parameters:
  ///   - identity: whose log it must be.
  ///   - snapshot: the newest durable snapshot.
  ///   - tailBytes: how many bytes of entries to keep in memory.
  ///   - opening: opens sealed batches.
  package init(
    identity: LogIdentity,
    snapshot: SnapshotMetadata?,
    tailBytes: Int = RaftConfiguration.Memory().tailBytes,
    opening: (any LogOpening)? = nil
  ) {
    self.opening = opening
    self.tailBytes = tailBytes
    self.identity = identity
    self.snapshot = snapshot
  }

  /// Encoded bytes of the entries that are kept in memory so far.
  package var bytesInMemory: Int { self.replay?.restored.bytesInMemory ?? 0 }

  /// Takes in the next segment.
  ///
  /// - Throws: ``RaftError`` with code `corrupt` or `unsupportedFormat`; for a sealed log also `keyMissing` or `keyRefused`.
  package mutating func add(file: String, bytes: [UInt8]) throws(RaftError) {
    var reader = try SegmentReader(file: file, bytes: bytes, opening: self.opening)
    let header = reader.header
    guard header.identity == self.identity else {
      throw RaftError(.invalidConfiguration, "\(file) is the log of \(header.identity), not of \(self.identity)")
    }
    if let last = self.last {
      guard header.sequence == last.sequence + 1 else {
        throw .damaged(file, at: 0, "segment \(header.sequence) follows segment \(last.sequence)")
      }
      guard header.previousEnd == last.end else {
        throw .damaged(last.file, at: last.end, "a batch that was synced is unreadable")
      }
    }
    // Taken out, so that it isn't copied.
    var replay =
      self.replay.take() ?? LogReplay(after: header.previous, snapshot: self.snapshot, tailBytes: self.tailBytes)
    guard replay.lastIndex == header.previous.index else {
      throw .damaged(file, at: 0, "it continues after entry \(header.previous.index), not \(replay.lastIndex)")
    }
    var highest = max(self.segments.last?.highestIndex ?? header.previous.index, header.previous.index)
    var keys: Set<UInt64> = []
    while let batch = try reader.next(epoch: self.epoch) {
      if let key = batch.key { keys.insert(key) }
      self.epoch = batch.header.epoch
      self.newestMark = max(self.newestMark, batch.header.syncedBefore)
      try replay.apply(batch.record, file: file, offset: batch.header.position.offset)
      self.directory.note(batch.record, at: batch.header.position)
      if let base = batch.record.base {
        // Everything before is void, so the snapshot that made it so covers it.
        highest = base.index
        for position in self.segments.indices { self.segments[position].highestIndex = base.index }
      }
      highest = max(highest, replay.lastIndex)
    }
    self.segments.append(LogSegment(sequence: header.sequence, highestIndex: highest, keys: keys))
    self.replay = replay
    let behind = Result { () throws(RaftError) in try reader.scanBehindEnd() }
    self.last = Segment(file: file, sequence: header.sequence, end: UInt64(reader.offset), behind: behind)
  }

  /// Decides.
  ///
  /// - Throws: ``RaftError`` with code `corrupt` or `unsupportedFormat`.
  package consuming func finish() throws(RaftError) -> RecoveredLog {
    guard let replay = self.replay, let last = self.last else {
      throw RaftError(.corrupt, "there is no log segment of \(self.identity)")
    }
    let end = SegmentPosition(segment: last.sequence, offset: last.end)
    let behind = try last.behind.get()
    guard max(self.newestMark, behind.mark) <= end else {
      throw .damaged(last.file, at: end.offset, "a batch that was synced is unreadable")
    }
    let start = try self.startingPoint(replay, file: last.file, offset: end.offset)
    return RecoveredLog(
      restored: start.restored,
      opening: start.opening,
      terms: replay.restored.log.terms,
      end: end,
      epoch: max(self.epoch, behind.epoch) + 1,
      segments: self.segments,
      directory: self.directory,
      tornTail: behind.epoch >= self.epoch ? .init(file: last.file, offset: end.offset) : nil
    )
  }

  /// Joins the log with the snapshot.
  private func startingPoint(
    _ replay: LogReplay,
    file: String,
    offset: UInt64
  ) throws(RaftError) -> (restored: RestoredState, opening: LogRecord) {
    let covered = self.snapshot?.index ?? .zero
    guard replay.baseIndex <= covered else {
      throw RaftError(
        .corrupt,
        "the log begins after entry \(replay.baseIndex), but the newest snapshot covers \(covered)"
      )
    }
    var restored = replay.restored
    guard restored.hardState.commit <= max(replay.lastIndex, covered) else {
      throw .damaged(file, at: offset, "the log ends at \(replay.lastIndex), before its commit index")
    }
    var opening = LogRecord()
    if let snapshot = self.snapshot {
      let known = replay.term(at: covered)
      if let known, known != snapshot.term, restored.hardState.commit >= covered {
        throw .damaged(file, at: offset, "entry \(covered) is not the one in the snapshot")
      }
      let continues = known == snapshot.term || (known == nil && covered == replay.baseIndex)
      if !continues {
        // The crash came between an installed snapshot and the batch that restarts the log after it.
        restored.restart(after: snapshot.position)
        opening.base = snapshot.position
      } else if !replay.isBaseTermKnown {
        restored.repairBaseTerm()
      }
      restored.hardState.commit = max(restored.hardState.commit, covered)
      if restored.hardState.term < snapshot.term {
        restored.hardState.term = snapshot.term
        restored.hardState.votedFor = nil
      }
    }
    opening.hardState = restored.hardState
    return (restored, opening)
  }
}
