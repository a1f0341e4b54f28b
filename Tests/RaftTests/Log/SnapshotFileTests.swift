// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Snapshot file")
struct SnapshotFileTests {
  private let metadata = SnapshotMetadata(
    index: LogIndex(12),
    term: Term(3),
    membership: Membership([Member(id: RaftID(1), context: [1, 2]), Member(id: RaftID(9), role: .learner)])
  )

  private func file(_ chunks: [[UInt8]]) -> [UInt8] {
    var encoder = SnapshotEncoder()
    var bytes = encoder.header(self.metadata, clusterID: "golden")
    for chunk in chunks { bytes += encoder.chunk(chunk[...]) }
    return bytes + encoder.endMark()
  }

  @Test("what was written is read", arguments: [[], [[7]], [[1, 2, 3], [], [4]]] as [[[UInt8]]])
  func roundTrip(chunks: [[UInt8]]) throws {
    let decoded = try DecodedSnapshot(decoding: self.file(chunks), file: "snapshot")
    #expect(decoded.metadata == self.metadata)
    #expect(decoded.clusterID == "golden")
    #expect(decoded.payload == chunks.flatMap { $0 })
  }

  @Test("a long piece becomes several chunks")
  func longPiece() throws {
    let bytes = [UInt8](repeating: 5, count: SnapshotFile.maximumChunkLength + 3)
    #expect(try DecodedSnapshot(decoding: self.file([bytes]), file: "snapshot").payload == bytes)
  }

  @Test("every bit flip, cut and addition is refused")
  func damage() {
    let bytes = self.file([[1, 2, 3], [4, 5]])
    for offset in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[offset] ^= 1 << UInt8(bit)
        #expect(throws: RaftError.self, "bit \(bit) of byte \(offset)") {
          _ = try DecodedSnapshot(decoding: damaged, file: "snapshot")
        }
      }
      #expect(throws: RaftError.self) { _ = try DecodedSnapshot(decoding: Array(bytes[..<offset]), file: "snapshot") }
    }
    #expect(throws: RaftError.self) { _ = try DecodedSnapshot(decoding: bytes + [0], file: "snapshot") }
  }
}
