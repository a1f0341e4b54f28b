// SPDX-License-Identifier: Apache-2.0

/// One write of the log: a header and the record it carries.
package enum LogBatch {
  /// Appends an encoded batch, padded to whole sectors.
  package static func encode(
    _ record: LogRecord,
    at position: SegmentPosition,
    epoch: UInt32,
    syncedBefore: SegmentPosition,
    sealing: (any LogSealing)? = nil,
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
    var header = BatchHeader(
      contents: contents,
      isSealed: sealing != nil,
      bodyLength: bytes.count - bodyStart + (sealing.map { type(of: $0).overhead } ?? 0),
      epoch: epoch,
      position: position,
      syncedBefore: syncedBefore,
      bodyChecksum: 0
    )
    if let sealing {
      header.store(into: &bytes, at: start)
      let authenticated = bytes[start..<(start + BatchHeader.authenticatedLength)]
      bytes.replaceSubrange(bodyStart..., with: sealing.seal(bytes[bodyStart...], at: position, authenticating: authenticated))
    }
    header.bodyChecksum = CRC32C.checksum(bytes[bodyStart...])
    header.store(into: &bytes, at: start)
    let padding = start + header.paddedLength - bytes.count
    bytes.append(contentsOf: repeatElement(0, count: padding))
  }

  /// The bytes that a record takes in a segment.
  package static func encodedLength(of record: LogRecord, sealing: (any LogSealing)? = nil) -> Int {
    var length = BatchHeader.length + (sealing.map { type(of: $0).overhead } ?? 0)
    if record.hardState != nil { length += 24 }
    if record.base != nil { length += 16 }
    if record.truncateAfter != nil { length += 8 }
    length += record.entries.encodedLength
    return LogFormat.padded(length)
  }

  /// Whether the body that follows a header is all there.
  static func hasIntactBody(_ header: BatchHeader, in bytes: [UInt8], at offset: Int) -> Bool {
    let start = offset + BatchHeader.length
    guard header.bodyLength <= bytes.count - start else { return false }
    return CRC32C.checksum(bytes[start..<(start + header.bodyLength)]) == header.bodyChecksum
  }

  private static func body(
    _ header: BatchHeader,
    in bytes: [UInt8],
    at offset: Int,
    file: String,
    opening: (any LogOpening)?
  ) throws(RaftError) -> [UInt8] {
    let start = offset + BatchHeader.length
    let body = bytes[start..<(start + header.bodyLength)]
    guard header.isSealed else { return Array(body) }
    guard let opening else {
      throw RaftError(.keyMissing, "\(file) is encrypted at byte \(header.position.offset), and there are no keys")
    }
    let authenticated = bytes[offset..<(offset + BatchHeader.authenticatedLength)]
    return try opening.open(body, at: header.position, authenticating: authenticated, file: file)
  }

  /// Reads an intact body.
  ///
  /// - Throws: ``RaftError`` with code `corrupt` when an intact body says something that can't have been written, or
  ///   `unsupportedFormat` when an entry is of another version, and what `opening` throws.
  static func decode(
    _ header: BatchHeader,
    in bytes: [UInt8],
    at offset: Int,
    file: String,
    opening: (any LogOpening)?
  ) throws(RaftError) -> LogRecord {
    // A copy, so that an entry in memory keeps its batch alive and not its whole segment.
    let body = try Self.body(header, in: bytes, at: offset, file: file, opening: opening)
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
