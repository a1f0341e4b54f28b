// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Raft
import RaftNIO
import Testing

@Suite("Frames between members")
struct PeerFrameTests {
  private func frames() throws -> [PeerFrame] {
    let entries = try EntryCodec.encode([[1, 2, 3]], term: Term(4), startingAt: LogIndex(6))
    let append = Message.Append(previous: LogPosition(index: LogIndex(5), term: Term(4)), commit: LogIndex(5), entries: entries)
    let metadata = SnapshotMetadata(index: LogIndex(9), term: Term(3), membership: Membership([Member(id: RaftID(1))]))
    return [
      .handshake(PeerFrame.Handshake(clusterID: "tests", from: RaftID(1), to: RaftID(2))),
      .message(Message(from: RaftID(1), to: RaftID(2), term: Term(4), body: .append(append))),
      .refusal("no"),
      .snapshotBegins(
        transfer: 3,
        length: 1 << 33,
        checksum: 0xFFFF_FFFF,
        message: Message(from: RaftID(1), to: RaftID(2), term: Term(4), body: .installSnapshot(metadata))
      ),
      .snapshotPiece(transfer: 3, offset: 77, bytes: [9, 8]),
      .snapshotProgress(transfer: 3, received: 79, state: .complete),
    ]
  }

  private func encoded(_ frames: [PeerFrame]) -> [UInt8] {
    var buffer = ByteBuffer()
    for frame in frames { frame.encode(into: &buffer) }
    return Array(buffer: buffer)
  }

  @Test("what is encoded is decoded, however the bytes are cut", arguments: 1...40)
  func cutting(length: Int) throws {
    let frames = try self.frames()
    let bytes = self.encoded(frames)
    var reader = FrameReader(maximumLength: 4096)
    var decoded: [PeerFrame] = []
    for start in stride(from: 0, to: bytes.count, by: length) {
      reader.append(ByteBuffer(bytes: bytes[start..<min(start + length, bytes.count)]))
      for frame in try reader.takeFrames() { decoded.append(try PeerFrame(decoding: frame)) }
    }
    #expect(self.encoded(decoded) == bytes)
    #expect(decoded.count == frames.count)
  }

  @Test("a reader that has all frames lets go of the buffer, so that who reads from the socket uses it again")
  func lettingGo() throws {
    var read = ByteBuffer(bytes: self.encoded(try self.frames()))
    let storage = unsafe read.withVeryUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    var reader = FrameReader(maximumLength: 4096)
    reader.append(read)
    #expect(try reader.takeFrames().count == 6)
    read.clear()
    let storageNow = unsafe read.withVeryUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    #expect(storageNow == storage)
    withExtendedLifetime(reader) {}
  }

  @Test("no bytes are too strange")
  func totality() throws {
    for frame in try self.frames() {
      let bytes = self.encoded([frame])[4...]
      for end in bytes.indices { _ = try? PeerFrame(decoding: bytes[..<end]) }
      for offset in bytes.indices {
        for bit in 0..<8 {
          var damaged = bytes
          damaged[offset] ^= 1 << UInt8(bit)
          _ = try? PeerFrame(decoding: damaged)
        }
      }
    }
  }

  @Test("a frame that is too long is refused before it is there")
  func tooLong() throws {
    var reader = FrameReader(maximumLength: 100)
    reader.append(ByteBuffer(bytes: [101, 0, 0, 0]))
    #expect(throws: RaftError.self) { try reader.takeFrames() }
  }

  @Test("the driver's own frames are these bytes")
  func golden() {
    let handshake = PeerFrame.handshake(PeerFrame.Handshake(clusterID: "c", from: RaftID(1), to: RaftID(2)))
    #expect(
      self.encoded([handshake])
        == [29, 0, 0, 0, 1, 128, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 99]
    )
    #expect(self.encoded([.refusal("no")]) == [6, 0, 0, 0, 1, 129, 0, 0, 110, 111])
    #expect(
      self.encoded([.snapshotPiece(transfer: 3, offset: 4, bytes: [5])])
        == [21, 0, 0, 0, 1, 131, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5]
    )
    let metadata = SnapshotMetadata(index: LogIndex(9), term: Term(3), membership: .empty)
    let message = Message(from: RaftID(1), to: RaftID(2), term: Term(4), body: .installSnapshot(metadata))
    let begins = self.encoded([.snapshotBegins(transfer: 3, length: 258, checksum: 5, message: message)])
    #expect(
      begins.prefix(32)
        == [
          UInt8(begins.count - 4), 0, 0, 0, 1, 130, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
        ]
    )
    #expect(Array(begins.dropFirst(32)) == MessageCodec.encode(message))
    #expect(
      self.encoded([.snapshotProgress(transfer: 3, received: 4, state: .refused)])
        == [21, 0, 0, 0, 1, 132, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 2]
    )
    #expect(PeerFrame.preamble == [0x53, 0x57, 0x52, 0x41, 0x46, 0x54, 0, 1])
  }
}
