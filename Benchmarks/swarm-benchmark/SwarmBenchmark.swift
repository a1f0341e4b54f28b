// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BenchmarkKit
internal import Foundation

/// How long a whole swarm takes: managers with real disks, workers whose tasks are hollow, everything on loopback in one process.
@main
struct SwarmBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swarm-benchmark",
    abstract: "Measures a whole swarm on loopback: managers with disks, agents with hollow tasks, in one process.",
    subcommands: [WorkersCommand.self]
  )

  /// What is measured.
  enum Scenario: String, ExpressibleByArgument, CaseIterable {
    /// All workers join, at most 64 at the same time; until all are ready.
    case join
    /// The last manager joins; until it is a member of the group and ready.
    case joinManager = "join-manager"
    /// A service of all tasks is created; until all run.
    case create
    /// A service of all tasks is created; until each is assigned to a node, and that is in the managers' logs.
    case assign
    /// A service of half the tasks is scaled to all; until all run.
    case scale
    /// Every task is replaced at once; until all new ones run.
    case update
    /// A worker dies without a word; until its tasks run elsewhere.
    case nodeLoss = "node-loss"
    /// The leader dies without a word; until the next write is acknowledged.
    case leaderLoss = "leader-loss"
    /// One replica is created, many times over; the time of each.
    case control
  }

  /// What runs the tasks.
  enum Runtime: String, ExpressibleByArgument, CaseIterable {
    /// Nothing: tasks are entries in a table.
    case hollow
    /// Local processes.
    case process
  }

  @Option(help: "Managers, 1, 3, 5 or 7.")
  var managers = 3
  @Option(help: "Workers.")
  var workers = 10
  @Option(help: "Tasks.")
  var tasks: UInt64 = 1000
  @Option(help: "What runs the tasks: hollow or process.")
  var runtime = Runtime.hollow
  @Option(help: "join, join-manager, create, assign, scale, update, node-loss, leader-loss or control.")
  var scenario = Scenario.create
  @Flag(help: "Workers don't gossip: a thousand in one process have little time for anything else.")
  var withoutGossip = false
  @Flag(
    help: """
      Workers run in a process of their own, stopped while assign is measured: managers have all processors, as if workers ran elsewhere. \
      Without gossip.
      """
  )
  var workersStop = false
  @Option(help: "Sizes: each but the last has a quarter of the next one's workers and tasks.")
  var sizes = 1
  @Flag(help: "Print one JSON object per row.")
  var json = false

  func validate() throws {
    guard [1, 3, 5, 7].contains(self.managers) else { throw ValidationError("--managers must be 1, 3, 5 or 7") }
    guard self.workers >= 1, self.tasks >= 1 else { throw ValidationError("--workers and --tasks must be at least 1") }
    guard (1...6).contains(self.sizes) else { throw ValidationError("--sizes must be from 1 to 6") }
    guard ![.leaderLoss, .joinManager].contains(self.scenario) || self.managers >= 3 else {
      throw ValidationError("--scenario \(self.scenario.rawValue) needs three managers")
    }
    guard !self.workersStop || (self.scenario == .assign && self.runtime == .hollow) else {
      throw ValidationError("--workers-stop goes with --scenario assign and hollow tasks alone")
    }
    guard self.scenario != .nodeLoss || self.workers >= 2 else {
      throw ValidationError("--scenario node-loss needs two workers")
    }
  }

  func run() async throws {
    let directory = "\(NSTemporaryDirectory())swarm-benchmark-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let limits = try PhysicalLimits.measure(in: directory)
    if !self.json {
      print(limits.description)
      print(Row.header)
    }
    var last: Row?
    for step in (0..<self.sizes).reversed() {
      let part = 1 << (2 * step)
      let (workers, tasks) = (max(self.fewestWorkers, self.workers / part), max(1, self.tasks / UInt64(part)))
      let place = "\(directory)/\(step)"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      let bench = Bench(
        managers: self.managers,
        workers: workers,
        runtime: self.runtime,
        workersGossip: !self.withoutGossip && !self.workersStop,
        workersStop: self.workersStop,
        directory: place
      )
      let measured = try await bench.run(self.scenario) { try await $0.measure(self.scenario, tasks: tasks) }
      let row = Row(
        scenario: self.scenario,
        managers: self.managers,
        workers: workers,
        tasks: tasks,
        runtime: self.runtime,
        measured: measured,
        before: last.map { ($0.tasks, $0.measured.cpu) }
      )
      print(self.json ? row.json(limits) : row.line)
      last = row
    }
  }

  private var fewestWorkers: Int { self.scenario == .nodeLoss ? 2 : 1 }
}

/// What a scenario took.
struct Measurement: Sendable {
  var elapsed: Duration
  var cpu: Duration
  var logEntries: UInt64
}
