// SPDX-License-Identifier: Apache-2.0

/// What every packet and every frame of a stream begins with.
struct Header: Hashable, Sendable {
  static let formatVersion: UInt8 = 1

  var kind: UInt8
  /// Which cluster the sender belongs to.
  var label: UInt32
  /// The sender's fingerprint.
  var sender: UInt64
  /// The sender's tables in one number.
  var digest: UInt64
  /// How many members and records that number stands for.
  var count: UInt64

  /// The number that stands for a label.
  static func tag(_ label: String) -> UInt32 {
    UInt32(truncatingIfNeeded: Mixing.fingerprint(label.utf8, salt: 0x6C61_6265_6C00_0001))
  }
}

extension WireWriter {
  mutating func header(_ header: Header) {
    self.byte(Header.formatVersion)
    self.byte(header.kind)
    self.uint32(header.label)
    self.uint64(header.sender)
    self.uint64(header.digest)
    self.varint(header.count)
  }
}

extension WireReader {
  mutating func header(label: UInt32) throws(GossipError) -> Header {
    let version = try self.byte()
    guard version == Header.formatVersion else {
      throw GossipError(.unsupportedFormat, "format \(version) isn't spoken here")
    }
    let kind = try self.byte()
    let tag = try self.uint32()
    guard tag == label else { throw GossipError(.wrongLabel, "the sender belongs to another cluster") }
    let sender = try self.uint64()
    let digest = try self.uint64()
    let count = try self.varint()
    return Header(kind: kind, label: tag, sender: sender, digest: digest, count: count)
  }
}
