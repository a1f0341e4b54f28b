// SPDX-License-Identifier: Apache-2.0

/// The fixed part of a batch: where it belongs, what its body holds, and up to where the log was known to be synced.
///
/// Layout, integers little-endian: magic `SWBT` (4), kind (1, or 2 when the body is sealed), contents (1), zero (2), body length (4), epoch (4),
/// segment (8), offset (8), synced-before mark: segment (8) and offset (8), CRC-32C of the body (4), zero (4), CRC-32C
/// of everything before it (4). The body follows, then zeros up to the next sector.
package struct BatchHeader: Sendable, Hashable {
  /// What the body holds, in this order.
  package struct Contents: OptionSet, Sendable, Hashable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Term (8), vote (8, 0 for none), commit index (8).
    package static let hardState = Self(rawValue: 1 << 0)
    /// Index (8) and term (8) of the entry that the log restarts after.
    package static let base = Self(rawValue: 1 << 1)
    /// Index (8) behind which entries are void.
    package static let truncation = Self(rawValue: 1 << 2)
    /// Encoded entries up to the end of the body.
    package static let entries = Self(rawValue: 1 << 3)

    /// Everything that this version understands.
    static let known: Self = [.hardState, .base, .truncation, .entries]
  }

  /// The length of an encoded header in bytes.
  package static let length = 60

  /// What the body holds.
  package var contents: Contents
  /// Whether the body is sealed; see ``LogSealing``.
  package var isSealed: Bool
  /// The body's length in bytes as it stands there, without padding.
  package var bodyLength: Int
  /// Counts how often the log was opened; tells what was written since from what a former opening left behind.
  package var epoch: UInt32
  /// Where the batch is.
  package var position: SegmentPosition
  /// Everything before this position was synced before the batch was written.
  package var syncedBefore: SegmentPosition
  /// CRC-32C of the body.
  package var bodyChecksum: UInt32

  /// The bytes that the batch occupies in its segment.
  var paddedLength: Int { LogFormat.padded(Self.length + self.bodyLength) }

  private static let magic: UInt32 = 0x5442_5753
  private static let plainKind: UInt8 = 1
  private static let sealedKind: UInt8 = 2
  /// What a sealed body is bound to: everything in the header before the checksums.
  static let authenticatedLength = 48

  /// Writes the header over the bytes that were reserved for it.
  func store(into bytes: inout [UInt8], at offset: Int) {
    bytes.storeLog(Self.magic, at: offset)
    bytes.storeLog(self.isSealed ? Self.sealedKind : Self.plainKind, at: offset + 4)
    bytes.storeLog(self.contents.rawValue, at: offset + 5)
    bytes.storeLog(UInt16(0), at: offset + 6)
    bytes.storeLog(UInt32(self.bodyLength), at: offset + 8)
    bytes.storeLog(self.epoch, at: offset + 12)
    bytes.storeLog(self.position.segment, at: offset + 16)
    bytes.storeLog(self.position.offset, at: offset + 24)
    bytes.storeLog(self.syncedBefore.segment, at: offset + 32)
    bytes.storeLog(self.syncedBefore.offset, at: offset + 40)
    bytes.storeLog(self.bodyChecksum, at: offset + 48)
    bytes.storeLog(UInt32(0), at: offset + 52)
    bytes.storeLog(CRC32C.checksum(bytes[offset..<(offset + 56)]), at: offset + 56)
  }

  /// Reads a header that claims to be at this place; `nil` when the bytes are anything else.
  ///
  /// - Throws: ``RaftError`` with code `unsupportedFormat` for an intact header with contents of another version, and
  ///   `corrupt` for one that can't have been written.
  init?(reading bytes: [UInt8], at offset: Int, position: SegmentPosition, file: String) throws(RaftError) {
    guard offset + Self.length <= bytes.count, bytes.loadLog(at: offset, as: UInt32.self) == Self.magic else { return nil }
    let checksum = CRC32C.checksum(bytes[offset..<(offset + 56)])
    guard checksum == bytes.loadLog(at: offset + 56, as: UInt32.self) else { return nil }
    self.position = SegmentPosition(segment: bytes.loadLog(at: offset + 16), offset: bytes.loadLog(at: offset + 24))
    guard self.position == position else { return nil }
    switch bytes[offset + 4] {
    case Self.plainKind: self.isSealed = false
    case Self.sealedKind: self.isSealed = true
    default: throw .unsupported(file, "batch kind \(bytes[offset + 4])")
    }
    self.contents = Contents(rawValue: bytes[offset + 5])
    guard self.contents.isSubset(of: .known) else {
      throw .unsupported(file, "batch contents \(bytes[offset + 5])")
    }
    self.bodyLength = Int(bytes.loadLog(at: offset + 8, as: UInt32.self))
    guard self.bodyLength <= LogFormat.maximumBodyLength else { return nil }
    self.epoch = bytes.loadLog(at: offset + 12)
    // Every opening of the log counts one further.
    guard self.epoch < .max else { throw .damaged(file, at: position.offset, "the epoch is out of bounds") }
    self.syncedBefore = SegmentPosition(segment: bytes.loadLog(at: offset + 32), offset: bytes.loadLog(at: offset + 40))
    self.bodyChecksum = bytes.loadLog(at: offset + 48)
  }

  package init(
    contents: Contents,
    isSealed: Bool = false,
    bodyLength: Int,
    epoch: UInt32,
    position: SegmentPosition,
    syncedBefore: SegmentPosition,
    bodyChecksum: UInt32
  ) {
    self.contents = contents
    self.isSealed = isSealed
    self.bodyLength = bodyLength
    self.epoch = epoch
    self.position = position
    self.syncedBefore = syncedBefore
    self.bodyChecksum = bodyChecksum
  }
}
