// SPDX-License-Identifier: Apache-2.0

/// A world that can be run for any seed: the same seed gives the same run, on every machine and in every process.
public protocol Scenario: Sendable {
  /// How the command line calls it.
  var name: String { get }
  /// One sentence about what it does.
  var summary: String { get }
  /// Whether it is run when nobody asks for it by name.
  var isDefault: Bool { get }
  /// The things that must have happened at least once in 1,000 seeds; else the runs were too easy to prove anything.
  var counters: [String] { get }

  /// Runs one seed to its end, or to the first thing that was wrong.
  ///
  /// - Parameters:
  ///   - seed: chance and plan of the run.
  ///   - trace: takes a line for everything that happens.
  func run(seed: UInt64, trace: ((String) -> Void)?) -> SeedReport

  /// The shortest plan found with which a seed fails as its own plan does; nil when the seed doesn't fail.
  func shrink(seed: UInt64) -> ShrunkPlan?
}

/// What came of a seed.
public struct SeedReport: Sendable {
  /// The seed.
  public var seed: UInt64
  /// Sums up everything that happened: the same in every run of the seed.
  public var traceHash: String
  /// What was wrong first; nil when nothing was.
  public var violation: String?
  /// How much virtual time passed.
  public var simulated: Duration
  /// Events carried out.
  public var events: Int
  /// How often each counter was reached.
  public var coverage: [(name: String, count: Int)]
}

/// A short plan that fails.
public struct ShrunkPlan: Sendable {
  /// What is wrong with it.
  public var violation: String
  /// The steps that are needed, in order, for people.
  public var steps: [String]
  /// Steps of the plan that the seed draws.
  public var originalCount: Int
}

/// All worlds.
public enum Scenarios {
  /// In the order in which the command line lists them.
  public static let all: [any Scenario] = [
    RaftScenario.everything, OrchestrationScenario.everything, RaftScenario.steady,
  ]
}
