// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

/// The formats as they are on disks: what is written today must be read for ever.
@Suite("Golden bytes of the log")
struct LogGoldenTests {
  private func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  private func firstWrite() throws -> [UInt8] {
    var log = LogAppender(creating: LogIdentity(clusterID: "golden", member: RaftID(5)), segmentSize: 1 << 16)
    let entries = try EntryCodec.encode([[0xAA, 0xBB]], term: Term(2), startingAt: LogIndex(1))
    let hardState = HardState(term: Term(2), votedFor: RaftID(5), commit: LogIndex(1))
    log.append(LogRecord(truncateAfter: LogIndex(0), entries: entries, hardState: hardState))
    log.append(LogRecord(base: LogPosition(index: LogIndex(9), term: Term(3))))
    let writes = log.takeWrites()
    #expect(writes.count == 1)
    return writes[0].bytes
  }

  @Test("a segment header")
  func segmentHeader() throws {
    let sector = try self.firstWrite()[..<512]
    #expect(self.hex(sector[..<62]) == GoldenBytes.segmentHeader)
    #expect(sector[62..<508].allSatisfy { $0 == 0 })
    #expect(self.hex(sector[508...]) == GoldenBytes.segmentChecksum)
  }

  @Test("batches with everything that they may hold")
  func batches() throws {
    let bytes = try self.firstWrite()
    #expect(bytes.count == 4 * 512)
    #expect(self.hex(bytes[1024..<(1024 + 60 + 62)]) == GoldenBytes.batch)
    #expect(self.hex(bytes[1536..<(1536 + 60 + 16)]) == GoldenBytes.baseBatch)
  }

  @Test("a snapshot")
  func snapshot() {
    let metadata = SnapshotMetadata(
      index: LogIndex(9),
      term: Term(3),
      membership: Membership([Member(id: RaftID(5), context: [7])])
    )
    var encoder = SnapshotEncoder()
    let bytes = encoder.header(metadata, clusterID: "golden") + encoder.chunk([1, 2, 3]) + encoder.endMark()
    #expect(self.hex(bytes) == GoldenBytes.snapshot)
  }
}
