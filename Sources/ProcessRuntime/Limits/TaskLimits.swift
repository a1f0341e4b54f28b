// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// How much a task may use at most.
struct TaskLimits: Hashable, Sendable {
  /// The controllers of control groups that enforce limits.
  enum Controller: String, CaseIterable, Hashable, Sendable {
    case memory, cpu, pids

    /// What it limits, for people.
    var noun: String {
      switch self {
      case .memory: "memory"
      case .cpu: "processor time"
      case .pids: "processes"
      }
    }
  }

  /// A file of a control group and what is written to it.
  struct Setting: Hashable, Sendable {
    var controller: Controller
    var file: String
    var value: String
    /// Whether a kernel may be without the file.
    var isOptional = false
  }

  /// The period in which processor time is counted, in microseconds: Docker's.
  private static let period: Int64 = 100_000

  /// What limits come to, in the order in which they are set.
  let settings: [Setting]

  /// Reads the limits of a task.
  init(_ spec: TaskSpec) {
    var settings: [Setting] = []
    let limits = spec.resources?.limits
    if let memory = limits?.memoryBytes, memory > 0 {
      settings.append(Setting(controller: .memory, file: "memory.max", value: "\(memory)"))
      // As in Docker, a task may have as much swap as memory unless it says otherwise; -1 is no bound.
      let swap = spec.resources?.swapBytes ?? memory
      settings.append(
        Setting(controller: .memory, file: "memory.swap.max", value: swap < 0 ? "max" : "\(swap)", isOptional: true)
      )
    }
    if let cpu = limits?.nanoCPUs, cpu > 0 {
      // The kernel takes nothing below a millisecond.
      let quota = max(cpu / (1_000_000_000 / Self.period), 1000)
      settings.append(Setting(controller: .cpu, file: "cpu.max", value: "\(quota) \(Self.period)"))
    }
    if let processes = spec.container?.pidsLimit, processes > 0 {
      settings.append(Setting(controller: .pids, file: "pids.max", value: "\(processes)"))
    }
    self.settings = settings
  }

  /// What can't be enforced with some controllers, as a sentence; `nil` when all can.
  func warning(with controllers: Set<Controller>, because reason: String) -> String? {
    let missing = Controller.allCases.filter { controller in
      !controllers.contains(controller) && self.settings.contains { $0.controller == controller }
    }
    guard !missing.isEmpty else { return nil }
    return "limits of \(missing.map(\.noun).joined(separator: " and ")) are not enforced: \(reason)"
  }
}
