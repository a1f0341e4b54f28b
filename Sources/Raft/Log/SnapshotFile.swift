// SPDX-License-Identifier: Apache-2.0

/// The format of a snapshot file: a header with the metadata, the state machine's bytes in chunks, and an end mark.
///
/// Layout, integers little-endian. Header: magic `SWRAFTSN` (8), version (2), sealing (1), length of the cluster id (1),
/// length of the metadata (4), cluster id, metadata, CRC-32C of all of it (4). Chunk: CRC-32C of everything behind it
/// (4), length (4), ordinal counted from 0 (8), bytes. End mark: a chunk of length 0 whose ordinal is the number of
/// chunks, with the total length (8) behind it. The file says nothing about the member that wrote it, so that it can be
/// sent to another one as it is.
package enum SnapshotFile {
  /// The version that this code writes, and the only one that it reads.
  package static let version: UInt16 = 1
  /// Longer chunks are damage.
  package static let maximumChunkLength = 1 << 20
  /// Longer metadata is damage.
  static let maximumDescriptionLength = 16 << 20

  static let magic: [UInt8] = Array("SWRAFTSN".utf8)
  static let fixedHeaderLength = 16
  static let chunkHeaderLength = 16
}

/// Encodes a snapshot file piece by piece.
package struct SnapshotEncoder: Sendable {
  private var ordinal: UInt64 = 0
  private var total: UInt64 = 0

  package init() {}

  /// The bytes that the file begins with.
  package func header(_ metadata: SnapshotMetadata, clusterID: String) -> [UInt8] {
    let cluster = Array(clusterID.utf8)
    precondition(cluster.count <= LogFormat.maximumClusterIDLength, "cluster id of \(cluster.count) bytes")
    let description = metadata.encoded
    var bytes = SnapshotFile.magic
    bytes.appendLog(SnapshotFile.version)
    bytes.append(LogFormat.Sealing.none.rawValue)
    bytes.append(UInt8(cluster.count))
    bytes.appendLog(UInt32(description.count))
    bytes.append(contentsOf: cluster)
    bytes.append(contentsOf: description)
    bytes.appendLog(CRC32C.checksum(bytes[...]))
    return bytes
  }

  /// One chunk of the state machine's bytes, or several when they are long; no bytes give no chunk.
  package mutating func chunk(_ payload: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(payload.count + SnapshotFile.chunkHeaderLength)
    var rest = payload
    while !rest.isEmpty {
      let piece = rest.prefix(SnapshotFile.maximumChunkLength)
      rest = rest.dropFirst(piece.count)
      self.append(piece, length: piece.count, to: &bytes)
      self.ordinal += 1
      self.total += UInt64(piece.count)
    }
    return bytes
  }

  /// The bytes that the file ends with.
  package func endMark() -> [UInt8] {
    var total: [UInt8] = []
    total.appendLog(self.total)
    var bytes: [UInt8] = []
    self.append(total[...], length: 0, to: &bytes)
    return bytes
  }

  private func append(_ data: ArraySlice<UInt8>, length: Int, to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.appendLog(UInt32(0))
    bytes.appendLog(UInt32(length))
    bytes.appendLog(self.ordinal)
    bytes.append(contentsOf: data)
    bytes.storeLog(CRC32C.checksum(bytes[(start + 4)...]), at: start)
  }
}

/// Reads a whole snapshot file.
package struct DecodedSnapshot: Sendable {
  /// What the snapshot covers.
  package let metadata: SnapshotMetadata
  /// The cluster that it belongs to.
  package let clusterID: String
  /// The state machine's bytes.
  package let payload: [UInt8]

  /// - Throws: ``RaftError`` with code `corrupt` naming the file, or `unsupportedFormat` when another version wrote it.
  package init(decoding bytes: [UInt8], file: String) throws(RaftError) {
    let fixed = SnapshotFile.fixedHeaderLength
    guard bytes.count >= fixed, bytes[..<8].elementsEqual(SnapshotFile.magic) else {
      throw .damaged(file, at: 0, "this is not a snapshot")
    }
    let version = bytes.loadLog(at: 8, as: UInt16.self)
    guard version == SnapshotFile.version else { throw .unsupported(file, "snapshot format \(version)") }
    let clusterLength = Int(bytes[11])
    let descriptionLength = Int(bytes.loadLog(at: 12, as: UInt32.self))
    let headerEnd = fixed + clusterLength + descriptionLength
    guard
      clusterLength <= LogFormat.maximumClusterIDLength,
      descriptionLength <= SnapshotFile.maximumDescriptionLength,
      headerEnd + 4 <= bytes.count,
      CRC32C.checksum(bytes[..<headerEnd]) == bytes.loadLog(at: headerEnd, as: UInt32.self)
    else { throw .damaged(file, at: 0, "the snapshot header fails its checksum") }
    guard LogFormat.Sealing(rawValue: bytes[10]) != nil else { throw .unsupported(file, "sealing \(bytes[10])") }
    guard let clusterID = String(validating: bytes[fixed..<(fixed + clusterLength)], as: UTF8.self) else {
      throw .damaged(file, at: UInt64(fixed), "the cluster id is not text")
    }
    self.clusterID = clusterID
    self.metadata = try SnapshotMetadata(decoding: bytes[(fixed + clusterLength)..<headerEnd])
    self.payload = try Self.payload(of: bytes, from: headerEnd + 4, file: file)
  }

  private static func payload(of bytes: [UInt8], from start: Int, file: String) throws(RaftError) -> [UInt8] {
    var payload: [UInt8] = []
    payload.reserveCapacity(bytes.count - start)
    var offset = start
    var ordinal: UInt64 = 0
    while true {
      let dataStart = offset + SnapshotFile.chunkHeaderLength
      guard dataStart <= bytes.count else { throw .damaged(file, at: UInt64(offset), "the snapshot is cut off") }
      let length = Int(bytes.loadLog(at: offset + 4, as: UInt32.self))
      let dataEnd = dataStart + (length == 0 ? 8 : length)
      guard length <= SnapshotFile.maximumChunkLength, dataEnd <= bytes.count else {
        throw .damaged(file, at: UInt64(offset), "the snapshot is cut off")
      }
      guard
        CRC32C.checksum(bytes[(offset + 4)..<dataEnd]) == bytes.loadLog(at: offset, as: UInt32.self),
        bytes.loadLog(at: offset + 8, as: UInt64.self) == ordinal
      else { throw .damaged(file, at: UInt64(offset), "a chunk of the snapshot fails its checksum") }
      if length == 0 {
        guard bytes.loadLog(at: dataStart, as: UInt64.self) == UInt64(payload.count), dataEnd == bytes.count else {
          throw .damaged(file, at: UInt64(offset), "the snapshot has another length than it says")
        }
        return payload
      }
      payload.append(contentsOf: bytes[dataStart..<dataEnd])
      offset = dataEnd
      ordinal += 1
    }
  }
}
