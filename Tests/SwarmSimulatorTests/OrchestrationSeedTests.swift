// SPDX-License-Identifier: Apache-2.0

import SwarmSimulator
import TestTraits
import Testing

@Suite("Swarms under simulation", .longComputation)
struct OrchestrationSeedTests {
  @Test("no invariant breaks whatever happens, and afterwards all gets well", arguments: 2..<5 as Range<UInt64>)
  func seeds(seed: UInt64) {
    let report = OrchestrationScenario.everything.run(seed: seed, trace: nil)
    #expect(report.violation == nil, "seed \(seed)")
  }

  @Test("a seed is the same run in every process, of any build, and tracing changes nothing")
  func traceHashes() {
    var lines = 0
    let hashes = [
      OrchestrationScenario.everything.run(seed: 1, trace: nil).traceHash,
      OrchestrationScenario.everything.run(seed: 9) { _ in lines += 1 }.traceHash,
    ]
    #expect(
      hashes == ["c13c7f520e87e3ad", "05992b08244cfd9b"],
      "a change of the control loop, the log's format or the simulator changes these; a run that isn't deterministic does too"
    )
    #expect(lines > 100)
  }

  @Test(
    "seeds that once found something hold",
    arguments: [26, 112, 116, 159, 170, 264, 274, 623, 793, 1_205, 1_476, 1_706, 1_719, 4_596] as [UInt64]
  )
  func formerFailures(seed: UInt64) {
    #expect(OrchestrationScenario.everything.run(seed: seed, trace: nil).violation == nil, "seed \(seed)")
  }
}
