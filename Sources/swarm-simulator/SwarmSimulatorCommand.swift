// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwarmSimulator

@main
struct SwarmSimulatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swarm-simulator",
    abstract: "Runs simulated clusters, one per seed, and checks every invariant after every event."
  )

  @Option(help: "The seeds to run, as A..B; both ends are run.")
  var seeds: SeedRange?

  @Option(help: "One seed to run.")
  var seed: UInt64?

  @Flag(help: "Print everything that happens; with --seed.")
  var trace = false

  @Option(help: "Only this world: \(Scenarios.all.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ")).")
  var scenario: String?

  @Option(help: "Go on with new seeds for so many minutes.")
  var minutes: Double?

  @Flag(help: "Go through every order of events among three members instead, from small limits to larger ones.")
  var smallWorld = false

  @Flag(help: "Print the result as JSON, one object per scenario.")
  var json = false

  @Option(help: "Threads to use.")
  var jobs = defaultJobs

  @Option(
    help: """
      Measure how soon a planted bug is found, or all of them (of --scenario): all. With --small-world: look for one there. Needs a \
      build with PLANTED_BUGS=1 in the environment.
      """
  )
  var planted: String?

  func validate() throws {
    guard self.jobs > 0 else { throw ValidationError("--jobs must be positive") }
    guard !self.trace || self.seed != nil else { throw ValidationError("--trace needs --seed") }
    if let scenario, !Scenarios.all.contains(where: { $0.name == scenario }) {
      throw ValidationError("there is no scenario \(scenario); there are \(Scenarios.all.map(\.name).joined(separator: ", "))")
    }
    if self.planted != nil, !Self.hasPlantedBugs {
      throw ValidationError("this build holds no planted bugs; one that was made with PLANTED_BUGS=1 in the environment does")
    }
  }

  mutating func run() async throws {
    if self.smallWorld {
      #if PLANTED_BUGS
        if let planted { try PlantedBugRunner.plantInSmallWorld(planted) }
      #endif
      return try SmallWorldRunner().run()
    }
    let runner = Runner(jobs: self.jobs, minutes: self.minutes, isJSON: self.json, traces: self.trace)
    let range = self.seed.map { $0...$0 } ?? self.seeds?.range ?? 1...1_000
    #if PLANTED_BUGS
      if let planted { return try await PlantedBugRunner(jobs: self.jobs).run(planted, scenario: self.scenario) }
    #endif
    var isWell = true
    for scenario in Scenarios.all where self.scenario.map({ $0 == scenario.name }) ?? scenario.isDefault {
      if await runner.run(scenario, seeds: range) == false { isWell = false }
    }
    if !isWell { throw ExitCode(1) }
  }

  #if PLANTED_BUGS
    private static let hasPlantedBugs = true
  #else
    private static let hasPlantedBugs = false
  #endif
}

/// `A..B`.
struct SeedRange: ExpressibleByArgument {
  var range: ClosedRange<UInt64>

  init?(argument: String) {
    let ends = argument.split(separator: ".", omittingEmptySubsequences: true)
    guard argument.contains(".."), ends.count == 2, let first = UInt64(ends[0]), let last = UInt64(ends[1]), first <= last
    else { return nil }
    self.range = first...last
  }
}
