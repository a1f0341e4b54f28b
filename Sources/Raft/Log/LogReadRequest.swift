// SPDX-License-Identifier: Apache-2.0

/// Reads entries back from a run of batches.
///
/// The driver brings the bytes.
package struct LogReadRequest: Sendable, Hashable {
  /// Where to read: the file of this segment, from this offset on.
  package let position: SegmentPosition
  /// The entries to take out.
  package let range: ClosedRange<LogIndex>
  /// About how many encoded bytes to give, at least one entry.
  package let maximumBytes: Int

  /// What the bytes gave.
  package enum Result: Sendable {
    /// Entries without a gap from the start of the range on; at least one.
    case entries([Entry])
    /// The bytes end too early: this many are needed, or the end of the file.
    case needs(Int)
  }

  /// A good number of bytes to try first.
  package var suggestedLength: Int { (512 << 10) + self.maximumBytes }

  /// Takes the entries out of bytes that begin at ``position``.
  ///
  /// - Throws: ``RaftError`` with code `corrupt` when they aren't there.
  package func read(_ bytes: [UInt8], file: String, opening: (any LogOpening)? = nil) throws(RaftError) -> Result {
    var entries: [Entry] = []
    var size = 0
    var offset = 0
    while entries.last?.index != self.range.upperBound, size < self.maximumBytes {
      guard offset + BatchHeader.length <= bytes.count else {
        return entries.isEmpty ? .needs(offset + LogFormat.sectorSize) : .entries(entries)
      }
      let place = SegmentPosition(segment: self.position.segment, offset: self.position.offset + UInt64(offset))
      guard let header = try BatchHeader(reading: bytes, at: offset, position: place, file: file) else {
        guard entries.isEmpty else { return .entries(entries) }
        throw .damaged(file, at: place.offset, "entry \(self.range.lowerBound) isn't where it was written")
      }
      guard offset + header.paddedLength <= bytes.count else {
        return entries.isEmpty ? .needs(offset + header.paddedLength) : .entries(entries)
      }
      guard LogBatch.hasIntactBody(header, in: bytes, at: offset) else {
        throw .damaged(file, at: place.offset, "a batch fails its checksum")
      }
      for entry in try LogBatch.decode(header, in: bytes, at: offset, file: file, opening: opening).entries
      where self.range.contains(entry.index) && (size < self.maximumBytes || entries.isEmpty) {
        guard entry.index == self.range.lowerBound + entries.count else {
          throw .damaged(file, at: place.offset, "entry \(entry.index) isn't where it was written")
        }
        entries.append(entry)
        size += entry.encoded.count
      }
      offset += header.paddedLength
    }
    return .entries(entries)
  }
}
