// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// How a snapshot file is laid out when it is sealed: one sector of header, then blocks of the file as it would be in plaintext.
///
/// The header, little-endian: magic `SWRAFTSE` (8), version (2), zero (2), length of a block (4), stamp (24), zeros up to byte
/// 60, CRC-32C of everything before it (4). A block is its ciphertext and tag; only the last one is shorter. Everybody but the
/// files themselves counts in bytes of the plaintext, which is also what travels to other members.
enum SealedSnapshot {
  static let magic: [UInt8] = Array("SWRAFTSE".utf8)
  static let version: UInt8 = 1
  static let headerLength = 64
  static let blockLength = 64 << 10

  static func header(_ stamp: [UInt8]) -> [UInt8] {
    var bytes = Self.magic + [Self.version, 0, 0, 0]
    bytes += (0..<4).map { UInt8(truncatingIfNeeded: Self.blockLength >> ($0 * 8)) }
    bytes += stamp
    bytes += [UInt8](repeating: 0, count: Self.headerLength - 4 - bytes.count)
    let checksum = CRC32C.checksum(bytes[...])
    return bytes + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> ($0 * 8)) }
  }

  /// The stamp in a header; `nil` when the file isn't sealed.
  ///
  /// - Throws: `RaftError` with code `corrupt` or `unsupportedFormat`, naming the file.
  static func stamp(in header: [UInt8], file: String) throws(RaftError) -> ArraySlice<UInt8>? {
    guard header.starts(with: Self.magic) else { return nil }
    guard header.count == Self.headerLength, header == Self.header(Array(header[16..<(16 + LogStamp.length)])) else {
      if header.count > 8, header[8] > Self.version {
        throw RaftError(.unsupportedFormat, "\(file) uses sealed snapshot format \(header[8]), which this version does not know")
      }
      throw RaftError(.corrupt, "\(file) is damaged at byte 0: the header of a sealed snapshot is wrong")
    }
    return header[16..<(16 + LogStamp.length)]
  }
}

/// A snapshot file to be read, sealed or not.
struct SnapshotFileReader: ~Copyable, Sendable {
  /// Bytes of the file in plaintext.
  let length: Int
  /// The key that it is sealed with.
  var key: UInt64? { self.sealing?.key }
  let path: String
  let sealing: (any StorageSealing)?
  private let file: OpenFile

  /// - Throws: `RaftError` with code `storageFailed`, `corrupt`, `keyMissing` or `unsupportedFormat`.
  init(_ path: String, _ cipher: (any StorageCipher)?) throws(RaftError) {
    let file = try OpenFile(path, .read)
    let size = try file.size()
    var sealing: (any StorageSealing)?
    if let stamp = try SealedSnapshot.stamp(in: file.read(SealedSnapshot.headerLength, at: 0), file: path) {
      guard let cipher else { throw RaftError(.keyMissing, "\(path) is encrypted, and there are no keys") }
      sealing = try cipher.sealing(stampedBy: stamp, file: path)
    }
    self.length = sealing.map { Self.plainLength(of: size, $0) } ?? size
    self.path = path
    self.file = file
    self.sealing = sealing
  }

  private static func plainLength(of size: Int, _ sealing: any StorageSealing) -> Int {
    let overhead = type(of: sealing).blockOverhead
    let block = SealedSnapshot.blockLength + overhead
    let sealed = max(0, size - SealedSnapshot.headerLength)
    return sealed / block * SealedSnapshot.blockLength + max(0, sealed % block - overhead)
  }

  /// Reads up to `count` bytes from an offset; fewer only at the end.
  func read(_ count: Int, at offset: Int) throws(RaftError) -> [UInt8] {
    guard let sealing else { return try self.file.read(count, at: offset) }
    let count = min(count, self.length - offset)
    guard count > 0 else { return [] }
    let sealedLength = SealedSnapshot.blockLength + type(of: sealing).blockOverhead
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    var position = offset
    while bytes.count < count {
      let number = position / SealedSnapshot.blockLength
      let block = try self.file.read(sealedLength, at: SealedSnapshot.headerLength + number * sealedLength)
      let opened = try sealing.open(block: block[...], number: UInt64(number), file: self.path)
      let start = position % SealedSnapshot.blockLength
      guard start < opened.count else { break }
      bytes += opened[start...].prefix(count - bytes.count)
      position = offset + bytes.count
    }
    return bytes
  }
}

/// A snapshot file to be written from its start to its end, sealed or not.
struct SnapshotFileWriter: ~Copyable, Sendable {
  /// Bytes of the file in plaintext so far.
  private(set) var length = 0
  /// CRC-32C of them, for a file that was begun here.
  private(set) var checksum: UInt32 = 0
  private let file: OpenFile
  private let sealing: (any StorageSealing)?
  /// The begin of a block.
  private var rest: [UInt8] = []
  private var offset = 0

  /// Begins anew.
  init(_ path: String, _ cipher: (any StorageCipher)?) throws(RaftError) {
    let sealing = try cipher?.makeSealing()
    let header = sealing.map { SealedSnapshot.header($0.stamp) } ?? []
    let file = try OpenFile(path, .create)
    try file.truncate(to: 0)
    try file.write(header, at: 0)
    self.file = file
    self.sealing = sealing
    self.offset = header.count
  }

  /// Goes on with a file that wasn't finished; what isn't a whole block is cut off.
  init(continuing path: String, _ cipher: (any StorageCipher)?) throws(RaftError) {
    let reader = try SnapshotFileReader(path, cipher)
    guard (reader.sealing != nil) == (cipher != nil) else {
      throw RaftError(.keyRefused, "\(path) is sealed otherwise than this node seals")
    }
    let (length, sealing) = (reader.length, reader.sealing)
    let blocks = length / SealedSnapshot.blockLength
    let sealedLength = SealedSnapshot.blockLength + (sealing.map { type(of: $0).blockOverhead } ?? 0)
    let offset = sealing == nil ? length : SealedSnapshot.headerLength + blocks * sealedLength
    let file = try OpenFile(path, .update)
    try file.truncate(to: offset)
    self.file = file
    self.sealing = sealing
    self.length = sealing == nil ? length : blocks * SealedSnapshot.blockLength
    self.offset = offset
  }

  /// Adds bytes behind the ones before.
  mutating func append(_ bytes: ArraySlice<UInt8>) throws(RaftError) {
    self.checksum = CRC32C.checksum(bytes, continuing: self.checksum)
    self.length += bytes.count
    guard let sealing else { return try self.write(bytes) }
    self.rest += bytes
    while self.rest.count >= SealedSnapshot.blockLength {
      try self.write(sealing.seal(block: self.rest[..<SealedSnapshot.blockLength], number: self.blockNumber(sealing))[...])
      self.rest.removeFirst(SealedSnapshot.blockLength)
    }
  }

  private func blockNumber(_ sealing: any StorageSealing) -> UInt64 {
    UInt64((self.offset - SealedSnapshot.headerLength) / (SealedSnapshot.blockLength + type(of: sealing).blockOverhead))
  }

  private mutating func write(_ bytes: ArraySlice<UInt8>) throws(RaftError) {
    try self.file.write(bytes, at: self.offset)
    self.offset += bytes.count
  }

  /// Writes what is left, and waits until everything is on the disk.
  mutating func finish() throws(RaftError) {
    if let sealing, !self.rest.isEmpty {
      try self.write(sealing.seal(block: self.rest[...], number: self.blockNumber(sealing))[...])
      self.rest = []
    }
    try self.file.sync()
  }
}
