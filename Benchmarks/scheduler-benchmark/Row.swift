// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import Foundation

/// One line of the result.
struct Row {
  let scenario: String
  let setting: Setting
  let outcome: Outcome
  /// How the CPU time of one operation grew from the row before, as a power of the growth of nodes and tasks: 0 is flat, 1 is linear.
  var exponent: Double?

  static let header =
    "scenario          nodes    tasks services      ops    cpu_s   wall_s     per cpu_s   us/op  exponent  B/task entries"

  var line: String {
    let us = self.outcome.cpu / .microseconds(1) / Double(max(1, self.outcome.operations))
    let cells = [
      self.scenario.padding(toLength: 16, withPad: " ", startingAt: 0),
      String(format: "%7d %8d %8d %8d", self.setting.nodes, self.setting.tasks, self.setting.services, self.outcome.operations),
      String(format: " %8.4f %8.4f %13.0f %7.3f", self.seconds, self.outcome.wall / .seconds(1), self.rate, us),
      self.exponent.map { String(format: "%10.2f", $0) } ?? "         -",
      self.outcome.bytesPerTask.map { String(format: "%8d", $0) } ?? "       -",
      self.outcome.entries.map { String(format: "%8d", $0) } ?? "       -",
    ]
    return cells.joined()
  }

  func json(_ limits: PhysicalLimits) -> String {
    """
    {"scenario":"\(self.scenario)","nodes":\(self.setting.nodes),"tasks":\(self.setting.tasks),\
    "services":\(self.setting.services),"constraints":\(self.setting.constraints),"preferences":\(self.setting.preferences),\
    "operations":\(self.outcome.operations),"placements_per_s":\(self.rate),"cpu_s":\(self.seconds),\
    "wall_s":\(self.outcome.wall / .seconds(1)),"bytes_per_task":\(self.outcome.bytesPerTask.map { "\($0)" } ?? "null"),\
    "log_entries":\(self.outcome.entries.map { "\($0)" } ?? "null"),"exponent":\(self.exponent.map { "\($0)" } ?? "null"),\
    "fdatasync_p50_us":\(limits.sync[0.5] / .microseconds(1)),"ping_pong_p50_us":\(limits.pingPong[0.5] / .microseconds(1))}
    """
  }

  private var seconds: Double { self.outcome.cpu / .seconds(1) }
  private var rate: Double { Double(self.outcome.operations) / max(self.seconds, 1e-9) }

  static func exponent(from small: Row?, to large: Row) -> Double? {
    guard let small, small.seconds > 0, large.seconds > 0 else { return nil }
    let growth = Double(large.setting.nodes) / Double(small.setting.nodes)
    // Per operation, so that scenarios whose number of operations grows with the size compare with those where it doesn't.
    let cost = (large.seconds / Double(large.outcome.operations)) / (small.seconds / Double(small.outcome.operations))
    return growth > 1 ? log(cost) / log(growth) : nil
  }
}
