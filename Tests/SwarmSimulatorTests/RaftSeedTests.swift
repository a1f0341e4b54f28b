// SPDX-License-Identifier: Apache-2.0

import SwarmSimulator
import TestTraits
import Testing

@Suite("Raft under simulation", .longComputation)
struct RaftSeedTests {
  @Test("no invariant breaks under faults, and the group gets well when they end", arguments: 0..<6 as Range<UInt64>)
  func seeds(part: UInt64) {
    for seed in (part * 40)..<((part + 1) * 40) {
      let report = RaftScenario.everything.run(seed: seed, trace: nil)
      #expect(report.violation == nil, "seed \(seed)")
    }
  }

  @Test("seeds that once found something hold", arguments: [1_711] as [UInt64])
  func formerFailures(seed: UInt64) {
    #expect(RaftScenario.everything.run(seed: seed, trace: nil).violation == nil, "seed \(seed)")
  }

  @Test("the runs are hard: all but the rarest troubles occur in a few hundred seeds")
  func coverage() {
    var counts: [String: Int] = [:]
    for seed in 10_000..<10_120 as Range<UInt64> {
      for (name, count) in RaftScenario.everything.run(seed: seed, trace: nil).coverage { counts[name, default: 0] += count }
    }
    let never = RaftScenario.everything.counters.filter { counts[$0, default: 0] == 0 }
    #expect(never.count <= 8, "never seen: \(never)")
  }

  @Test("a seed is the same run in every process, of any build")
  func traceHashes() {
    let hashes = ([1, 2, 3, 17, 1_000] as [UInt64]).map { RaftScenario.everything.run(seed: $0, trace: nil).traceHash }
    #expect(
      hashes == ["d9f9143d70b77bb7", "d8a1c4b17338768c", "71ed856094ac04e6", "c637f0f0f0a38aed", "1f9f4b1810fef2ac"],
      "a change of the core or the simulator changes these; a run that isn't deterministic does too"
    )
    #expect(RaftScenario.steady.run(seed: 1, trace: nil).traceHash == "a33c33a90936b3bd")
  }

  @Test("tracing changes nothing and tells everything")
  func traces() {
    var lines = 0
    let traced = RaftScenario.everything.run(seed: 4) { _ in lines += 1 }
    let untraced = RaftScenario.everything.run(seed: 4, trace: nil)
    #expect(traced.traceHash == untraced.traceHash)
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
