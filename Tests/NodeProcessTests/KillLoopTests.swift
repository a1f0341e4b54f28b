// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Foundation
import ProcessCluster
import TestTraits
import Testing

/// Managers as real processes that die by SIGKILL at any moment.
@Suite("Killing managers", .serialized, .takingTurns)
struct KillLoopTests {
  static let kills = 30

  @Test("every acknowledged create is there after thirty kills, exactly once", .timeLimit(.minutes(4)))
  func acknowledgedCreatesSurvive() async throws {
    let seed = UInt64.random(in: 0 ... .max)
    let playground = try Playground()
    defer { playground.remove() }
    let managers = try await Managers.start(in: playground)
    do {
      let acknowledged = try await Self.createWhileKilling(managers, seed: seed)
      let names = try await managers.retrying { try await $0.services().compactMap { $0.spec?.name } }
      let counts = Dictionary(grouping: names, by: \.self).mapValues(\.count)
      #expect(acknowledged.count >= Self.kills, "seed \(seed): too few creates to prove anything")
      #expect(acknowledged.filter { counts[$0] != 1 } == [], "seed \(seed)")
    }
    await managers.stop()
  }

  /// A client creates one service after the other while managers are killed and restarted; returns the names that were acknowledged.
  private static func createWhileKilling(_ managers: Managers, seed: UInt64) async throws -> [String] {
    try await withThrowingTaskGroup(of: [String].self) { group in
      group.addTask {
        var chance = SplitMix64(state: seed)
        for _ in 0..<Self.kills {
          try await managers.restart(Int(chance.next() % 3), afterCreates: 1 + chance.next() % 4)
        }
        await managers.finish()
        return []
      }
      group.addTask {
        var acknowledged: [String] = []
        while await !managers.isFinished {
          let name = "service-\(acknowledged.count)"
          try await managers.create(name)
          acknowledged.append(name)
        }
        return acknowledged
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }
}

/// A small generator, so that a failing run can be told by its seed.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
