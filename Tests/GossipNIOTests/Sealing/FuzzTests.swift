// SPDX-License-Identifier: Apache-2.0

import Gossip
import NIOCore
import Testing

@testable import GossipNIO

/// A small version of `gossip-benchmark --scenario fuzz`.
@Suite("Mutated packets")
struct FuzzTests {
  static func core(_ name: String) throws -> GossipCore {
    try GossipCore(id: MemberID(name), epoch: 1, address: GossipAddress(ipv4: 1, port: 1), seed: 1, now: .zero)
  }

  /// What a member says about itself, many times, with metadata of all lengths.
  static func corpus() throws -> [[UInt8]] {
    var core = try self.core("speaker")
    var other = try self.core("other")
    other.join([GossipAddress(ipv4: 9, port: 1)], now: .zero)
    var packets: [[UInt8]] = []
    if let stream = core.acceptStream(from: GossipAddress(ipv4: 9, port: 1), now: .zero) {
      for case .send(_, let frame) in other.takeReady().streams { try core.receive(frame: frame[...], on: stream, now: .zero) }
    }
    for turn in 1...100 {
      let now = Duration.milliseconds(250 * turn)
      try core.setMetadata([UInt8](repeating: 7, count: turn * 5), now: now)
      try core.publish(key: [UInt8(turn)], value: [1, 2], now: now)
      try core.broadcast([3, 4], now: now)
      core.tick(now: now)
      let ready = core.takeReady()
      for packet in ready.packets { packets.append(Array(ready.bytes[packet.range])) }
    }
    return packets
  }

  @Test("packets mutated before sealing give values or typed errors; packets mutated after sealing change nothing")
  func mutated() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var state = seed
    func number(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let corpus = try Self.corpus()
    try #require(corpus.count > 20)
    let key = GossipKey.random()
    var sender = try Sealer(key: key, label: "")
    var receiver = try Sealer(key: key, label: "")
    var listener = try Self.core("listener")
    var taken = 0
    for turn in 0..<50_000 {
      let now = Duration.milliseconds(turn)
      let packet = corpus[number(below: corpus.count)]
      var changed = packet
      if turn % 2 == 0 { changed[6 + number(below: packet.count - 6)] = UInt8(number(below: 256)) }
      var buffer = ByteBuffer()
      try sender.sealPacket(changed[...], into: &buffer)
      if turn % 2 == 1 {
        let place = number(below: buffer.readableBytes)
        buffer.setInteger(buffer.getInteger(at: place, as: UInt8.self).map { $0 ^ UInt8(1 + number(below: 255)) } ?? 0, at: place)
      }
      let before = listener.agreement
      do throws(GossipError) {
        let opened = try receiver.openPacket(buffer)
        #expect(turn % 2 == 0, "a broken seal was opened; seed \(seed)")
        try listener.receive(packet: opened[...], from: GossipAddress(ipv4: 9, port: 1), now: now)
        taken += 1
      } catch {
        #expect(listener.agreement == before, "\(error) changed something; seed \(seed)")
      }
      if listener.nextDeadline <= now { listener.tick(now: now) }
      listener.recycle(listener.takeReady())
    }
    #expect(taken > 1000)
    #expect(listener.own.status == .alive, "seed \(seed)")
  }
}
