// SPDX-License-Identifier: Apache-2.0

import Raft
import TestTraits
import Testing

/// Random work with random crashes against a model: what was synced is there, what was never written isn't.
@Suite("Log crashes")
struct LogCrashTests {
  private struct Model: Equatable {
    var hardState = HardState()
    var entries: [Entry] = []
    var base = LogPosition.zero

    var last: LogPosition { self.entries.last?.position ?? self.base }

    mutating func apply(_ record: LogRecord) {
      if let base = record.base {
        self.base = base
        self.entries = []
      }
      if let last = record.truncateAfter { self.entries.removeAll { $0.index > last } }
      self.entries += record.entries
      if let hardState = record.hardState { self.hardState = hardState }
    }

    mutating func compact(through index: LogIndex) {
      guard let entry = self.entries.last(where: { $0.index <= index }) else { return }
      self.base = entry.position
      self.entries.removeAll { $0.index <= index }
    }
  }

  private let identity = LogIdentity(clusterID: "crash", member: RaftID(1))
  private let segmentSize = 8192

  private func record(after model: Model, using random: inout SeededGenerator) throws -> LogRecord {
    var record = LogRecord()
    var hardState = model.hardState
    var last = model.last.index
    if random.next(below: 4) == 0 { hardState = HardState(term: Term(hardState.term.rawValue + 1), commit: hardState.commit) }
    if random.next(below: 8) == 0, last > hardState.commit {
      last = hardState.commit + random.next(below: last - hardState.commit)
      // Only another leader's entries replace what is there.
      hardState = HardState(term: Term(model.hardState.term.rawValue + 1), commit: hardState.commit)
      record.truncateAfter = last
    } else if random.next(below: 60) == 0 {
      last = last + 1 + random.next(below: 20)
      record.base = LogPosition(index: last, term: hardState.term)
      hardState.commit = last
    }
    let payloads = (0..<random.next(below: 6)).map { _ in
      [UInt8](repeating: UInt8(random.next(below: 256)), count: random.next(below: 700))[...]
    }
    record.entries = try EntryCodec.encode(payloads, term: hardState.term, startingAt: last.next)
    let end = last + payloads.count
    if random.next(below: 2) == 0, end > hardState.commit {
      hardState.commit = hardState.commit + random.next(below: end - hardState.commit + 1)
    }
    if hardState != model.hardState { record.hardState = hardState }
    return record
  }

  @Test("a crash at any moment loses nothing synced and invents nothing", .longComputation, arguments: 0..<20 as Range<UInt64>)
  func crashes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var disk = VirtualDisk()
    var log = LogAppender(creating: self.identity, segmentSize: self.segmentSize)
    disk.perform(log.takeWrites(), segmentSize: self.segmentSize)
    disk.sync()
    log.writesSynced()
    var written = [Model()]
    var snapshot: SnapshotMetadata?

    for step in 0..<300 {
      let model = written[written.count - 1]
      let record = try self.record(after: model, using: &random)
      if let base = record.base {
        // The driver makes the snapshot durable first.
        snapshot = SnapshotMetadata(index: base.index, term: base.term, membership: .empty)
      }
      var next = model
      next.apply(record)
      written.append(next)
      log.append(record)
      if record.base != nil || random.next(below: 3) > 0 {
        disk.perform(log.takeWrites(), segmentSize: self.segmentSize)
        if record.base != nil || random.next(below: 2) == 0 {
          disk.sync()
          log.writesSynced()
          written.removeFirst(written.count - 1)
        }
      }
      if written.count == 1, random.next(below: 10) == 0, next.hardState.commit > next.base.index {
        let commit = next.hardState.commit
        let term = next.entries.last { $0.index <= commit }?.term ?? .zero
        snapshot = SnapshotMetadata(index: commit, term: term, membership: .empty)
        disk.recycle(log.compact(through: commit))
        written[0].compact(through: commit)
      }
      guard random.next(below: 12) == 0 else { continue }

      disk.crash(using: &random)
      let recovered = try disk.recover(self.identity, snapshot: snapshot)
      log = LogAppender(continuing: recovered, identity: self.identity, segmentSize: self.segmentSize)
      disk.perform(log.takeWrites(), segmentSize: self.segmentSize)
      disk.sync()
      log.writesSynced()
      let last = recovered.restored.last
      let first = written.first { $0.last == last && $0.hardState == recovered.restored.hardState }
      let match = try #require(first, "seed \(seed), step \(step): recovered \(recovered.restored.hardState) up to \(last)")
      if let from = match.entries.first?.index {
        #expect(try disk.read(from...last.index, from: log, maximumBytes: 600) == match.entries, "seed \(seed), step \(step)")
      }
      written = [match]
    }
  }
}
