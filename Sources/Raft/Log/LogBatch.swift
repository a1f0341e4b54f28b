// SPDX-License-Identifier: Apache-2.0

/// One write of the log: a header and the record it carries.
package enum LogBatch {
  /// Appends an encoded batch, padded to whole sectors.
  package static func encode(
    _ record: LogRecord,
    at position: SegmentPosition,
    epoch: UInt32,
    syncedBefore: SegmentPosition,
    into bytes: inout [UInt8]
  ) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: BatchHeader.length))
    let bodyStart = bytes.count
    var contents: BatchHeader.Contents = []
    if let hardState = record.hardState {
      contents.insert(.hardState)
      bytes.appendLog(hardState.term.rawValue)
      bytes.appendLog(hardState.votedFor?.rawValue ?? 0)
      bytes.appendLog(hardState.commit.rawValue)
    }
    if let base = record.base {
      contents.insert(.base)
      bytes.appendLog(base.index.rawValue)
      bytes.appendLog(base.term.rawValue)
    }
    if let truncateAfter = record.truncateAfter {
      contents.insert(.truncation)
      bytes.appendLog(truncateAfter.rawValue)
    }
    if !record.entries.isEmpty {
      contents.insert(.entries)
      for entry in record.entries { bytes.append(contentsOf: entry.encoded) }
    }
    let header = BatchHeader(
      contents: contents,
      bodyLength: bytes.count - bodyStart,
      epoch: epoch,
      position: position,
      syncedBefore: syncedBefore,
      bodyChecksum: CRC32C.checksum(bytes[bodyStart...])
    )
    header.store(into: &bytes, at: start)
    let padding = start + header.paddedLength - bytes.count
    bytes.append(contentsOf: repeatElement(0, count: padding))
  }

  /// The bytes that a record takes in a segment.
  package static func encodedLength(of record: LogRecord) -> Int {
    var length = BatchHeader.length
    if record.hardState != nil { length += 24 }
    if record.base != nil { length += 16 }
    if record.truncateAfter != nil { length += 8 }
    for entry in record.entries { length += entry.encoded.count }
    return LogFormat.padded(length)
  }

  /// Whether the body that follows a header is all there.
  static func hasIntactBody(_ header: BatchHeader, in bytes: [UInt8], at offset: Int) -> Bool {
    let start = offset + BatchHeader.length
    guard header.bodyLength <= bytes.count - start else { return false }
    return CRC32C.checksum(bytes[start..<(start + header.bodyLength)]) == header.bodyChecksum
  }

  /// Reads an intact body.
  ///
  /// - Throws: ``RaftError`` with code `corrupt` when an intact body says something that can't have been written, or
  ///   `unsupportedFormat` when an entry is of another version.
  static func decode(
    _ header: BatchHeader,
    in bytes: [UInt8],
    at offset: Int,
    file: String
  ) throws(RaftError) -> LogRecord {
    let start = offset + BatchHeader.length
    // A copy, so that an entry in memory keeps its batch alive and not its whole segment.
    let body = Array(bytes[start..<(start + header.bodyLength)])
    var fixed = 0
    if header.contents.contains(.hardState) { fixed += 24 }
    if header.contents.contains(.base) { fixed += 16 }
    if header.contents.contains(.truncation) { fixed += 8 }
    guard fixed <= body.count else {
      throw .damaged(file, at: header.position.offset, "the batch is shorter than its contents")
    }
    var record = LogRecord()
    var offset = 0
    if header.contents.contains(.hardState) {
      let vote: UInt64 = body.loadLog(at: offset + 8)
      record.hardState = HardState(
        term: Term(rawValue: body.loadLog(at: offset)),
        votedFor: vote == 0 ? nil : RaftID(rawValue: vote),
        commit: LogIndex(rawValue: body.loadLog(at: offset + 16))
      )
      offset += 24
    }
    if header.contents.contains(.base) {
      record.base = LogPosition(
        index: LogIndex(body.loadLog(at: offset)),
        term: Term(body.loadLog(at: offset + 8))
      )
      offset += 16
    }
    if header.contents.contains(.truncation) {
      record.truncateAfter = LogIndex(rawValue: body.loadLog(at: offset))
      offset += 8
    }
    guard record.isPlausible else {
      throw .damaged(file, at: header.position.offset, "a number is out of bounds")
    }
    if header.contents.contains(.entries) {
      do {
        record.entries = try EntryCodec.decodeAll(body[offset...])
      } catch {
        throw RaftError(error.code, "\(file) holds an unreadable entry at byte \(header.position.offset)", cause: error)
      }
    } else if offset != body.count {
      throw .damaged(file, at: header.position.offset, "the batch is longer than its contents")
    }
    return record
  }
}
