// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import Raft

/// What travels on a connection between members: the core's messages, and the driver's own frames around them.
///
/// All frames begin as `MessageCodec` says: length (4, little-endian), version (1), kind (1), zero (2). Kinds from 128
/// on are the driver's; their fields are little-endian and in a fixed order, and bytes behind them are passed over.
package enum PeerFrame {
  /// A message of the core.
  case message(Message)
  /// The first frame of the side that dialled.
  case handshake(Handshake)
  /// Why the other side closes.
  case refusal(String)
  /// A snapshot is offered: the length and checksum of its file, and the message that is for the core when it is complete. It
  /// follows in pieces, from where the receiver says.
  case snapshotBegins(transfer: UInt64, length: Int, checksum: UInt32, message: Message)
  /// Bytes of a snapshot file.
  case snapshotPiece(transfer: UInt64, offset: Int, bytes: ArraySlice<UInt8>)
  /// How much of a snapshot the receiver has stored.
  case snapshotProgress(transfer: UInt64, received: Int, state: SnapshotState)

  /// Who dials, and whom.
  package struct Handshake: Hashable, Sendable {
    var clusterID: String
    var from: RaftID
    var to: RaftID

    package init(clusterID: String, from: RaftID, to: RaftID) {
      self.clusterID = clusterID
      self.from = from
      self.to = to
    }
  }

  /// What the receiver of a snapshot says.
  package enum SnapshotState: UInt8, Sendable {
    /// More, please.
    case receiving = 0
    /// It is complete, intact and handed to the core.
    case complete = 1
    /// It is of no use.
    case refused = 2
  }

  /// What the side that dials begins with: a name and the version of everything behind it.
  package static let preamble: [UInt8] = Array("SWRAFT".utf8) + [0, 1]

  private enum Kind {
    static let handshake: UInt8 = 128
    static let refusal: UInt8 = 129
    static let snapshotBegins: UInt8 = 130
    static let snapshotPiece: UInt8 = 131
    static let snapshotProgress: UInt8 = 132
  }

  private static let headerLength = 4

  /// Decodes a frame without its length prefix.
  ///
  /// Bytes are shared, not copied.
  ///
  /// - Throws: ``RaftError``: `corrupt`, `incomplete` or `unsupportedFormat`.
  package init(decoding frame: ArraySlice<UInt8>) throws(RaftError) {
    guard frame.count >= Self.headerLength else { throw RaftError(.incomplete, "a frame is cut off") }
    guard frame[frame.startIndex] == MessageCodec.formatVersion else {
      throw RaftError(.unsupportedFormat, "frame format \(frame[frame.startIndex]) isn't known")
    }
    var fields = FrameFields(frame.dropFirst(Self.headerLength))
    switch frame[frame.startIndex + 1] {
    case Kind.handshake:
      let from = RaftID(try fields.number())
      let to = RaftID(try fields.number())
      let length = Int(clamping: try fields.number())
      self = .handshake(Handshake(clusterID: try fields.text(length), from: from, to: to))
    case Kind.refusal:
      self = .refusal(try fields.text(min(fields.rest.count, 1024)))
    case Kind.snapshotBegins:
      let transfer = try fields.number()
      let length = Int(clamping: try fields.number())
      let checksum = UInt32(truncatingIfNeeded: try fields.number())
      let message = try MessageCodec.decode(fields.rest.dropFirst(MessageCodec.lengthPrefix))
      guard case .installSnapshot = message.body else { throw RaftError(.corrupt, "a snapshot came without its metadata") }
      self = .snapshotBegins(transfer: transfer, length: length, checksum: checksum, message: message)
    case Kind.snapshotPiece:
      let transfer = try fields.number()
      let offset = Int(clamping: try fields.number())
      self = .snapshotPiece(transfer: transfer, offset: offset, bytes: fields.rest)
    case Kind.snapshotProgress:
      let transfer = try fields.number()
      let received = Int(clamping: try fields.number())
      guard let byte = fields.rest.first, let state = SnapshotState(rawValue: byte) else {
        throw RaftError(.unsupportedFormat, "a snapshot's progress isn't known")
      }
      self = .snapshotProgress(transfer: transfer, received: received, state: state)
    default:
      self = .message(try MessageCodec.decode(frame))
    }
  }

  /// Appends the whole frame, length prefix included.
  package func encode(into buffer: inout ByteBuffer) {
    switch self {
    case .message(let message):
      buffer.writeBytes(MessageCodec.encodeHead(message))
      if case .append(let append) = message.body {
        for entry in append.entries { buffer.writeBytes(entry.encoded) }
      }
    case .handshake(let handshake):
      Self.write(Kind.handshake, into: &buffer) { buffer in
        buffer.writeNumber(handshake.from.rawValue)
        buffer.writeNumber(handshake.to.rawValue)
        buffer.writeNumber(UInt64(handshake.clusterID.utf8.count))
        buffer.writeString(handshake.clusterID)
      }
    case .refusal(let reason):
      Self.write(Kind.refusal, into: &buffer) { buffer in
        buffer.writeString(reason)
      }
    case .snapshotBegins(let transfer, let length, let checksum, let message):
      Self.write(Kind.snapshotBegins, into: &buffer) { buffer in
        buffer.writeNumber(transfer)
        buffer.writeNumber(UInt64(length))
        buffer.writeNumber(UInt64(checksum))
        buffer.writeBytes(MessageCodec.encode(message))
      }
    case .snapshotPiece(let transfer, let offset, let bytes):
      Self.write(Kind.snapshotPiece, into: &buffer) { buffer in
        buffer.writeNumber(transfer)
        buffer.writeNumber(UInt64(offset))
        buffer.writeBytes(bytes)
      }
    case .snapshotProgress(let transfer, let received, let state):
      Self.write(Kind.snapshotProgress, into: &buffer) { buffer in
        buffer.writeNumber(transfer)
        buffer.writeNumber(UInt64(received))
        buffer.writeInteger(state.rawValue)
      }
    }
  }

  private static func write(_ kind: UInt8, into buffer: inout ByteBuffer, _ fields: (inout ByteBuffer) -> Void) {
    let start = buffer.writerIndex
    buffer.writeInteger(UInt32(0))
    buffer.writeBytes([MessageCodec.formatVersion, kind, 0, 0])
    fields(&buffer)
    let length = UInt32(buffer.writerIndex - start - MessageCodec.lengthPrefix)
    buffer.setInteger(length, at: start, endianness: .little)
  }
}

/// The fields of a driver's frame, read one by one.
private struct FrameFields {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.rest = bytes }

  mutating func number() throws(RaftError) -> UInt64 {
    guard self.rest.count >= 8 else { throw RaftError(.incomplete, "a frame is cut off") }
    var value: UInt64 = 0
    for byte in self.rest.prefix(8).reversed() { value = value << 8 | UInt64(byte) }
    self.rest = self.rest.dropFirst(8)
    return value
  }

  mutating func text(_ length: Int) throws(RaftError) -> String {
    guard length <= self.rest.count, let text = String(validating: self.rest.prefix(length), as: UTF8.self) else {
      throw RaftError(.corrupt, "a frame holds no text where it should")
    }
    self.rest = self.rest.dropFirst(length)
    return text
  }
}

extension ByteBuffer {
  fileprivate mutating func writeNumber(_ value: UInt64) {
    self.writeInteger(value, endianness: .little)
  }
}
