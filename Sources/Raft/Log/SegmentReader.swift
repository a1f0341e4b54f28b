// SPDX-License-Identifier: Apache-2.0

/// Walks over the batches of one segment's bytes.
struct SegmentReader {
  let file: String
  let header: SegmentHeader
  private let bytes: [UInt8]
  private let opening: (any LogOpening)?
  /// Where the next batch would begin; after the last ``next(epoch:)``, where the content ends.
  private(set) var offset = LogFormat.sectorSize

  init(file: String, bytes: [UInt8], opening: (any LogOpening)?) throws(RaftError) {
    self.file = file
    self.bytes = bytes
    self.opening = opening
    self.header = try SegmentHeader(decoding: bytes, file: file)
  }

  /// The next batch, or `nil` at the first place that doesn't hold one.
  ///
  /// A batch of an earlier epoch than the one before it was cut off by an earlier recovery: it ends the content as zeros
  /// do.
  mutating func next(epoch: UInt32) throws(RaftError) -> (header: BatchHeader, record: LogRecord, key: UInt64?)? {
    guard
      let header = try BatchHeader(
        reading: self.bytes,
        at: self.offset,
        position: SegmentPosition(segment: self.header.sequence, offset: UInt64(self.offset)),
        file: self.file
      ),
      header.epoch >= epoch,
      LogBatch.hasIntactBody(header, in: self.bytes, at: self.offset)
    else { return nil }
    let record = try LogBatch.decode(header, in: self.bytes, at: self.offset, file: self.file, opening: self.opening)
    let body = self.bytes[(self.offset + BatchHeader.length)...].prefix(header.bodyLength)
    self.offset += header.paddedLength
    return (header, record, header.isSealed ? LogStamp.key(of: body) : nil)
  }

  /// The newest synced-before mark in batches behind the end of the content, and the newest epoch in them.
  func scanBehindEnd() throws(RaftError) -> (mark: SegmentPosition, epoch: UInt32) {
    var mark = SegmentPosition(segment: 0, offset: 0)
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(26) { return (mark, 0) }
    #endif
    var epoch: UInt32 = 0
    var offset = self.offset
    while offset + BatchHeader.length <= self.bytes.count {
      let place = SegmentPosition(segment: self.header.sequence, offset: UInt64(offset))
      if let header = try BatchHeader(reading: self.bytes, at: offset, position: place, file: self.file) {
        mark = max(mark, header.syncedBefore)
        epoch = max(epoch, header.epoch)
      }
      offset += LogFormat.sectorSize
    }
    return (mark, epoch)
  }
}
