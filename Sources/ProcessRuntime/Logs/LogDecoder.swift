// SPDX-License-Identifier: Apache-2.0

package import SwarmAgent
internal import SwarmModel

/// Takes the records out of a log file's bytes, which arrive in any pieces.
///
/// A file starts with `SWTLOG`, 0, version 1. A record is a header of 16 bytes, little endian (wall clock in nanoseconds: 8, length:
/// 4, stream: 1, flags: 1, zero: 2), and the bytes. Stream 0 is a notice by the shim and shown as standard error.
package struct LogDecoder {
  /// What comes next.
  package enum Next: Hashable {
    /// A record.
    case record(LogRecord)
    /// The rest of a record isn't there yet; it may never be, when the machine crashed.
    case incomplete
    /// The bytes aren't a log of this version.
    case damaged
  }

  /// The longest record that a shim writes is far shorter.
  package static let longest = 1 << 20

  private var bytes: [UInt8] = []
  private var position = 0
  private var hasHeader = false

  /// Begins at the start of a file.
  package init() {}

  /// Adds bytes of the file.
  package mutating func append(_ more: [UInt8]) {
    if self.position > 0 {
      self.bytes.removeFirst(self.position)
      self.position = 0
    }
    self.bytes += more
  }

  /// The next record.
  package mutating func next() -> Next {
    if !self.hasHeader {
      guard let header = self.take(8) else { return .incomplete }
      guard header.elementsEqual([0x53, 0x57, 0x54, 0x4C, 0x4F, 0x47, 0, 1]) else { return .damaged }
      self.hasHeader = true
    }
    guard self.bytes.count - self.position >= 16 else { return .incomplete }
    let length = Int(self.number(at: 8, bytes: 4))
    guard length <= Self.longest else { return .damaged }
    guard self.bytes.count - self.position >= 16 + length else { return .incomplete }
    let timestamp = Timestamp(nanoseconds: Int64(bitPattern: self.number(at: 0, bytes: 8)))
    let stream = LogRecord.Stream(rawValue: self.bytes[self.position + 12]) ?? .stderr
    self.position += 16
    guard let body = self.take(length) else { return .incomplete }
    return .record(LogRecord(timestamp: timestamp, stream: stream, bytes: Array(body)))
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard self.bytes.count - self.position >= count else { return nil }
    defer { self.position += count }
    return self.bytes[self.position..<self.position + count]
  }

  private func number(at offset: Int, bytes count: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in (0..<count).reversed() {
      value = value << 8 | UInt64(self.bytes[self.position + offset + index])
    }
    return value
  }
}
