// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

/// Whatever happens to the bytes: a prefix that holds everything known to be synced, or a refusal.
@Suite("Log damage")
struct LogDamageTests {
  private let identity = LogIdentity(clusterID: "damage", member: RaftID(1))
  private let segmentSize = 2048

  /// A small log of two segments, the states after each of its batches, and how many of them a mark vouches for.
  private func smallLog() throws -> (disk: VirtualDisk, states: [(HardState, LogPosition)], marked: Int) {
    var disk = VirtualDisk()
    var log = LogAppender(creating: self.identity, segmentSize: self.segmentSize)
    var states: [(HardState, LogPosition)] = []
    var last = LogPosition.zero
    var hardState = HardState()
    func perform() {
      disk.perform(log.takeWrites(), segmentSize: self.segmentSize)
      disk.sync()
      log.writesSynced()
      states.append((hardState, last))
    }
    perform()
    for index in 1...4 as ClosedRange<UInt64> {
      hardState = HardState(term: Term(index), commit: LogIndex(index - 1))
      let entries = try EntryCodec.encode([[1, 2, 3]], term: Term(index), startingAt: LogIndex(index))
      last = LogPosition(index: LogIndex(index), term: Term(index))
      log.append(LogRecord(entries: entries, hardState: hardState))
      perform()
    }
    #expect(disk.files.count == 2)
    return (disk, states, states.count - 2)
  }

  private func expectPrefixOrRefusal(
    _ disk: VirtualDisk,
    _ log: (disk: VirtualDisk, states: [(HardState, LogPosition)], marked: Int),
    _ comment: Comment
  ) {
    do {
      let recovered = try disk.recover(self.identity)
      let place = log.states.firstIndex { $0.0 == recovered.restored.hardState && $0.1 == recovered.restored.last }
      guard let place else {
        Issue.record("recovered something that was never written: \(comment)")
        return
      }
      #expect(place >= log.marked, comment)
    } catch {
      #expect(error.code == .corrupt || error.code == .unsupportedFormat, comment)
    }
  }

  @Test("every bit flip gives everything synced or a refusal")
  func bitFlips() throws {
    let log = try self.smallLog()
    for (segment, bytes) in log.disk.files {
      // What lies between is padding, of which one byte per sector is enough.
      for offset in bytes.indices where offset % LogFormat.sectorSize < 128 || offset % LogFormat.sectorSize > 506 {
        for bit in 0..<8 where offset % LogFormat.sectorSize < 64 || bit == offset % 8 {
          var disk = log.disk
          disk.flip(bit: bit, inByte: offset, of: segment)
          self.expectPrefixOrRefusal(disk, log, "bit \(bit) of byte \(offset) of segment \(segment)")
        }
      }
    }
  }

  @Test("every truncation behind what is synced gives a prefix, every one before it a prefix or a refusal")
  func truncations() throws {
    let log = try self.smallLog()
    for (segment, bytes) in log.disk.files {
      for count in stride(from: 0, to: bytes.count, by: 7) {
        var disk = log.disk
        disk.truncate(segment, to: count)
        do {
          let recovered = try disk.recover(self.identity)
          #expect(log.states.contains { $0.0 == recovered.restored.hardState && $0.1 == recovered.restored.last })
        } catch {
          #expect(error.code == .corrupt, "\(count) bytes of segment \(segment)")
        }
      }
    }
  }

  @Test("any bytes behind an intact header give an answer", arguments: 0..<50 as Range<UInt64>)
  func noise(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var disk = VirtualDisk()
    var log = LogAppender(creating: self.identity, segmentSize: self.segmentSize)
    disk.perform(log.takeWrites(), segmentSize: self.segmentSize)
    for _ in 0..<random.next(below: 4000) {
      disk.flip(bit: random.next(below: 8), inByte: LogFormat.sectorSize + random.next(below: 1024), of: 1)
    }
    _ = try? disk.recover(self.identity)
  }

  @Test("intact bytes with numbers that nobody can have written are refused")
  func implausibleNumbers() throws {
    func recover(sequence: UInt64 = 1, epoch: UInt32 = 1, _ record: LogRecord = LogRecord()) throws(RaftError) -> RecoveredLog {
      let header = SegmentHeader(sequence: sequence, identity: self.identity, previous: .zero, previousEnd: 0)
      var bytes = header.encoded()
      let position = SegmentPosition(segment: sequence, offset: UInt64(LogFormat.sectorSize))
      let start = SegmentPosition(segment: 0, offset: 0)
      LogBatch.encode(record, at: position, epoch: epoch, syncedBefore: start, into: &bytes)
      var recovery = LogRecovery(identity: self.identity, snapshot: nil)
      try recovery.add(file: "segment", bytes: bytes)
      return try recovery.finish()
    }
    #expect(throws: Never.self) { try recover() }
    #expect(#expect(throws: RaftError.self) { try recover(sequence: .max) }?.code == .corrupt)
    #expect(#expect(throws: RaftError.self) { try recover(epoch: .max) }?.code == .corrupt)
    for record in [
      LogRecord(hardState: HardState(term: Term(.max))), LogRecord(hardState: HardState(commit: LogIndex(1 << 62))),
      LogRecord(base: LogPosition(index: LogIndex(.max), term: .zero)), LogRecord(truncateAfter: LogIndex(.max)),
    ] {
      #expect(#expect(throws: RaftError.self) { try recover(record) }?.code == .corrupt)
    }
  }
}
