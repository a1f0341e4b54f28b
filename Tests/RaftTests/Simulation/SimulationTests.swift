// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Simulated groups")
struct SimulationTests {
  /// Runs one seed: first everything goes wrong, then nothing does.
  static func run(_ seed: UInt64) throws -> (violations: [String], sights: [Oracle.Sight: Int]) {
    var cluster = try SimulatedCluster(seed: seed)
    cluster.run(until: .seconds(4))
    if cluster.oracle.violations.isEmpty, let complaint = cluster.calmDown() {
      cluster.oracle.violation(complaint)
    }
    return (cluster.oracle.violations, cluster.oracle.sights)
  }

  @Test("a group under faults is never wrong, and recovers when they end", arguments: 0..<8)
  func seeds(part: Int) throws {
    for seed in (part * 40)..<((part + 1) * 40) {
      let (violations, _) = try Self.run(UInt64(seed))
      #expect(violations.isEmpty, "seed \(seed)")
    }
  }

  @Test("the runs are hard: every kind of trouble occurs")
  func coverage() throws {
    var sights: [Oracle.Sight: Int] = [:]
    for seed in 1_000..<1_060 {
      sights.merge(try Self.run(UInt64(seed)).sights, uniquingKeysWith: +)
    }
    for sight in Oracle.Sight.allCases {
      #expect(sights[sight, default: 0] > 0, "\(sight.rawValue) never happened")
    }
  }

  @Test("a seed gives the same run every time")
  func determinism() throws {
    for seed in [3, 77] as [UInt64] {
      var first = try SimulatedCluster(seed: seed)
      var second = try SimulatedCluster(seed: seed)
      first.run(until: .seconds(3))
      second.run(until: .seconds(3))
      #expect(first.members.map(\.node.status) == second.members.map(\.node.status))
      #expect(first.members.map(\.node.disk.durable) == second.members.map(\.node.disk.durable))
    }
  }
}
