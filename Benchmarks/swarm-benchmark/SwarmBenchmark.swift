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
  @Flag(help: "Print one JSON object per row.")
  var json = false

  func validate() throws {
    guard [1, 3, 5, 7].contains(self.managers) else { throw ValidationError("--managers must be 1, 3, 5 or 7") }
    guard self.workers >= 1, self.tasks >= 1 else { throw ValidationError("--workers and --tasks must be at least 1") }
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
    if !self.json { print(limits.description) }

    let bench = Bench(
      managers: self.managers,
      workers: self.workers,
      runtime: self.runtime,
      workersGossip: !self.withoutGossip && !self.workersStop,
      workersStop: self.workersStop,
      directory: directory
    )
    let result = try await bench.run(self.scenario) { try await $0.measure(self.scenario, tasks: self.tasks) }
    self.show(result, limits)
  }

  private func show(_ result: Measurement, _ limits: PhysicalLimits) {
    let name = self.scenario.rawValue
    let seconds = result.elapsed / .seconds(1)
    let cpu = result.cpu / .seconds(1)
    if self.json {
      print(
        """
        {"scenario":"\(name)","managers":\(self.managers),"workers":\(self.workers),"tasks":\(self.tasks),\
        "runtime":"\(self.runtime.rawValue)","seconds":\(seconds),"cpu_s":\(cpu),"log_entries":\(result.logEntries),\
        "fdatasync_p50_us":\(limits.sync[0.5] / .microseconds(1)),"ping_pong_p50_us":\(limits.pingPong[0.5] / .microseconds(1))}
        """
      )
    } else {
      print("scenario      managers  workers  tasks   seconds   cpu_s  log_entries")
      let cells = [
        name.padding(toLength: 14, withPad: " ", startingAt: 0),
        String(format: "%8d %8d %6d %9.3f %7.3f %12d", self.managers, self.workers, self.tasks, seconds, cpu, result.logEntries),
      ]
      print(cells.joined())
    }
  }
}

/// What a scenario took.
struct Measurement: Sendable {
  var elapsed: Duration
  var cpu: Duration
  var logEntries: UInt64
}
