// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl

/// Runs whole swarms: the real control loop and store on three managers, the real worker on every node, and users.
public struct OrchestrationScenario: Scenario {
  /// Every kind of trouble.
  public static let everything = OrchestrationScenario()

  /// How the command line calls it.
  public var name: String { "orchestration" }
  /// One sentence about what it does.
  public var summary: String { "services, nodes and leaders of a swarm that come and go" }
  /// Only for those who ask for it.
  public var isDefault: Bool { false }
  /// Everything that hard runs see.
  public var counters: [String] { Coverage<OrchestrationSight>().byName.map(\.name) }

  private init() {}

  /// Runs one seed.
  public func run(seed: UInt64, trace: ((String) -> Void)?) -> SeedReport {
    Self.run(OrchestrationPlan(seed: seed), trace: trace)
  }

  /// Shortens the plan of a seed that fails.
  public func shrink(seed: UInt64) -> ShrunkPlan? {
    let plan = OrchestrationPlan(seed: seed)
    guard let violation = Self.run(plan).violation else { return nil }
    let kind = violation.prefix { $0 != ":" }
    func fails(_ steps: [OrchestrationStep]) -> Bool {
      Self.run(OrchestrationPlan(seed: plan.seed, knobs: plan.knobs, steps: steps)).violation?.prefix { $0 != ":" } == kind
    }
    var steps = plan.steps
    for action in OrchestrationStep.Action.allCases {
      let without = steps.filter { $0.action != action }
      if without.count < steps.count, fails(without) { steps = without }
    }
    var shrinker = PlanShrinker(budget: 300)
    steps = shrinker.shrink(steps, fails: fails)
    let after = Self.run(OrchestrationPlan(seed: plan.seed, knobs: plan.knobs, steps: steps)).violation ?? violation
    return ShrunkPlan(violation: after, steps: steps.map(\.description), originalCount: plan.steps.count)
  }

  static func run(_ plan: OrchestrationPlan, trace: ((String) -> Void)? = nil) -> SeedReport {
    var world = OrchestrationWorld(plan, trace: trace)
    world.run()
    return SeedReport(
      seed: plan.seed,
      traceHash: world.hash.digits,
      violation: world.oracle.violation,
      simulated: .nanoseconds(world.now),
      events: world.eventCount,
      coverage: world.oracle.coverage.byName
    )
  }
}
