// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Makes checksums right, so that chance gets past them to what they protect.
enum Checksums {
  /// Rights everything in the files of a log that looks like a header, a batch or an entry.
  static func repair(segment bytes: inout [UInt8]) {
    guard bytes.count >= LogFormat.sectorSize else { return }
    self.store(CRC32C.checksum(bytes[..<(LogFormat.sectorSize - 4)]), into: &bytes, at: LogFormat.sectorSize - 4)
    let sequence = bytes[16..<24]
    for start in stride(from: LogFormat.sectorSize, to: bytes.count - BatchHeader.length, by: LogFormat.sectorSize)
    where bytes[start..<(start + 4)].elementsEqual("SWBT".utf8) {
      // A batch that names another place is only skipped.
      bytes.replaceSubrange((start + 16)..<(start + 24), with: sequence)
      for shift in 0..<8 { bytes[start + 24 + shift] = UInt8(truncatingIfNeeded: start >> (shift * 8)) }
      let length = self.number(bytes, at: start + 8)
      let body = start + BatchHeader.length
      if length <= bytes.count - body {
        self.repair(entriesIn: &bytes, from: body + self.fixedLength(contents: bytes[start + 5]), to: body + length)
        self.store(CRC32C.checksum(bytes[body..<(body + length)]), into: &bytes, at: start + 48)
      }
      self.store(CRC32C.checksum(bytes[start..<(start + 56)]), into: &bytes, at: start + 56)
    }
  }

  /// Rights the entries that stand one behind the other.
  static func repair(entriesIn bytes: inout [UInt8], from start: Int, to end: Int) {
    var start = start
    while start + EntryCodec.headerLength <= end {
      let length = EntryCodec.headerLength + self.number(bytes, at: start + 8)
      guard length <= end - start else { return }
      self.store(CRC32C.checksum(bytes[(start + 4)..<(start + length)]), into: &bytes, at: start)
      start += length
    }
  }

  private static func fixedLength(contents: UInt8) -> Int {
    (contents & 1 == 1 ? 24 : 0) + (contents & 2 == 2 ? 16 : 0) + (contents & 4 == 4 ? 8 : 0)
  }

  private static func number(_ bytes: [UInt8], at offset: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) }
  }

  private static func store(_ value: UInt32, into bytes: inout [UInt8], at offset: Int) {
    for shift in 0..<4 { bytes[offset + shift] = UInt8(truncatingIfNeeded: value >> UInt32(shift * 8)) }
  }
}
