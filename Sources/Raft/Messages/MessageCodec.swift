// SPDX-License-Identifier: Apache-2.0

/// The frame in which messages travel.
///
/// A frame is its length (4 bytes, little endian, without these four), a version byte, a kind byte, two reserved bytes
/// and tagged fields. Entries are the last field and travel as the bytes they are stored as.
public enum MessageCodec {
  /// The version byte of every frame.
  public static let formatVersion: UInt8 = 1
  /// Bytes that tell a frame's length.
  public static let lengthPrefix = 4
  /// The longest frame in bytes, without its length prefix: one entry of the largest size, and then some.
  public static let maximumFrameLength = EntryCodec.maximumPayloadLength + (16 << 20)

  /// The frame up to its entries.
  ///
  /// The entries' ``Entry/encoded`` bytes must follow, in order: they are never copied here.
  public static func encodeHead(_ message: Message) -> [UInt8] {
    var entryBytes = 0
    if case .append(let append) = message.body {
      entryBytes = append.entries.encodedLength
    }
    var writer = FieldWriter(reservingCapacity: 96)
    writer.fixed(0, bytes: self.lengthPrefix)
    writer.bytes.append(self.formatVersion)
    writer.bytes.append(Kind(message.body).rawValue)
    writer.fixed(0, bytes: 2)
    writer.number(Tag.from, message.from.rawValue)
    writer.number(Tag.to, message.to.rawValue)
    writer.number(Tag.term, message.term.rawValue)
    writer.write(message.body, entryBytes: entryBytes)
    let length = UInt32(truncatingIfNeeded: writer.bytes.count - self.lengthPrefix + entryBytes)
    for position in 0..<self.lengthPrefix {
      writer.bytes[position] = UInt8(truncatingIfNeeded: length >> (UInt32(position) * 8))
    }
    return writer.bytes
  }

  /// The whole frame, length prefix included.
  public static func encode(_ message: Message) -> [UInt8] {
    var bytes = self.encodeHead(message)
    if case .append(let append) = message.body {
      for entry in append.entries { bytes.append(contentsOf: entry.encoded) }
    }
    return bytes
  }

  /// The length of the frame behind the prefix at the start of `bytes`, or nil while the prefix isn't whole.
  ///
  /// - Throws: ``RaftError/Code/corrupt`` when it is out of bounds.
  public static func frameLength(_ bytes: ArraySlice<UInt8>) throws(RaftError) -> Int? {
    guard bytes.count >= self.lengthPrefix else { return nil }
    let length = Int(truncatingIfNeeded: bytes.littleEndian(at: 0, bytes: self.lengthPrefix))
    guard 4...self.maximumFrameLength ~= length else {
      throw RaftError(.corrupt, "a frame claims \(length) bytes")
    }
    return length
  }

  /// Decodes a frame without its length prefix.
  ///
  /// Entries are slices of `frame`; their checksums are verified.
  ///
  /// - Throws: ``RaftError/Code/unsupportedFormat`` for another version or an unknown kind, ``RaftError/Code/corrupt`` or
  ///   ``RaftError/Code/incomplete`` for anything that isn't a message.
  public static func decode(_ frame: ArraySlice<UInt8>) throws(RaftError) -> Message {
    guard frame.count >= 4 else { throw RaftError(.incomplete, "a frame is cut off") }
    let version = frame[frame.startIndex]
    guard version == self.formatVersion else {
      throw RaftError(.unsupportedFormat, "frame format \(version) isn't known")
    }
    guard let kind = Kind(rawValue: frame[frame.startIndex + 1]) else {
      throw RaftError(.unsupportedFormat, "the message kind \(frame[frame.startIndex + 1]) isn't known")
    }
    let fields = try MessageFields(frame.dropFirst(4))
    guard fields.from != 0, fields.to != 0 else { throw RaftError(.corrupt, "a message has no sender or receiver") }
    return Message(
      from: RaftID(fields.from),
      to: RaftID(fields.to),
      term: Term(fields.term),
      body: try fields.body(kind)
    )
  }
}
