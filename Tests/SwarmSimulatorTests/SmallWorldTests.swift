// SPDX-License-Identifier: Apache-2.0

import SwarmSimulator
import TestTraits
import Testing

/// Every order in which things can happen to three members, with the real core.
///
/// `swift run -c release swarm-simulator --small-world` goes through larger ones.
@Suite("Small world", .longComputation)
struct SmallWorldTests {
  @Test(
    "nothing goes wrong in any order",
    arguments: [
      SmallWorldLimits(elections: 1, proposals: 1, crashes: 1, hasSlowDisks: true),
      SmallWorldLimits(elections: 2, proposals: 0, crashes: 1, hasSlowDisks: false),
    ]
  )
  func exhaustive(limits: SmallWorldLimits) {
    let report = SmallWorldExplorer(limits).explore()
    #expect(report.violation == nil)
    #expect(report.isComplete && report.leaders == limits.elections)
    // What the group begins with, an entry of each leader and the commands.
    #expect(report.decided == 3 + limits.elections + limits.proposals)
  }

  @Test("nor in the first many thousand states of two elections, a command and a crash")
  func begun() {
    let limits = SmallWorldLimits(elections: 2, proposals: 1, crashes: 1, hasSlowDisks: true)
    let report = SmallWorldExplorer(limits).explore(atMost: 20_000)
    #expect(report.violation == nil)
    #expect(!report.isComplete && report.states == 20_000 && report.leaders >= 1)
  }
}
