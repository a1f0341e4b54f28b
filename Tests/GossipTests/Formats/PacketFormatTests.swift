// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Gossip

@Suite("Packet format")
struct PacketFormatTests {
  static let header = Header(kind: 0, label: 0x0102_0304, sender: 0x11, digest: 0x22, count: 300)
  /// The header behind version and kind.
  static let headBytes: [UInt8] = [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xAC, 2]
  static let ipv4 = GossipAddress(ipv4: 0x0A00_0001, port: 7946)
  static let ipv6 = GossipAddress(ipv6: (0x2001_0DB8_0000_0000, 1), port: 1)

  /// Each kind of packet and the bytes behind its header.
  static let bodies: [(Packet.Body, UInt8, [UInt8])] = [
    (.rumours, 1, []),
    (.ping(sequence: 7, target: 0x33), 2, [0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0x33]),
    (.answer(sequence: 7), 3, [0, 0, 0, 7]),
    (
      .pingRequest(sequence: 7, target: 0x33, address: ipv4), 4,
      [0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0x33, 4, 10, 0, 0, 1, 0x1F, 0x0A]
    ),
    (.relayedAnswer(sequence: 7), 5, [0, 0, 0, 7]),
    (.relayedSilence(sequence: 7), 6, [0, 0, 0, 7]),
  ]

  /// Each kind of rumour and its bytes.
  static func rumours() throws -> [(Rumours, [UInt8])] {
    let id = try MemberID("ab")
    let version = RecordVersion(epoch: 1, time: 2)
    return [
      (
        Rumours(claims: [Claim(kind: .alive, id: id, epoch: 300, incarnation: 5, address: ipv4, metadata: [9])]),
        [1, 15, 2, 97, 98, 0xAC, 2, 5, 4, 10, 0, 0, 1, 0x1F, 0x0A, 1, 9]
      ),
      (
        Rumours(claims: [Claim(kind: .suspect, id: id, epoch: 1, incarnation: 5, accuser: 0x44)]),
        [2, 13, 2, 97, 98, 1, 5, 0, 0, 0, 0, 0, 0, 0, 0x44]
      ),
      (
        Rumours(claims: [Claim(kind: .dead, id: id, epoch: 1, incarnation: 5, address: ipv4, accuser: 0x44)]),
        [3, 20, 2, 97, 98, 1, 5, 4, 10, 0, 0, 1, 0x1F, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0x44]
      ),
      (
        Rumours(claims: [Claim(kind: .left, id: id, epoch: 1, incarnation: 5, address: ipv6)]),
        [4, 24, 2, 97, 98, 1, 5, 6, 0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]
      ),
      (
        Rumours(records: [RecordClaim(owner: 0x55, version: version, isWithdrawn: false, key: [1], value: [2, 3])]),
        [5, 16, 0, 0, 0, 0, 0, 0, 0, 0x55, 1, 2, 0, 1, 1, 2, 2, 3]
      ),
      (
        Rumours(broadcasts: [BroadcastClaim(origin: 0x66, epoch: 1, number: 2, name: [7], payload: [8])]),
        [6, 14, 0, 0, 0, 0, 0, 0, 0, 0x66, 1, 2, 1, 7, 1, 8]
      ),
    ]
  }

  static func encode(_ packet: Packet) -> [UInt8] {
    var writer = WireWriter()
    writer.header(packet.header)
    writer.body(packet.body)
    for claim in packet.rumours.claims { writer.claim(claim) }
    for record in packet.rumours.records { writer.record(record) }
    for broadcast in packet.rumours.broadcasts { writer.broadcast(broadcast) }
    return writer.bytes
  }

  private static func decode(_ bytes: [UInt8], label: UInt32 = 0x0102_0304) throws(GossipError) -> Packet {
    var reader = WireReader(bytes[...])
    return try reader.packet(label: label)
  }

  @Test("the bytes of each kind of packet are these, and are read back")
  func bodiesAreGolden() throws {
    for (body, kind, tail) in Self.bodies {
      var header = Self.header
      header.kind = kind
      let packet = Packet(header: header, body: body, rumours: Rumours())
      let bytes = [1, kind] + Self.headBytes + tail
      #expect(Self.encode(packet) == bytes, "\(body)")
      #expect(try Self.decode(bytes) == packet)
    }
  }

  @Test("the bytes of each kind of rumour are these, and are read back")
  func rumoursAreGolden() throws {
    for (rumours, bytes) in try Self.rumours() {
      var header = Self.header
      header.kind = 1
      let packet = Packet(header: header, body: .rumours, rumours: rumours)
      let encoded = Self.encode(packet)
      #expect(Array(encoded.suffix(bytes.count)) == bytes, "\(rumours)")
      #expect(encoded.count == 24 + bytes.count)
      #expect(try Self.decode(encoded) == packet)
      for claim in rumours.claims { #expect(claim.encodedLength == bytes.count) }
      for record in rumours.records { #expect(record.encodedLength == bytes.count) }
      for broadcast in rumours.broadcasts { #expect(broadcast.encodedLength == bytes.count) }
    }
  }

  @Test("a name's fingerprint and a label's number are part of the format")
  func fingerprints() throws {
    let fingerprint = try MemberID("ab").fingerprint
    #expect(fingerprint == 15_200_157_446_551_169_939)
    #expect(Header.tag("") == 3_459_992_606)
    #expect(Header.tag("blue") == 3_035_450_802)
  }

  @Test("rumours of newer kinds and fields that newer versions add are passed over")
  func newerKinds() throws {
    var bytes = [1, 1] + Self.headBytes
    bytes += [99, 3, 1, 2, 3]
    #expect(try Self.decode(bytes).rumours == Rumours())
    bytes += [2, 15, 2, 97, 98, 1, 5, 0, 0, 0, 0, 0, 0, 0, 0x44, 77, 78]
    #expect(try Self.decode(bytes).rumours.claims.count == 1)
  }

  @Test("other versions, clusters and kinds are refused by their own errors")
  func refusals() throws {
    let good = [1, 1] + Self.headBytes
    #expect(throws: GossipError(.wrongLabel, "the sender belongs to another cluster")) { try Self.decode(good, label: 1) }
    #expect(#expect(throws: GossipError.self) { try Self.decode([2] + good.dropFirst()) }?.code == .unsupportedFormat)
    #expect(#expect(throws: GossipError.self) { try Self.decode([1, 50] + good.dropFirst(2)) }?.code == .unsupportedFormat)
    for length in 0..<good.count {
      #expect(#expect(throws: GossipError.self) { try Self.decode(Array(good.prefix(length))) }?.code == .malformed)
    }
  }

  @Test("a number is written in one way")
  func padding() {
    for bytes: [UInt8] in [[0x80, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2]] {
      var reader = WireReader(bytes[...])
      #expect(throws: GossipError.self) { try reader.varint() }
    }
    var reader = WireReader([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1])
    #expect(throws: Never.self) { try reader.varint() }
  }
}
