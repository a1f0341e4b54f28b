// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Gossip

@Suite("Random bytes")
struct RandomBytesTests {
  /// A running core that knows two others.
  private static func core() throws -> GossipCore {
    var group = try Group(3)
    group.join()
    return group.cores[0]
  }

  @Test("any bytes give a packet or a typed error, and a refused packet changes nothing", arguments: 0..<20)
  func noise(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var core = try Self.core()
    let before = core.allMembers
    for _ in 0..<500 {
      let bytes = (0..<random.number(below: 200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      try? core.receive(packet: bytes[...], from: Group.address(1), now: .zero)
    }
    #expect(core.allMembers == before, "seed \(seed)")
    #expect(core.statistics.refused == 500)
  }

  @Test("mutated packets of every kind give a packet that is written back as it was, or a typed error", arguments: 0..<20)
  func mutation(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var core = try Self.core()
    var decoded = 0
    var refused = 0
    for turn in 0..<1000 {
      let (body, kind, _) = PacketFormatTests.bodies[turn % 6]
      var header = PacketFormatTests.header
      header.kind = kind
      header.label = core.label
      let packet = Packet(header: header, body: body, rumours: try PacketFormatTests.rumours()[random.number(below: 6)].0)
      var bytes = PacketFormatTests.encode(packet)
      for _ in 0...random.number(below: 3) {
        bytes[6 + random.number(below: bytes.count - 6)] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.number(below: 4) == 0 { bytes.removeLast(random.number(below: 8)) }
      var reader = WireReader(bytes[...])
      if let packet = try? reader.packet(label: core.label) {
        decoded += 1
        var again = WireReader(PacketFormatTests.encode(packet)[...])
        let once = try again.packet(label: core.label)
        #expect(once == packet, "seed \(seed), turn \(turn)")
      } else {
        refused += 1
      }
      try? core.receive(packet: bytes[...], from: Group.address(1), now: .milliseconds(turn))
    }
    #expect(decoded > 100 && refused > 100, "seed \(seed): \(decoded) decoded, \(refused) refused")
    #expect(core.own.status == .alive)
  }

  @Test("mutated frames at any point of an exchange don't trap, and end the exchange when they are refused", arguments: 0..<20)
  func frames(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var core = try Self.core()
    var refused = 0
    for turn in 0..<200 {
      guard let stream = core.acceptStream(from: Group.address(2), now: .milliseconds(turn)) else {
        Issue.record("seed \(seed): no stream is let in")
        return
      }
      for _ in 0..<3 {
        var writer = WireWriter()
        let bodies: [Frame.Body] = [
          .probe(target: 1), .probeAnswer, .part(isLast: true), .next,
          .digests(members: [UInt64](repeating: 1, count: 256), records: []),
        ]
        let body = bodies[random.number(below: bodies.count)]
        var header = PacketFormatTests.header
        header.kind = body.kind
        header.label = core.label
        writer.header(header)
        writer.body(body)
        if random.number(below: 3) > 0 {
          writer.bytes[6 + random.number(below: writer.bytes.count - 6)] = UInt8(truncatingIfNeeded: random.next())
        }
        do {
          try core.receive(frame: writer.bytes[...], on: stream, now: .milliseconds(turn))
        } catch {
          refused += 1
        }
      }
      core.streamClosed(stream, now: .milliseconds(turn))
      _ = core.takeReady()
      #expect(core.openExchanges <= 1)
    }
    #expect(refused > 50, "seed \(seed)")
  }
}
