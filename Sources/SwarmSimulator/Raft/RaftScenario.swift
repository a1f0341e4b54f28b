// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Runs Raft groups: the real core, the real log and its recovery, on simulated disks and networks.
public struct RaftScenario: Scenario {
  /// Every kind of fault.
  public static let everything = RaftScenario(name: "raft", summary: "a Raft group under every kind of fault")
  /// No faults.
  public static let steady = RaftScenario(
    name: "raft-steady",
    summary: "five members and no faults, to measure the simulator",
    isSteady: true
  )

  /// How the command line calls it.
  public let name: String
  /// One sentence about what it does.
  public let summary: String
  private let isSteady: Bool

  private init(name: String, summary: String, isSteady: Bool = false) {
    self.name = name
    self.summary = summary
    self.isSteady = isSteady
  }

  /// Measuring is for those who ask for it.
  public var isDefault: Bool { !self.isSteady }

  /// Everything that hard runs see; nothing for runs without faults.
  public var counters: [String] { self.isSteady ? [] : Coverage<RaftSight>().byName.map(\.name) }

  /// Runs one seed.
  public func run(seed: UInt64, trace: ((String) -> Void)?) -> SeedReport {
    Self.run(self.plan(seed), trace: trace)
  }

  /// Shortens the plan of a seed that fails.
  public func shrink(seed: UInt64) -> ShrunkPlan? {
    let plan = self.plan(seed)
    guard let violation = Self.run(plan).violation else { return nil }
    let short = Self.shrink(plan, violation: violation)
    let after = Self.run(short).violation ?? violation
    return ShrunkPlan(violation: after, steps: short.steps.map(\.description), originalCount: plan.steps.count)
  }

  func plan(_ seed: UInt64) -> RaftPlan { self.isSteady ? RaftPlan(steady: seed) : RaftPlan(seed: seed) }

  static func run(_ plan: RaftPlan, trace: ((String) -> Void)? = nil) -> SeedReport {
    var world = RaftWorld(plan, trace: trace)
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

  /// Takes away whole kinds of steps, then single ones, as long as the plan fails in the same way: by the same invariant.
  static func shrink(_ plan: RaftPlan, violation: String, budget: Int = 400) -> RaftPlan {
    let kind = violation.prefix { $0 != ":" }
    func fails(_ steps: [RaftStep]) -> Bool {
      self.run(RaftPlan(seed: plan.seed, knobs: plan.knobs, steps: steps)).violation?.prefix { $0 != ":" } == kind
    }
    var steps = plan.steps
    for kind in Set(steps.map(\.action.kind)).sorted() {
      let without = steps.filter { $0.action.kind != kind }
      if fails(without) { steps = without }
    }
    var shrinker = PlanShrinker(budget: budget)
    steps = shrinker.shrink(steps, fails: fails)
    return RaftPlan(seed: plan.seed, knobs: plan.knobs, steps: steps)
  }
}
