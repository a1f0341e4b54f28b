// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl service restart`.
struct ServiceRestartCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "Replace all tasks of services as an update does, or run jobs again."
  )

  @OptionGroup var waiting: WaitFlags

  @Argument(help: "The services.")
  var services: [String] = []

  func check() throws { try require(self.services, of: "service restart") }

  func run(in session: CommandSession) async throws {
    try await session.tell("restart", self.services)
    try await self.waiting.wait(for: self.services, in: session)
  }
}

/// The command `swarmctl service stop`.
struct ServiceStopCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Take the tasks of services away until they are started again."
  )

  @Argument(help: "The services.")
  var services: [String] = []

  func check() throws { try require(self.services, of: "service stop") }

  func run(in session: CommandSession) async throws { try await session.tell("stop", self.services) }
}

/// The command `swarmctl service start`.
struct ServiceStartCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "start", abstract: "Let stopped services have their tasks again.")

  @OptionGroup var waiting: WaitFlags

  @Argument(help: "The services.")
  var services: [String] = []

  func check() throws { try require(self.services, of: "service start") }

  func run(in session: CommandSession) async throws {
    try await session.tell("start", self.services)
    try await self.waiting.wait(for: self.services, in: session)
  }
}

/// The command `swarmctl service explain`.
struct ServiceExplainCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show why tasks wait for a node, or where one more would fit."
  )

  @Argument(help: "The service or the task.")
  var target: String

  func run(in session: CommandSession) async throws {
    let explanations: [Engine.Explanation]
    do {
      explanations = try await session.client.explain("services", self.target)
    } catch let error as DaemonError where error.status == 404 {
      do {
        explanations = try await session.client.explain("tasks", self.target)
      } catch let error as DaemonError where error.status == 404 {
        throw CommandFailure("no such task or service: \(self.target)")
      }
    }
    if explanations.isEmpty { session.console.print("\(self.target) has no tasks.") }
    for explanation in explanations {
      for line in Self.lines(explanation) { session.console.print(line) }
    }
  }

  static func lines(_ explanation: Engine.Explanation) -> [String] {
    let nodes = explanation.nodes ?? 0
    let slot = explanation.slot.map { " in slot \($0)" } ?? ""
    let task = "Task \(explanation.taskID ?? "")\(slot)"
    let fitting = "\(explanation.fitting ?? 0) of \(nodes) node\(nodes == 1 ? "" : "s") could take"
    var lines =
      explanation.nodeID.map { ["\(task) is on node \($0); \(fitting) one more."] } ?? ["\(task) has no node; \(fitting) it."]
    for failures in explanation.failures ?? [] {
      lines.append("  \(failures.nodes ?? 0) because of \(HumanText.spaced(failures.filter ?? ""))")
    }
    for miss in explanation.nearest ?? [] {
      lines.append("  nearest: \(miss.hostname ?? miss.nodeID ?? ""): \((miss.obstacles ?? []).joined(separator: ", "))")
    }
    return lines
  }
}

extension CommandSession {
  /// Tells services what to do.
  fileprivate func tell(_ verb: String, _ services: [String]) async throws {
    try await self.forEach(services) { reference in
      try await self.client.post("/services/\(PercentCoding.encode(reference))/\(verb)")
      self.console.print(reference)
    }
  }
}

extension HumanText {
  /// A name in several words: `maxReplicas` becomes `max replicas`.
  package static func spaced(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? " \($1.lowercased())" : String($1) }
  }
}
