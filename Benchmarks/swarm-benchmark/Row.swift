// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import Foundation

/// One line of the result.
struct Row {
  let scenario: SwarmBenchmark.Scenario
  let managers: Int
  let workers: Int
  let tasks: UInt64
  let runtime: SwarmBenchmark.Runtime
  let measured: Measurement
  /// The size before this one, and the CPU time that it took.
  let before: (tasks: UInt64, cpu: Duration)?

  static let header = "scenario      managers  workers  tasks   seconds   cpu_s  log_entries  exponent"

  var line: String {
    let counts = String(format: "%8d %8d %6d", self.managers, self.workers, Int(self.tasks))
    let times = String(format: "%9.3f %7.3f %12d", self.seconds, self.cpu, Int(self.measured.logEntries))
    let name = self.scenario.rawValue.padding(toLength: 14, withPad: " ", startingAt: 0)
    return "\(name)\(counts) \(times)" + (self.exponent.map { String(format: "%10.2f", $0) } ?? "         -")
  }

  func json(_ limits: PhysicalLimits) -> String {
    """
    {"scenario":"\(self.scenario.rawValue)","managers":\(self.managers),"workers":\(self.workers),"tasks":\(self.tasks),\
    "runtime":"\(self.runtime.rawValue)","seconds":\(self.seconds),"cpu_s":\(self.cpu),\
    "log_entries":\(self.measured.logEntries),"exponent":\(self.exponent.map { "\($0)" } ?? "null"),\
    "fdatasync_p50_us":\(limits.sync[0.5] / .microseconds(1)),"ping_pong_p50_us":\(limits.pingPong[0.5] / .microseconds(1))}
    """
  }

  private var seconds: Double { self.measured.elapsed / .seconds(1) }
  private var cpu: Double { self.measured.cpu / .seconds(1) }

  /// How the CPU time per task grew from the size before, as a power of the growth of tasks: 0 is flat, 1 is linear.
  private var exponent: Double? {
    guard let before, before.tasks < self.tasks, before.cpu > .zero, self.cpu > 0 else { return nil }
    let growth = Double(self.tasks) / Double(before.tasks)
    return log(self.measured.cpu / before.cpu / growth) / log(growth)
  }
}
