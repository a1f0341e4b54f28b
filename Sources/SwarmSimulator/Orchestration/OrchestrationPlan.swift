// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl

/// Everything that will be done to a swarm, drawn from a seed before the run begins.
struct OrchestrationPlan: Sendable {
  /// How the swarm is made.
  struct Knobs: Sendable {
    var managers = 3
    var workers: Int
    /// Whether one of the workers has nothing to give.
    var hasSmallNode: Bool
    /// How long there is trouble.
    var trouble: Nanoseconds
    /// The longest that a message takes, that an entry takes to be committed, and that a follower takes to apply it.
    var delay: Nanoseconds
    var commitDelay: Nanoseconds
    var applyDelay: Nanoseconds
    /// How many tasks may move at a time to nodes that came.
    var rebalanceBudget: UInt32
    /// After how many entries a manager takes a snapshot.
    var snapshotInterval: UInt64
    var control: ControlConfiguration

    init(_ random: inout SeededStream) {
      let milliseconds: Nanoseconds = 1_000_000
      self.workers = random.within(2...5)
      self.hasSmallNode = random.perMille(400)
      self.trouble = Nanoseconds(random.within(40...120)) * 1_000 * milliseconds
      self.delay = random.one(of: [1, 5, 40, 200]) * milliseconds
      self.commitDelay = random.one(of: [1, 10, 50, 400]) * milliseconds
      self.applyDelay = random.one(of: [1, 50, 1_000]) * milliseconds
      self.rebalanceBudget = random.one(of: [0, 0, 2])
      self.snapshotInterval = random.one(of: [5, 40, 300])
      self.control = ControlConfiguration(
        orphanTimeout: .seconds(random.one(of: [15, 40, 24 * 3_600])),
        rebalanceDelay: .seconds(5),
        maximumEntrySize: random.one(of: [512, 4_096, 256 * 1_024]),
        maximumInFlight: random.one(of: [1, 2, 8]),
        slotsPerTurn: random.one(of: [2, 16, 8_192])
      )
      // In two worlds of three, so that stores are shared often there and seldom in the others.
      if self.control.maximumInFlight < 8 { self.control.sharingInterval = self.control.maximumInFlight }
    }
  }

  var seed: UInt64
  var knobs: Knobs
  /// By time.
  var steps: [OrchestrationStep]

  init(seed: UInt64, knobs: Knobs, steps: [OrchestrationStep]) {
    self.seed = seed
    self.knobs = knobs
    self.steps = steps
  }

  /// The plan of a seed: its own mix of troubles, each kind of which is absent from a third of all plans.
  init(seed: UInt64) {
    var random = SeededStream(seed: seed, purpose: 1)
    let knobs = Knobs(&random)
    let drawn = OrchestrationStep.Action.allCases.filter { $0.weight > 0 }
    let present = drawn.filter { $0 == .createService || random.perMille(667) }
    let actions = present.flatMap { Array(repeating: $0, count: $0.weight) }
    var steps: [OrchestrationStep] = []
    let pace = random.one(of: [400, 1_000, 2_500])
    var time = Nanoseconds(0)
    while true {
      time += Nanoseconds(1 + random.below(2 * pace)) * 1_000_000
      guard time < knobs.trouble else { break }
      let action = steps.count < 2 ? .createService : random.one(of: actions)
      steps.append(OrchestrationStep(time: time, action: action, chance: random.next()))
    }
    self.init(seed: seed, knobs: knobs, steps: Self.shrinking(steps, seed: seed, knobs))
  }

  /// Adds steps that make nodes smaller: drawn apart, so that the rest of a seed's plan is what it was before there were any.
  private static func shrinking(_ steps: [OrchestrationStep], seed: UInt64, _ knobs: Knobs) -> [OrchestrationStep] {
    var random = SeededStream(seed: seed, purpose: 6)
    guard random.perMille(400) else { return steps }
    let added = (0..<random.within(1...3)).map { _ in
      let time = Nanoseconds(random.within(5_000...Int(knobs.trouble / 1_000_000))) * 1_000_000
      return OrchestrationStep(time: time, action: .shrinkNode, chance: random.next())
    }
    return (steps + added).sorted { $0.time < $1.time }
  }
}
