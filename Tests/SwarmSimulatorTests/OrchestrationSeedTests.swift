// SPDX-License-Identifier: Apache-2.0

import SwarmSimulator
import TestTraits
import Testing

@Suite("Swarms under simulation", .longComputation)
struct OrchestrationSeedTests {
  @Test("no invariant breaks whatever happens, and afterwards all gets well", arguments: 0..<2 as Range<UInt64>)
  func seeds(part: UInt64) {
    for seed in (part * 2 + 1)..<(part * 2 + 3) {
      let report = OrchestrationScenario.everything.run(seed: seed, trace: nil)
      #expect(report.violation == nil, "seed \(seed)")
    }
  }

  @Test("a seed is the same run in every process, of any build")
  func traceHashes() {
    let hashes = ([1, 5, 9] as [UInt64]).map { OrchestrationScenario.everything.run(seed: $0, trace: nil).traceHash }
    #expect(
      hashes == ["cca0f83ccfcf4f49", "bc36fb8ff320cadb", "bd378a4bdf507581"],
      "a change of the control loop, the log's format or the simulator changes these; a run that isn't deterministic does too"
    )
  }

  @Test("seeds that once found something hold", arguments: [116, 1_205, 1_476, 1_719] as [UInt64])
  func formerFailures(seed: UInt64) {
    #expect(OrchestrationScenario.everything.run(seed: seed, trace: nil).violation == nil, "seed \(seed)")
  }

  @Test("tracing changes nothing and tells everything")
  func traces() {
    var lines = 0
    let traced = OrchestrationScenario.everything.run(seed: 9) { _ in lines += 1 }
    let untraced = OrchestrationScenario.everything.run(seed: 9, trace: nil)
    #expect(traced.violation == nil)
    #expect(traced.traceHash == untraced.traceHash)
    #expect(lines > 100)
  }
}
