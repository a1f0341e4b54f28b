// SPDX-License-Identifier: Apache-2.0

import Gossip
import SwarmSimulator
import TestTraits
import Testing

/// Convergence only; how fast things are noticed is measured elsewhere, without chaos around it.
@Suite("Chaos, then calm", .longComputation)
struct ChaosTests {
  @Test("every invariant holds, all agree in the end, and everything worth testing happens")
  func seeds() throws {
    var total: [String: Int] = [:]
    for seed in 1...20 as ClosedRange<UInt64> {
      let report = try GossipChaos.run(seed: seed)
      #expect(report.violations.isEmpty, "seed \(seed): \(report.violations.prefix(3))")
      total.merge(report.coverage) { $0 + $1 }
    }
    let expected = [
      "loss", "duplication", "jitter", "halves", "thirds", "cut", "block", "crash", "restart", "leave", "heal", "lost",
      "duplicated", "broadcasts", "recordChanges", "hidden", "suspected", "refuted", "failed", "returned", "left", "restarted",
      "updated", "falseDeaths", "rescuedProbes", "failedProbes", "secondChancesTaken", "refutations", "confirmations", "pauses",
      "exchanges", "failedExchanges", "healingAttempts", "retiredRumours",
    ]
    for name in expected { #expect(total[name, default: 0] > 0, "\(name) never happened") }
  }

  @Test("the same seed gives the same run", arguments: [3, 4] as [UInt64])
  func replay(seed: UInt64) throws {
    #expect(try GossipChaos.run(seed: seed).fingerprint == GossipChaos.run(seed: seed).fingerprint)
  }
}
