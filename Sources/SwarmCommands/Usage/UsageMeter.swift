// SPDX-License-Identifier: Apache-2.0

package import EngineSchema

/// Works out how busy nodes and tasks were between two measurements.
package struct UsageMeter: Sendable {
  /// What one node or task uses.
  package struct Reading: Hashable, Sendable {
    /// Hundredths of one processor, since the measurement before; `nil` without one.
    package var cpu: Double?
    package var memory: Int64
    /// The most memory that there is for it; 0 without a limit.
    package var limit: Int64
    /// Of a task.
    package var processes: Int64?

    package init(cpu: Double?, memory: Int64, limit: Int64, processes: Int64? = nil) {
      self.cpu = cpu
      self.memory = memory
      self.limit = limit
      self.processes = processes
    }
  }

  private struct Mark: Sendable {
    var time: Int64
    var cpu: Int64
  }

  /// What is known of nodes, by their ids.
  package private(set) var nodes: [String: Reading] = [:]
  /// What is known of tasks, by their ids.
  package private(set) var tasks: [String: Reading] = [:]
  /// The nodes that tasks are on, by the tasks' ids.
  package private(set) var places: [String: String] = [:]
  private var marks: [String: Mark] = [:]

  package init() {}

  /// Takes a measurement in; what isn't in it any more is forgotten.
  package mutating func measure(_ usages: [Engine.NodeUsage]) {
    var marks: [String: Mark] = [:]
    (self.nodes, self.tasks, self.places) = ([:], [:], [:])
    for usage in usages {
      let (node, time) = (usage.nodeID ?? "", usage.time ?? 0)
      func cpu(_ id: String, _ cpu: Int64) -> Double? {
        marks[id] = Mark(time: time, cpu: cpu)
        guard let last = self.marks[id], time > last.time else { return nil }
        // Clocks and counters of a machine that was restarted begin anew.
        return Double(max(cpu - last.cpu, 0)) / Double(time - last.time) * 100
      }
      self.nodes[node] = Reading(
        cpu: cpu(node, usage.cpuNanoseconds ?? 0),
        memory: usage.memoryBytes ?? 0,
        limit: usage.memoryTotal ?? 0
      )
      for task in usage.tasks ?? [] {
        let id = task.taskID ?? ""
        self.places[id] = node
        self.tasks[id] = Reading(
          cpu: cpu(id, task.cpuNanoseconds ?? 0),
          memory: task.memoryBytes ?? 0,
          limit: task.memoryLimit ?? 0,
          processes: task.processes
        )
      }
    }
    self.marks = marks
  }
}

extension UsageMeter.Reading {
  /// `12.50%`, or dashes before the second measurement.
  package var cpuText: String { self.cpu.map(HumanText.percent) ?? "--" }

  /// `1.5MiB / 2GiB`, or without a limit what is used alone.
  package var memoryText: String {
    self.limit > 0 ? "\(HumanText.bytes(self.memory)) / \(HumanText.bytes(self.limit))" : HumanText.bytes(self.memory)
  }

  /// Which part of the limit is used.
  package var memoryPercent: String { self.limit > 0 ? HumanText.percent(Double(self.memory) / Double(self.limit) * 100) : "--" }
}

extension HumanText {
  /// A number with two digits behind the point, and a percent sign.
  package static func percent(_ value: Double) -> String {
    let hundredths = Int64(min(max(value, 0), 1e12) * 100 + 0.5)
    let digits = String(hundredths % 100)
    return "\(hundredths / 100).\(digits.count < 2 ? "0" : "")\(digits)%"
  }

  /// A number of bytes with four digits at most, as docker writes it: `1.5MiB`.
  package static func bytes(_ count: Int64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var value = Double(max(count, 0))
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    let places = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3
    var scale: Int64 = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int64(value * Double(scale) + 0.5)
    var fraction = String(scaled % scale)
    fraction = String(repeating: "0", count: max(0, places - fraction.count)) + (scale > 1 ? fraction : "")
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(scaled / scale)\(fraction.isEmpty ? "" : ".\(fraction)")\(units[unit])"
  }
}
