// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BenchmarkKit
internal import Foundation

/// What the leader's brain costs: decisions, the control loop around them, memory.
///
/// No sockets, no disks, one thread, except with `--commit raft`.
@main
struct SchedulerBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scheduler-benchmark",
    abstract: "Measures the scheduler, and the control loop around it, in CPU time and at three sizes."
  )

  /// What is measured.
  enum Scenario: String, ExpressibleByArgument, CaseIterable {
    /// The services' tasks are placed on empty nodes.
    case batch
    /// One more replica at a time, with everything placed already.
    case plusOne = "plus-one"
    /// Services of one replica each, one after the other.
    case oneOff = "one-off"
    /// A service is created through the whole control loop, until agents that do nothing run all tasks.
    case create
    /// The same until agents have heard of all tasks, while they already report on the first.
    case deliver
    /// A tenth of the nodes is lost, until the replacements run.
    case nodeLoss = "node-loss"
    /// All tasks are replaced at once.
    case update
    /// Agents report on their tasks; every node is watched.
    case events
    /// Agents say that they live.
    case heartbeats
    /// Tasks end and are replaced while the services wait for nodes that don't come.
    case unschedulable
  }

  /// What happens to decisions.
  enum Commit: String, ExpressibleByArgument, CaseIterable {
    /// Nothing.
    case none
    /// They become log entries that are applied to a store in memory.
    case store
    /// They go through Raft.
    case raft
  }

  @Option(help: "batch, plus-one, one-off, create, deliver, node-loss, update, events, heartbeats or unschedulable.")
  var scenario = Scenario.batch
  @Option(help: "Nodes.")
  var nodes = 10_000
  @Option(help: "Tasks.")
  var tasks = 100_000
  @Option(help: "Services that share the tasks; with unschedulable, services that wait.")
  var services = 1
  @Option(help: "Constraints of each service, at most 3.")
  var constraints = 0
  @Option(help: "Spread preferences of each service, at most 2.")
  var preferences = 0
  @Option(
    help: "What happens to decisions: none, store (applied in memory) or raft (by way of a synced log; CPU is the process's)."
  )
  var commit = Commit.none
  @Option(help: "Sizes: each but the last is a quarter of the next.")
  var sizes = 3
  @Flag(help: "Print one JSON object per row.")
  var json = false

  func validate() throws {
    guard self.nodes >= 1, self.tasks >= 1, self.services >= 1 else {
      throw ValidationError("--nodes, --tasks and --services must be at least 1")
    }
    guard (0...3).contains(self.constraints) else { throw ValidationError("--constraints must be from 0 to 3") }
    guard (0...2).contains(self.preferences) else { throw ValidationError("--preferences must be from 0 to 2") }
    guard (1...6).contains(self.sizes) else { throw ValidationError("--sizes must be from 1 to 6") }
    guard self.commit == .none || self.scenario == .batch else {
      throw ValidationError("--commit goes with --scenario batch alone")
    }
  }

  func run() throws {
    let limits = try PhysicalLimits.measure(in: NSTemporaryDirectory())
    if !self.json {
      print(limits.description)
      print(Row.header)
    }
    var rows: [Row] = []
    for step in (0..<self.sizes).reversed() {
      let part = 1 << (2 * step)
      let setting = Setting(
        nodes: max(1, self.nodes / part),
        tasks: max(1, self.tasks / part),
        services: self.scenario == .unschedulable ? max(1, self.services / part) : min(self.services, self.tasks / part),
        constraints: self.constraints,
        preferences: self.preferences,
        commit: self.commit
      )
      var row = self.measure(setting)
      row.exponent = Row.exponent(from: rows.last, to: row)
      print(self.json ? row.json(limits) : row.line)
      rows.append(row)
    }
  }

  private func measure(_ setting: Setting) -> Row {
    let name = self.scenario.rawValue + (self.commit == .none ? "" : "+\(self.commit.rawValue)")
    let result: Outcome
    switch self.scenario {
    case .batch: result = Decisions.batch(setting)
    case .plusOne: result = Decisions.plusOne(setting)
    case .oneOff: result = Decisions.oneOff(setting)
    case .create: result = ControlRuns.create(setting)
    case .deliver: result = ControlRuns.deliver(setting)
    case .nodeLoss: result = ControlRuns.nodeLoss(setting)
    case .update: result = ControlRuns.update(setting)
    case .events: result = ControlRuns.events(setting)
    case .heartbeats: result = ControlRuns.heartbeats(setting)
    case .unschedulable: result = ControlRuns.unschedulable(setting)
    }
    return Row(scenario: name, setting: setting, outcome: result)
  }
}

/// How much of everything there is.
struct Setting {
  var nodes: Int
  var tasks: Int
  var services: Int
  var constraints: Int
  var preferences: Int
  var commit: SchedulerBenchmark.Commit
}

/// What came out of a measurement.
struct Outcome {
  /// How often the thing was done.
  var operations: Int
  /// Processor time of this thread.
  var cpu: Duration
  var wall: Duration
  /// Bytes of heap that each task takes, where that was measured.
  var bytesPerTask: Int?
  /// Log entries, where there were any.
  var entries: Int?
}
