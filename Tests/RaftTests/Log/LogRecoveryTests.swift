// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Log recovery")
struct LogRecoveryTests {
  private let identity = LogIdentity(clusterID: "test", member: RaftID(7))
  private let segmentSize = 4096

  private func entries(_ range: ClosedRange<UInt64>, term: UInt64 = 1, size: Int = 40) throws -> [Entry] {
    let payloads = range.map { index in [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: size)[...] }
    return try EntryCodec.encode(payloads, term: Term(term), startingAt: LogIndex(range.lowerBound))
  }

  private func state(_ term: UInt64, commit: UInt64 = 0, votedFor: UInt64? = nil) -> HardState {
    HardState(term: Term(term), votedFor: votedFor.map { RaftID($0) }, commit: LogIndex(commit))
  }

  private func snapshot(_ index: UInt64, term: UInt64) -> SnapshotMetadata {
    SnapshotMetadata(index: LogIndex(index), term: Term(term), membership: Membership([Member(id: RaftID(7))]))
  }

  /// Writes records one by one, each synced.
  private func write(_ records: [LogRecord], to disk: inout VirtualDisk, _ log: inout LogAppender) {
    for record in records {
      log.append(record)
      disk.perform(log.takeWrites(), segmentSize: self.segmentSize)
      disk.sync()
      log.writesSynced()
    }
  }

  private func started(_ records: [LogRecord]) -> (disk: VirtualDisk, log: LogAppender) {
    var disk = VirtualDisk()
    var log = LogAppender(creating: self.identity, segmentSize: self.segmentSize)
    disk.perform(log.takeWrites(), segmentSize: self.segmentSize)
    disk.sync()
    log.writesSynced()
    self.write(records, to: &disk, &log)
    return (disk, log)
  }

  @Test("a new log is empty and belongs to its member")
  func empty() throws {
    let disk = self.started([]).disk
    let recovered = try disk.recover(self.identity)
    #expect(recovered.restored.hardState == HardState())
    #expect(recovered.restored.last == .zero)
    #expect(recovered.tornTail == nil)
    #expect(throws: RaftError.self) {
      _ = try disk.recover(LogIdentity(clusterID: "test", member: RaftID(8)))
    }
    #expect(throws: RaftError.self) {
      _ = try disk.recover(LogIdentity(clusterID: "other", member: RaftID(7)))
    }
  }

  @Test("entries and state survive over several segments")
  func severalSegments() throws {
    var records = try (1...40).map { LogRecord(entries: try self.entries($0...$0), hardState: self.state(1, commit: $0 - 1)) }
    records.append(LogRecord(hardState: self.state(3, commit: 39, votedFor: 2)))
    let (disk, log) = self.started(records)
    #expect(disk.files.count > 3)
    let recovered = try disk.recover(self.identity)
    #expect(recovered.restored.hardState == self.state(3, commit: 39, votedFor: 2))
    #expect(recovered.restored.last == LogPosition(index: LogIndex(40), term: Term(1)))
    #expect(recovered.segments == log.segments)
    let again = LogAppender(continuing: recovered, identity: self.identity, segmentSize: self.segmentSize)
    #expect(try disk.read(LogIndex(1)...LogIndex(40), from: again, maximumBytes: 100) == self.entries(1...40))
  }

  @Test("what was voided does not come back")
  func truncation() throws {
    let (disk, log) = self.started([
      LogRecord(entries: try self.entries(1...9), hardState: self.state(1)),
      LogRecord(truncateAfter: LogIndex(4)),
      LogRecord(entries: try self.entries(5...6, term: 2), hardState: self.state(2)),
    ])
    let expected = try self.entries(1...4) + self.entries(5...6, term: 2)
    #expect(try disk.read(LogIndex(1)...LogIndex(6), from: log, maximumBytes: 1 << 20) == expected)
    let recovered = try disk.recover(self.identity)
    #expect(recovered.restored.last == LogPosition(index: LogIndex(6), term: Term(2)))
    let again = LogAppender(continuing: recovered, identity: self.identity, segmentSize: self.segmentSize)
    #expect(try disk.read(LogIndex(1)...LogIndex(6), from: again, maximumBytes: 1) == expected)
  }

  @Test("however long the log is, recovery keeps only its end in memory, and the rest can be read")
  func boundedMemory() throws {
    let entries = try self.entries(1...1200, size: 100)
    let records = stride(from: 0, to: entries.count, by: 3).map { LogRecord(entries: Array(entries[$0..<($0 + 3)])) }
    let disk = self.started([LogRecord(hardState: self.state(1))] + records).disk
    let limit = 2_000
    var recovery = LogRecovery(identity: self.identity, snapshot: nil, tailBytes: limit)
    for (segment, bytes) in disk.files.sorted(by: { $0.key < $1.key }) {
      try recovery.add(file: "segment-\(segment)", bytes: bytes)
      #expect(recovery.bytesInMemory <= limit)
    }
    let recovered = try recovery.finish()
    #expect(recovered.restored.last == LogPosition(index: LogIndex(1200), term: Term(1)))
    #expect(recovered.restored.bytesInMemory <= limit)
    let log = LogAppender(continuing: recovered, identity: self.identity, segmentSize: self.segmentSize)
    #expect(try disk.read(LogIndex(1)...LogIndex(1200), from: log, maximumBytes: 1 << 10) == entries)
  }

  @Test("entries that recovery had let go of are voided like any other")
  func truncationBehindMemory() throws {
    let first = try (1...60).map { LogRecord(entries: try self.entries($0...$0, size: 100)) }
    let second = try (4...5).map { LogRecord(entries: try self.entries($0...$0, term: 2)) }
    let (disk, _) = self.started(first + [LogRecord(truncateAfter: LogIndex(3), hardState: self.state(2))] + second)
    var recovery = LogRecovery(identity: self.identity, snapshot: nil, tailBytes: 300)
    for (segment, bytes) in disk.files.sorted(by: { $0.key < $1.key }) {
      try recovery.add(file: "segment-\(segment)", bytes: bytes)
    }
    let recovered = try recovery.finish()
    #expect(recovered.restored.last == LogPosition(index: LogIndex(5), term: Term(2)))
    let log = LogAppender(continuing: recovered, identity: self.identity, segmentSize: self.segmentSize)
    let expected = try self.entries(1...3, size: 100) + self.entries(4...5, term: 2)
    #expect(try disk.read(LogIndex(1)...LogIndex(5), from: log, maximumBytes: 1 << 20) == expected)
  }

  @Test("a log goes on whose first segments are gone with the entries that a later one voided")
  func truncationBehindCompaction() throws {
    let first = try (1...60).map { LogRecord(entries: try self.entries($0...$0, size: 100)) }
    let second = try (4...90).map { LogRecord(entries: try self.entries($0...$0, term: 2, size: 100)) }
    let voided = LogRecord(truncateAfter: LogIndex(3), hardState: self.state(2))
    var (disk, log) = self.started(first + [voided] + second + [LogRecord(hardState: self.state(2, commit: 90))])
    disk.recycle(log.compact(through: LogIndex(60)))
    let snapshot = self.snapshot(60, term: 2)
    let recovered = try disk.recover(self.identity, snapshot: snapshot)
    #expect(recovered.restored.last == LogPosition(index: LogIndex(90), term: Term(2)))
    #expect(recovered.opening.base == nil)
    let core = try RaftCore(id: RaftID(7), restored: recovered.restored, seed: 1, now: .zero)
    #expect(core.lastPosition == recovered.restored.last && core.term(at: LogIndex(61)) == Term(2))
  }

  @Test("an interrupted write is cut off, a damaged one before it is refused by name")
  func tornOrDamaged() throws {
    var (disk, log) = self.started([LogRecord(entries: try self.entries(1...1), hardState: self.state(1))])
    let unsynced = Int(log.position.offset)
    log.append(LogRecord(entries: try self.entries(2...2)))
    disk.perform(log.takeWrites(), segmentSize: self.segmentSize)
    var torn = disk
    torn.flip(bit: 3, inByte: unsynced + 80, of: 1)
    let recovered = try torn.recover(self.identity)
    #expect(recovered.restored.last.index == LogIndex(1))
    #expect(recovered.tornTail?.file == "segment-1")
    #expect(recovered.tornTail?.offset == UInt64(unsynced))
    // Once a later batch says that it was synced, the same flip is damage.
    disk.sync()
    log.writesSynced()
    self.write([LogRecord(entries: try self.entries(3...3))], to: &disk, &log)
    disk.flip(bit: 3, inByte: unsynced + 80, of: 1)
    let error = #expect(throws: RaftError.self) { _ = try disk.recover(self.identity) }
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains("segment-1 is damaged at byte \(unsynced)") == true)
  }

  @Test("bytes of an earlier opening that line up with a new batch stay dead")
  func staleTail() throws {
    var (disk, log) = self.started([LogRecord(entries: try self.entries(1...1), hardState: self.state(1))])
    let tail = Int(log.position.offset)
    // Two batches are written, of which the crash loses the first.
    log.append(LogRecord(entries: try self.entries(2...2)))
    log.append(LogRecord(entries: try self.entries(3...3), hardState: self.state(2)))
    disk.perform(log.takeWrites(), segmentSize: self.segmentSize)
    disk.flip(bit: 0, inByte: tail, of: 1)
    let recovered = try disk.recover(self.identity)
    #expect(recovered.restored.last.index == LogIndex(1))
    // The opening batch takes exactly the lost one's place.
    var next = LogAppender(continuing: recovered, identity: self.identity, segmentSize: self.segmentSize)
    disk.perform(next.takeWrites(), segmentSize: self.segmentSize)
    let again = try disk.recover(self.identity)
    #expect(again.restored.last.index == LogIndex(1))
    #expect(again.restored.hardState == self.state(1))
    #expect(again.epoch > recovered.epoch)
  }

  @Test("a recycled segment's old bytes are never read")
  func recycling() throws {
    var (disk, log) = self.started([LogRecord(hardState: self.state(1))])
    for index in 1...200 as ClosedRange<UInt64> {
      self.write([LogRecord(entries: try self.entries(index...index), hardState: self.state(1, commit: index))], to: &disk, &log)
      if index % 10 == 0 { disk.recycle(log.compact(through: LogIndex(index - 3))) }
      let recovered = try disk.recover(self.identity, snapshot: index < 10 ? nil : self.snapshot(index / 10 * 10 - 3, term: 1))
      #expect(recovered.restored.last.index == LogIndex(index))
    }
    #expect(log.segments.count < 6)
    #expect(throws: RaftError.self) { _ = try disk.recover(self.identity, snapshot: self.snapshot(50, term: 1)) }
  }

  @Test("an installed snapshot restarts the log, also when the crash came before the log knew")
  func installedSnapshot() throws {
    var (disk, log) = self.started([LogRecord(entries: try self.entries(1...9), hardState: self.state(1, commit: 3))])
    let interrupted = try disk.recover(self.identity, snapshot: self.snapshot(50, term: 4))
    #expect(interrupted.restored.last == LogPosition(index: LogIndex(50), term: Term(4)))
    #expect(interrupted.opening.base == LogPosition(index: LogIndex(50), term: Term(4)))
    #expect(interrupted.restored.hardState == self.state(4, commit: 50))
    let base = LogPosition(index: LogIndex(50), term: Term(4))
    self.write(
      [
        LogRecord(base: base, hardState: self.state(4, commit: 50)),
        LogRecord(entries: try self.entries(51...52, term: 4)),
      ],
      to: &disk,
      &log
    )
    let recovered = try disk.recover(self.identity, snapshot: self.snapshot(50, term: 4))
    #expect(recovered.restored.last == LogPosition(index: LogIndex(52), term: Term(4)))
    #expect(recovered.opening.base == nil)
    #expect(throws: RaftError.self) { _ = try disk.recover(self.identity) }
  }

  @Test("a snapshot that disagrees with decided entries is refused, with undecided ones it wins")
  func conflictingSnapshot() throws {
    let decided = self.started([LogRecord(entries: try self.entries(1...9), hardState: self.state(1, commit: 9))]).disk
    #expect(throws: RaftError.self) { _ = try decided.recover(self.identity, snapshot: self.snapshot(5, term: 2)) }
    let open = self.started([LogRecord(entries: try self.entries(1...9), hardState: self.state(1, commit: 4))]).disk
    let recovered = try open.recover(self.identity, snapshot: self.snapshot(5, term: 2))
    #expect(recovered.restored.last == LogPosition(index: LogIndex(5), term: Term(2)))
    let agreed = try open.recover(self.identity, snapshot: self.snapshot(5, term: 1))
    #expect(agreed.restored.last == LogPosition(index: LogIndex(9), term: Term(1)))
  }

  @Test(
    "intact batches that contradict each other are refused",
    arguments: [
      [LogRecord(hardState: HardState(term: Term(2))), LogRecord(hardState: HardState(term: Term(1)))],
      [LogRecord(hardState: HardState(term: Term(2), votedFor: RaftID(1))), LogRecord(hardState: HardState(term: Term(2)))],
      [LogRecord(hardState: HardState(term: Term(2), commit: LogIndex(5)))],
    ]
  )
  func contradictions(records: [LogRecord]) {
    let disk = self.started(records).disk
    let error = #expect(throws: RaftError.self) { _ = try disk.recover(self.identity) }
    #expect(error?.code == .corrupt)
  }

  @Test("gaps between entries and between segments are refused")
  func gaps() throws {
    let jump = self.started([LogRecord(entries: try self.entries(1...1)), LogRecord(entries: try self.entries(3...3))]).disk
    #expect(throws: RaftError.self) { _ = try jump.recover(self.identity) }
    var disk = self.started(try (1...40).map { LogRecord(entries: try self.entries($0...$0)) }).disk
    disk.recycle([2])
    #expect(throws: RaftError.self) { _ = try disk.recover(self.identity) }
    disk.recycle([1])
    #expect(throws: RaftError.self) { _ = try disk.recover(self.identity) }
  }

  @Test("a batch larger than a segment gets a segment of its own")
  func largeBatch() throws {
    let large = try self.entries(1...3, size: 5000)
    var (disk, log) = self.started([LogRecord(entries: large), LogRecord(entries: try self.entries(4...4))])
    #expect(try disk.recover(self.identity).restored.last.index == LogIndex(4))
    #expect(try disk.read(LogIndex(1)...LogIndex(4), from: log, maximumBytes: 1).count == 4)
    disk.recycle(log.compact(through: LogIndex(4)))
    #expect(throws: RaftError.self) { _ = try disk.read(LogIndex(1)...LogIndex(3), from: log, maximumBytes: 1) }
  }
}
