// SPDX-License-Identifier: Apache-2.0

import Gossip
import SwarmSimulator
import TestTraits
import Testing

/// How soon things are known: everything is quiet, one thing happens.
///
/// The figures are those that the benchmark reaches, with room.
@Suite("Latency in virtual time", .longComputation)
struct LatencyTests {
  private func quiet(_ count: Int, seed: UInt64 = 1, _ configuration: GossipConfiguration = .default) throws -> GossipSimulation {
    var simulation = GossipSimulation(configuration: configuration, seed: seed)
    try simulation.addAcquaintedNodes(count)
    simulation.checksInvariants = true
    simulation.run(for: .seconds(3))
    return simulation
  }

  @Test("a crash is known by all of 32 within 9 s, with exactly one verdict each", arguments: 1...5)
  func crash(seed: UInt64) throws {
    var simulation = try self.quiet(32, seed: seed)
    simulation.crash(0)
    #expect(simulation.run(for: .seconds(9)) { $0.journal.times(.failed, about: 0).count == 31 }, "seed \(seed)")
    simulation.run(for: .seconds(10))
    #expect(simulation.journal.entries.filter { $0.kind == .failed }.count == 31)
    #expect(simulation.violations == [])
  }

  @Test("63 nodes that join one at once know each other within 2 s")
  func join() throws {
    var simulation = GossipSimulation(seed: 3)
    try simulation.addNodes(64)
    for node in 1..<64 { simulation.with(node) { core, now in core.join([GossipSimulation.address(of: 0)], now: now) } }
    #expect(simulation.run(for: .seconds(2)) { $0.isWhole })
  }

  @Test("halves and thirds that were apart for a minute are one again within 5 s, with the newest metadata", arguments: [2, 3])
  func partition(parts: Int) throws {
    var simulation = try self.quiet(24)
    simulation.network.groups = (0..<24).map { $0 % parts }
    simulation.run(for: .seconds(30))
    for node in [0, 1] {
      try simulation.with(node) { core, now throws(GossipError) in try core.setMetadata([7, UInt8(node)], now: now) }
    }
    simulation.run(for: .seconds(30))
    simulation.network.groups = []
    let healed = simulation.now
    #expect(simulation.run(for: .seconds(5)) { $0.isWhole })
    // What one side believes of the other's members must not kill them there.
    #expect(!simulation.journal.falseDeaths.contains { $0.time > healed && $0.observer % parts == $0.subject % parts })
    for node in [0, 1] {
      let id = simulation.core(node).own.id
      for observer in 0..<24 { #expect(simulation.core(observer).member(id)?.metadata == [7, UInt8(node)]) }
    }
    #expect(simulation.violations == [])
  }

  @Test("a good-bye is known by all within 1 s and never taken for a failure, behind a thousand broadcasts, too")
  func leave() throws {
    var simulation = try self.quiet(32)
    for number in 0..<1000 {
      try simulation.with(0) { core, now throws(GossipError) in
        try core.broadcast([UInt8(number & 0xFF), UInt8(number >> 8)], now: now)
      }
    }
    simulation.with(0) { core, now in core.leave(now: now) }
    #expect(simulation.run(for: .seconds(1)) { $0.journal.times(.left, about: 0).count == 31 })
    simulation.run(for: .seconds(2))
    simulation.crash(0)
    simulation.run(for: .seconds(30))
    #expect(simulation.journal.entries.allSatisfy { $0.kind == .left })
    #expect(simulation.violations == [])
  }

  @Test("over 30 % loss nobody is taken for dead in a minute, with and without streams", arguments: [true, false])
  func loss(usesStreams: Bool) throws {
    var configuration = GossipConfiguration()
    configuration.probing.usesStreams = usesStreams
    var simulation = try self.quiet(24, configuration)
    simulation.network.loss = 0.3
    simulation.run(for: .seconds(60))
    #expect(simulation.journal.lost > 500)
    #expect(simulation.journal.falseDeaths.isEmpty)
  }

  @Test("nodes that stand still for 8 s of 8.1 s don't get healthy ones into trouble")
  func slow() throws {
    var simulation = try self.quiet(32)
    for slot in 0..<300 {
      for node in 0..<3 where (slot + node * 13) % 81 == 0 { simulation.block(node, for: .seconds(8)) }
      simulation.run(for: .milliseconds(100))
    }
    #expect(simulation.journal.entries.contains { $0.kind == .suspected })
    #expect(!simulation.journal.falseDeaths.contains { $0.observer >= 3 && $0.subject >= 3 })
  }

  @Test("a silent cluster sends two packets and 64 bytes per node and second")
  func traffic() throws {
    var simulation = try self.quiet(64)
    let packets = simulation.journal.packets
    let bytes = simulation.journal.packetBytes
    simulation.run(for: .seconds(20))
    #expect(simulation.journal.packets - packets <= 64 * 20 * 2 + 2)
    #expect(simulation.journal.packetBytes - bytes <= 64 * 20 * 80)
    #expect(simulation.journal.streams == 0)
  }

  @Test("a broadcast arrives once at every node")
  func broadcast() throws {
    var simulation = try self.quiet(32)
    try simulation.with(5) { core, now throws(GossipError) in try core.broadcast([1], now: now) }
    simulation.run(for: .seconds(5))
    #expect(simulation.journal.broadcasts == 31)
  }
}
