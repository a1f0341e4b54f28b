// SPDX-License-Identifier: Apache-2.0

/// The first sector of a segment file: which piece of whose log it is, and where the piece before it ended.
///
/// Layout, integers little-endian: magic `SWRAFTLG` (8), version (2), sealing (1), length of the cluster id (1), zero
/// (4), sequence (8), member id (8), index (8) and term (8) of the entry before the first, end of the segment before
/// (8), cluster id, zeros up to byte 508, CRC-32C of everything before it (4).
package struct SegmentHeader: Sendable, Hashable {
  /// Counts the segments of a log from 1, without gaps.
  package var sequence: UInt64
  /// Whose log it is.
  package var identity: LogIdentity
  /// The last entry of the log when the segment was begun.
  package var previous: LogPosition
  /// Where the content of the segment before this one ends; everything up to there was synced before this segment was
  /// begun.
  ///
  /// 0 when there is none.
  package var previousEnd: UInt64

  package init(
    sequence: UInt64,
    identity: LogIdentity,
    previous: LogPosition,
    previousEnd: UInt64
  ) {
    self.sequence = sequence
    self.identity = identity
    self.previous = previous
    self.previousEnd = previousEnd
  }

  private static let magic: [UInt8] = Array("SWRAFTLG".utf8)
  private static let checksumOffset = LogFormat.sectorSize - 4
  private static let identifierOffset = 56

  /// The sector as it is written.
  ///
  /// - Precondition: The cluster id is no longer than ``LogFormat/maximumClusterIDLength``.
  package func encoded() -> [UInt8] {
    let cluster = Array(self.identity.clusterID.utf8)
    precondition(cluster.count <= LogFormat.maximumClusterIDLength, "cluster id of \(cluster.count) bytes")
    var bytes = Self.magic
    bytes.reserveCapacity(LogFormat.sectorSize)
    bytes.appendLog(LogFormat.version)
    bytes.append(LogFormat.Sealing.none.rawValue)
    bytes.append(UInt8(cluster.count))
    bytes.appendLog(UInt32(0))
    bytes.appendLog(self.sequence)
    bytes.appendLog(self.identity.member.rawValue)
    bytes.appendLog(self.previous.index.rawValue)
    bytes.appendLog(self.previous.term.rawValue)
    bytes.appendLog(self.previousEnd)
    bytes.append(contentsOf: cluster)
    bytes.append(contentsOf: repeatElement(0, count: Self.checksumOffset - bytes.count))
    bytes.appendLog(CRC32C.checksum(bytes[...]))
    return bytes
  }

  /// Reads the header of a segment file.
  ///
  /// - Throws: ``RaftError`` with code `corrupt` naming the file, or `unsupportedFormat` when another version wrote it.
  package init(decoding bytes: [UInt8], file: String) throws(RaftError) {
    guard bytes.count >= LogFormat.sectorSize else {
      throw .damaged(file, at: 0, "the file is shorter than a segment header")
    }
    guard bytes[..<8].elementsEqual(Self.magic) else {
      throw .damaged(file, at: 0, "this is not a log segment")
    }
    let checksum = CRC32C.checksum(bytes[..<Self.checksumOffset])
    guard checksum == bytes.loadLog(at: Self.checksumOffset, as: UInt32.self) else {
      throw .damaged(file, at: 0, "the segment header fails its checksum")
    }
    let version = bytes.loadLog(at: 8, as: UInt16.self)
    guard version == LogFormat.version else {
      throw .unsupported(file, "segment format \(version)")
    }
    guard LogFormat.Sealing(rawValue: bytes[10]) != nil else {
      throw .unsupported(file, "sealing \(bytes[10])")
    }
    let length = Int(bytes[11])
    guard
      length <= LogFormat.maximumClusterIDLength,
      let cluster = String(validating: bytes[Self.identifierOffset..<(Self.identifierOffset + length)], as: UTF8.self)
    else {
      throw .damaged(file, at: UInt64(Self.identifierOffset), "the cluster id is not text")
    }
    self.init(
      sequence: bytes.loadLog(at: 16),
      identity: LogIdentity(clusterID: cluster, member: RaftID(rawValue: bytes.loadLog(at: 24))),
      previous: LogPosition(index: LogIndex(bytes.loadLog(at: 32)), term: Term(bytes.loadLog(at: 40))),
      previousEnd: bytes.loadLog(at: 48)
    )
    let numbers = [self.sequence, self.previous.index.rawValue, self.previous.term.rawValue, self.previousEnd]
    guard numbers.allSatisfy({ $0 < largestNumber }) else {
      throw .damaged(file, at: 0, "a number in the segment header is out of bounds")
    }
  }
}
