// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Entry format")
struct EntryFormatTests {
  @Test("CRC-32C gives the published check values")
  func checksum() {
    #expect(CRC32C.checksum(Array("123456789".utf8)[...]) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)[...]) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)[...]) == 0x62A8_AB43)
    #expect(CRC32C.checksum([]) == 0)
    // Bit by bit, for every length up to a few steps and every place where a checksum may be continued.
    let bytes = (0..<70).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
    for length in 0...70 {
      let slow = ~bytes.prefix(length).reduce(UInt32.max) { remainder, byte in
        (0..<8).reduce(remainder ^ UInt32(byte)) { rest, _ in rest & 1 == 1 ? (rest >> 1) ^ 0x82F6_3B78 : rest >> 1 }
      }
      #expect(CRC32C.checksum(bytes.prefix(length)) == slow)
      let middle = length / 3
      let start = CRC32C.checksum(bytes.prefix(middle))
      #expect(CRC32C.checksum(bytes.prefix(length).dropFirst(middle), continuing: start) == slow)
    }
  }

  @Test("a checksum can be continued anywhere")
  func continuedChecksum() {
    let bytes = (0..<100).map { UInt8($0 * 7 % 251) }
    for cut in 0...100 {
      let first = CRC32C.checksum(bytes[..<cut])
      #expect(CRC32C.checksum(bytes[cut...], continuing: first) == CRC32C.checksum(bytes[...]))
    }
  }

  @Test("the bytes of an entry are these")
  func golden() throws {
    let entry = try #require(try EntryCodec.encode([[0xAA, 0xBB]], term: Term(7), startingAt: LogIndex(258)).first)
    #expect(
      Array(entry.encoded) == [
        0xB6, 0x7D, 0x9E, 0x47,  // CRC-32C
        1, 2, 0, 0,  // version, kind, reserved
        2, 0, 0, 0,  // length
        7, 0, 0, 0, 0, 0, 0, 0,  // term
        2, 1, 0, 0, 0, 0, 0, 0,  // index
        0xAA, 0xBB,
      ]
    )
  }

  @Test("what is encoded is decoded, and shares its batch's buffer", arguments: [0, 1, 7, 8, 9, 200])
  func roundTrip(size: Int) throws {
    let payloads = (0..<5).map { number in [UInt8](repeating: UInt8(number), count: size + number)[...] }
    let entries = try EntryCodec.encode(payloads, kind: .noop, term: Term(3), startingAt: LogIndex(10))
    #expect(entries.map(\.payload) == payloads)
    #expect(entries.map(\.index.rawValue) == [10, 11, 12, 13, 14])
    let bytes = entries.flatMap(\.encoded)
    #expect(try EntryCodec.decodeAll(bytes[...]) == entries)
    #expect(try EntryCodec.length(of: bytes[...]) == EntryCodec.headerLength + size)
  }

  @Test("a changed bit anywhere is noticed")
  func damage() throws {
    let bytes = Array(try EntryCodec.encode([[1, 2, 3, 4, 5]], term: Term(3), startingAt: LogIndex(10))[0].encoded)
    for position in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << UInt8(bit)
        #expect(throws: RaftError.self) { try EntryCodec.decode(damaged[...]) }
      }
    }
  }

  @Test("an entry that is cut off is incomplete, another version unsupported, an unknown kind still an entry")
  func errors() throws {
    let entry = try EntryCodec.encode([[1, 2]], kind: Entry.Kind(rawValue: 99), term: Term(3), startingAt: LogIndex(1))[0]
    #expect(!entry.kind.isKnown)
    #expect(try EntryCodec.decode(entry.encoded) == entry)
    for count in 0..<entry.encoded.count {
      let error = #expect(throws: RaftError.self) { try EntryCodec.decode(entry.encoded.prefix(count)) }
      #expect(error?.code == .incomplete)
    }
    var other = Array(entry.encoded)
    other[4] = 2
    #expect(#expect(throws: RaftError.self) { try EntryCodec.decode(other[...]) }?.code == .unsupportedFormat)
    other[4] = 1
    other[11] = 0xFF
    #expect(#expect(throws: RaftError.self) { try EntryCodec.decode(other[...]) }?.code == .corrupt)
  }

  @Test("the bytes of a configuration are these, and fields of newer versions survive")
  func configuration() throws {
    let membership = Membership([
      Member(id: RaftID(300), role: .joining, context: [9]),
      Member(id: RaftID(1), role: .voter, context: [7, 8]),
    ])
    let bytes: [UInt8] = [1, 3, 8, 2, 1, 4, 1, 7, 2, 7, 8, 3, 8, 2, 0xAC, 2, 4, 3, 7, 1, 9]
    #expect(membership.encoded == bytes)
    #expect(try Membership(decoding: bytes[...]) == membership)
    // Field 9 of the member and field 20 of the configuration come from the future.
    let newer: [UInt8] = [1, 3, 11, 2, 1, 4, 1, 7, 2, 7, 8, 19, 1, 5, 40, 77]
    #expect(try Membership(decoding: newer[...]).encoded == newer)
    #expect(#expect(throws: RaftError.self) { try Membership(decoding: [2]) }?.code == .unsupportedFormat)
    #expect(#expect(throws: RaftError.self) { try Membership(decoding: [1, 3, 4, 2, 1, 4, 9]) }?.code == .unsupportedFormat)
  }

  @Test("a snapshot's description survives")
  func snapshot() throws {
    let metadata = SnapshotMetadata(index: LogIndex(77), term: Term(5), membership: Membership([Member(id: RaftID(1))]))
    #expect(metadata.encoded == [1, 2, 77, 4, 5, 7, 9, 1, 3, 6, 2, 1, 4, 1, 7, 0])
    #expect(try SnapshotMetadata(decoding: metadata.encoded[...]) == metadata)
    #expect(throws: RaftError.self) { try SnapshotMetadata(decoding: [1]) }
  }
}
