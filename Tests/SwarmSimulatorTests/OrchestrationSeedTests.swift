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

  @Test("a seed is the same run in every process, and tracing changes nothing")
  func deterministic() {
    var lines = 0
    let traced = OrchestrationScenario.everything.run(seed: 9) { _ in lines += 1 }
    let untraced = OrchestrationScenario.everything.run(seed: 9, trace: nil)
    #expect(traced.violation == nil)
    #expect(traced.traceHash == untraced.traceHash)
    #expect(lines > 100)
  }
}
