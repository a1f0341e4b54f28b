// SPDX-License-Identifier: Apache-2.0

import Gossip
import NIOCore
import Testing

@testable import GossipNIO

@Suite("Sealing")
struct SealerTests {
  static func key(_ byte: UInt8, _ count: Int = 32) throws -> GossipKey {
    try GossipKey([UInt8](repeating: byte, count: count))
  }

  static func sealer(_ keys: [GossipKey], label: String = "tests") throws -> Sealer {
    Sealer(keyring: try Keyring(keys), label: label, sessions: 64)
  }

  static func code(_ body: () throws -> Void) -> GossipError.Code? {
    do { try body() } catch { return (error as? GossipError)?.code }
    return nil
  }

  @Test("what is sealed with any key of the ring is opened, with keys of 16, 24 and 32 bytes", arguments: [16, 24, 32])
  func roundTrip(length: Int) throws {
    let (old, new) = (try Self.key(1, length), try Self.key(2, length))
    var sender = try Self.sealer([old])
    var receiver = try Self.sealer([new, old])
    for count in [0, 1, 100, 1367] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      var buffer = ByteBuffer()
      try sender.sealPacket(bytes[...], into: &buffer)
      #expect(buffer.readableBytes == count + Seal.overhead)
      #expect(try receiver.openPacket(buffer) == bytes)
    }
  }

  @Test("the format of sealed bytes is what it was")
  func golden() throws {
    let sealer = try Self.sealer([Self.key(7, 16)])
    var buffer = ByteBuffer()
    try sealer.seal(Array("hello".utf8)[...], .packet, session: 0x0102_0304_0506_0708, counter: 9, into: &buffer)
    let golden =
      "81 4969 80e1 0102030405060708 00000009 "  // format, key, label, session, counter
      + "cb1317f31c e8cb5a3a130b4c02baa7edcb228c5781"  // ciphertext, tag
    let digits = Array(buffer: buffer).map { String(($0 >> 4), radix: 16) + String($0 & 15, radix: 16) }.joined()
    #expect(digits == golden.filter { $0 != " " })
  }

  @Test("a packet that comes again is refused, also out of order; one that is late once is taken")
  func replay() throws {
    let key = try Self.key(1)
    var sender = try Self.sealer([key])
    var receiver = try Self.sealer([key])
    var packets: [ByteBuffer] = []
    for _ in 0..<100 {
      var buffer = ByteBuffer()
      try sender.sealPacket([1], into: &buffer)
      packets.append(buffer)
    }
    for place in [0, 2, 1, 99, 50] { _ = try receiver.openPacket(packets[place]) }
    for place in [0, 1, 2, 50, 99, 30] {
      #expect(Self.code { _ = try receiver.openPacket(packets[place]) } == .replayed)
    }
    try receiver.admitStream(session: 1)
    #expect(Self.code { try receiver.admitStream(session: 1) } == .replayed)
  }

  @Test("every changed or missing byte breaks the seal")
  func tampering() throws {
    let key = try Self.key(1)
    var sender = try Self.sealer([key])
    var receiver = try Self.sealer([key])
    var buffer = ByteBuffer()
    try sender.sealPacket(Array("hello".utf8)[...], into: &buffer)
    let bytes = Array(buffer: buffer)
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << UInt8(bit)
        #expect(throws: GossipError.self) { try receiver.openPacket(ByteBuffer(bytes: changed)) }
      }
      #expect(throws: GossipError.self) { try receiver.openPacket(ByteBuffer(bytes: bytes[..<place])) }
    }
    #expect(try receiver.openPacket(buffer) == Array("hello".utf8))
  }

  @Test("what is sealed for one purpose is good for no other")
  func purposes() throws {
    let sealer = try Self.sealer([Self.key(1)])
    var buffer = ByteBuffer()
    try sealer.seal([1], .response(to: 5), session: 1, counter: 0, into: &buffer)
    #expect(try sealer.open(buffer, .response(to: 5)).bytes == [1])
    for purpose in [Seal.Purpose.packet, .request, .response(to: 6)] {
      #expect(Self.code { _ = try sealer.open(buffer, purpose) } == .malformed)
    }
  }

  @Test("errors say what is wrong: key, label, or that nothing is sealed")
  func errors() throws {
    let key = try Self.key(1)
    var buffer = ByteBuffer()
    var sender = try Self.sealer([key])
    try sender.sealPacket([1], into: &buffer)
    func code(_ sealer: Sealer, _ buffer: ByteBuffer) -> GossipError.Code? {
      Self.code {
        var sealer = sealer
        _ = try sealer.openPacket(buffer)
      }
    }
    #expect(code(try Self.sealer([Self.key(2)]), buffer) == .wrongKey)
    #expect(code(try Self.sealer([]), buffer) == .wrongKey)
    #expect(code(try Self.sealer([key], label: "others"), buffer) == .wrongLabel)
    #expect(code(try Self.sealer([key]), ByteBuffer(bytes: [1, 2])) == .notSealed)
    #expect(code(try Self.sealer([key]), ByteBuffer()) == .malformed)
    #expect(code(try Self.sealer([key]), ByteBuffer(bytes: [0x90])) == .unsupportedFormat)
  }

  @Test("a ring holds three keys, and the one that seals stays")
  func ring() throws {
    let keys = try (1...4).map { try Self.key($0) }
    var ring = try Keyring([keys[0]])
    try ring.install(keys[1])
    try ring.install(keys[1])
    try ring.install(keys[2])
    #expect(Self.code { try ring.install(keys[3]) } == .full)
    #expect(Self.code { try ring.use(keys[3].id) } == .wrongKey)
    #expect(Self.code { try ring.remove(keys[3].id) } == .wrongKey)
    #expect(Self.code { try ring.remove(keys[0].id) } == .keyInUse)
    try ring.use(keys[2].id)
    try ring.remove(keys[0].id)
    #expect(ring.keys == [keys[2], keys[1]])
    #expect(Self.code { _ = try GossipKey([1, 2, 3]) } == .invalidConfiguration)
    #expect(!"\(keys)".contains("1, 1"))
  }

  @Test("senders are forgotten in the order of their silence, and never more are kept than allowed")
  func replayMemory() {
    var replays = ReplayGuard(sessions: 8)
    for session in UInt64(0)..<1000 {
      // One that goes on speaking is remembered.
      for (sender, counter) in [(session, 1), (5000, UInt32(session))] {
        let isNew = replays.admit(session: sender, counter: counter)
        let isNewAgain = replays.admit(session: sender, counter: counter)
        #expect(isNew && !isNewAgain)
      }
      #expect(replays.count <= 8)
    }
  }
}
