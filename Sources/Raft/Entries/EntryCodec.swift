// SPDX-License-Identifier: Apache-2.0

/// The one encoding of entries: for disk, for the wire and in memory.
///
/// | offset | bytes | field (little endian)                          |
/// | ------ | ----- | ---------------------------------------------- |
/// | 0      | 4     | CRC-32C of everything behind it                |
/// | 4      | 1     | format version, 1                              |
/// | 5      | 1     | ``Entry/Kind``                                 |
/// | 6      | 2     | reserved, 0                                    |
/// | 8      | 4     | length of the payload                          |
/// | 12     | 8     | term                                           |
/// | 20     | 8     | index                                          |
/// | 28     | …     | payload                                        |
public enum EntryCodec {
  /// The format version in the header of every entry.
  public static let formatVersion: UInt8 = 1
  /// Bytes before the payload.
  public static let headerLength = 28
  /// The largest payload in bytes, 64 MiB.
  public static let maximumPayloadLength = 64 << 20

  /// Encodes a batch into one buffer that all its entries share.
  ///
  /// - Throws: ``RaftError/Code/payloadTooLarge`` when a payload is longer than ``maximumPayloadLength``.
  public static func encode(
    _ payloads: [ArraySlice<UInt8>],
    kind: Entry.Kind = .command,
    term: Term,
    startingAt first: LogIndex
  ) throws(RaftError) -> [Entry] {
    var length = 0
    for payload in payloads {
      guard payload.count <= self.maximumPayloadLength else {
        throw RaftError(.payloadTooLarge, "an entry holds \(self.maximumPayloadLength) bytes, not \(payload.count)")
      }
      length += self.headerLength + payload.count
    }
    let buffer = unsafe [UInt8](unsafeUninitializedCapacity: length) { bytes, initialized in
      let memory = UnsafeMutableRawBufferPointer(bytes)
      var offset = 0
      var index = first
      for payload in payloads {
        let end = offset + self.headerLength + payload.count
        unsafe self.write(
          payload,
          kind: kind,
          term: term,
          index: index,
          into: UnsafeMutableRawBufferPointer(rebasing: memory[offset..<end])
        )
        offset = end
        index = index.next
      }
      initialized = length
    }
    var entries: [Entry] = []
    entries.reserveCapacity(payloads.count)
    var offset = 0
    var index = first
    for payload in payloads {
      let end = offset + self.headerLength + payload.count
      entries.append(Entry(term: term, index: index, kind: kind, encoded: buffer[offset..<end]))
      offset = end
      index = index.next
    }
    return entries
  }

  // `memory` is exactly as long as header and payload together.
  private static func write(
    _ payload: ArraySlice<UInt8>,
    kind: Entry.Kind,
    term: Term,
    index: LogIndex,
    into memory: UnsafeMutableRawBufferPointer
  ) {
    unsafe memory[4] = self.formatVersion
    unsafe memory[5] = kind.rawValue
    unsafe memory.storeBytes(of: 0, toByteOffset: 6, as: UInt16.self)
    unsafe memory.storeBytes(of: UInt32(payload.count).littleEndian, toByteOffset: 8, as: UInt32.self)
    unsafe memory.storeBytes(of: term.rawValue.littleEndian, toByteOffset: 12, as: UInt64.self)
    unsafe memory.storeBytes(of: index.rawValue.littleEndian, toByteOffset: 20, as: UInt64.self)
    unsafe payload.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[self.headerLength...]).copyMemory(from: source)
    }
    let checksum = unsafe CRC32C.checksum(UnsafeRawBufferPointer(rebasing: memory[4...]))
    unsafe memory.storeBytes(of: checksum.littleEndian, toByteOffset: 0, as: UInt32.self)
  }

  /// The length in bytes, header included, of the entry whose header stands at the start of `bytes`.
  ///
  /// - Throws: ``RaftError/Code/incomplete`` when the header isn't whole, ``RaftError/Code/unsupportedFormat`` for
  ///   another version, and ``RaftError/Code/corrupt`` for a length out of bounds. The checksum isn't verified.
  public static func length(of bytes: ArraySlice<UInt8>) throws(RaftError) -> Int {
    guard bytes.count >= self.headerLength else {
      throw RaftError(.incomplete, "the header of an entry is cut off")
    }
    let version = bytes[bytes.startIndex + 4]
    guard version == self.formatVersion else {
      throw RaftError(.unsupportedFormat, "entry format \(version) isn't known")
    }
    let length = Int(truncatingIfNeeded: bytes.littleEndian(at: 8, bytes: 4))
    guard length <= self.maximumPayloadLength else {
      throw RaftError(.corrupt, "an entry claims \(length) bytes")
    }
    return self.headerLength + length
  }

  /// Decodes the entry at the start of `bytes`; what follows it is left alone.
  ///
  /// The entry shares the bytes. Unknown kinds are decoded: they stop the node where they would be used.
  ///
  /// - Throws: as ``length(of:)``, and ``RaftError/Code/corrupt`` when the checksum or a number is wrong.
  public static func decode(_ bytes: ArraySlice<UInt8>) throws(RaftError) -> Entry {
    let length = try self.length(of: bytes)
    guard bytes.count >= length else { throw RaftError(.incomplete, "the payload of an entry is cut off") }
    let encoded = bytes.prefix(length)
    guard CRC32C.checksum(encoded.dropFirst(4)) == UInt32(truncatingIfNeeded: encoded.littleEndian(at: 0, bytes: 4))
    else { throw RaftError(.corrupt, "the checksum of an entry is wrong") }
    let term = encoded.littleEndian(at: 12, bytes: 8)
    let index = encoded.littleEndian(at: 20, bytes: 8)
    guard encoded.littleEndian(at: 6, bytes: 2) == 0, term < largestNumber, 1..<largestNumber ~= index else {
      throw RaftError(.corrupt, "the header of an entry is out of bounds")
    }
    return Entry(
      term: Term(term),
      index: LogIndex(index),
      kind: Entry.Kind(rawValue: encoded[encoded.startIndex + 5]),
      encoded: encoded
    )
  }

  /// Decodes entries that stand one behind the other up to the end of `bytes`.
  ///
  /// - Throws: as ``decode(_:)``.
  public static func decodeAll(_ bytes: ArraySlice<UInt8>) throws(RaftError) -> [Entry] {
    var entries: [Entry] = []
    var rest = bytes
    while !rest.isEmpty {
      let entry = try self.decode(rest)
      entries.append(entry)
      rest = rest.dropFirst(entry.encoded.count)
    }
    return entries
  }
}

extension ArraySlice<UInt8> {
  /// The little-endian number of `count` (1…8) bytes at `offset` from the start; the caller checked the bounds.
  func littleEndian(at offset: Int, bytes count: Int) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    for position in (self.startIndex + offset)..<(self.startIndex + offset + count) {
      value |= UInt64(self[position]) << shift
      shift += 8
    }
    return value
  }
}
