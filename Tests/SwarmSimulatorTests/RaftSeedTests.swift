// SPDX-License-Identifier: Apache-2.0

import SwarmSimulator
import TestTraits
import Testing

@Suite("Raft under simulation", .longComputation)
struct RaftSeedTests {
  @Test("no invariant breaks under faults, the group gets well when they end, and all but the rarest troubles occur")
  func seeds() {
    var counts: [String: Int] = [:]
    for seed in 0..<60 as Range<UInt64> {
      let report = RaftScenario.everything.run(seed: seed, trace: nil)
      #expect(report.violation == nil, "seed \(seed)")
      for (name, count) in report.coverage { counts[name, default: 0] += count }
    }
    let never = RaftScenario.everything.counters.filter { counts[$0, default: 0] == 0 }
    #expect(never.count <= 8, "never seen: \(never)")
  }

  @Test("seeds that once found something hold", arguments: [1_711] as [UInt64])
  func formerFailures(seed: UInt64) {
    #expect(RaftScenario.everything.run(seed: seed, trace: nil).violation == nil, "seed \(seed)")
  }

  @Test("a seed is the same run in every process, of any build, and tracing changes nothing")
  func traceHashes() {
    var lines = 0
    let hashes = [
      RaftScenario.everything.run(seed: 1, trace: nil).traceHash,
      RaftScenario.everything.run(seed: 17) { _ in lines += 1 }.traceHash,
      RaftScenario.everything.run(seed: 1_000, trace: nil).traceHash,
      RaftScenario.steady.run(seed: 1, trace: nil).traceHash,
    ]
    #expect(
      hashes == ["d9f9143d70b77bb7", "c637f0f0f0a38aed", "1f9f4b1810fef2ac", "a33c33a90936b3bd"],
      "a change of the core or the simulator changes these; a run that isn't deterministic does too"
    )
    #expect(lines > 100)
  }

  @Test("a group without faults loses nothing and elects one leader")
  func steady() throws {
    let report = RaftScenario.steady.run(seed: 1, trace: nil)
    #expect(report.violation == nil)
    #expect(report.coverage.first { $0.name == "leaderElected" }?.count == 1)
    let written = try #require(report.coverage.first { $0.name == "writeAcknowledged" })
    #expect(written.count > 100)
  }
}
