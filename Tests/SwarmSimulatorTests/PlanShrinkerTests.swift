// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwarmSimulator

@Suite("Short plans")
struct PlanShrinkerTests {
  @Test("only the steps that a failure needs are left")
  func shrinks() {
    var shrinker = PlanShrinker(budget: 1_000)
    let rest = shrinker.shrink(Array(0..<300)) { $0.contains(17) && $0.contains(200) && $0.contains(201) }
    #expect(rest == [17, 200, 201])
  }

  @Test("the budget is an end")
  func budget() {
    var shrinker = PlanShrinker(budget: 10)
    var tries = 0
    _ = shrinker.shrink(Array(0..<300)) { steps in
      tries += 1
      return steps.contains(17)
    }
    #expect(tries == 10)
  }

  @Test("a broken invariant is told with the seed, and with a plan that breaks it again")
  func brokenInvariant() throws {
    var plan = RaftPlan(seed: 5)
    // No group has to bear a disk that loses what it said it had.
    plan.steps.append(RaftStep(time: plan.knobs.trouble - 1, action: .loseSynced(.any(0))))
    let report = RaftScenario.run(plan)
    #expect(report.seed == 5)
    let violation = try #require(report.violation)
    #expect(violation.hasPrefix("R15"))
    let short = RaftScenario.shrink(plan, violation: violation)
    #expect(short.steps.count < 5)
    #expect(RaftScenario.run(short).violation?.hasPrefix("R15") == true)
  }
}
