// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The flags that docker doesn't have: what a service waits for, when a job runs by itself, how tasks fill nodes.
struct ConductFlags: ParsableArguments {
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A service that must be healthy (or: started, completed) before this one begins; empty for none.",
      valueName: "service[:condition]"
    )
  )
  var dependsOn: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "When a job runs by itself, in UTC: minute, hour, day, month, weekday; empty for never.",
      valueName: "cron"
    )
  )
  var schedule: String?

  @Option(parsing: .unconditional, help: "What happens when the run before isn't over: wait or replace. (default: wait)")
  var scheduleOverlap: String?

  @Option(parsing: .unconditional, help: "How tasks fill nodes: spread or binpack. (default: spread)")
  var placementStrategy: String?

  func apply(to spec: inout Engine.ServiceSpec) throws(CommandFailure) {
    if !self.dependsOn.isEmpty { spec.dependencies = self.dependsOn.filter { !$0.isEmpty }.map(Self.dependency) }
    if let schedule { spec.schedule = Engine.JobSchedule(cron: schedule, ifRunning: spec.schedule?.ifRunning) }
    if let scheduleOverlap {
      guard spec.schedule?.cron?.isEmpty == false else {
        throw CommandFailure("schedule-overlap can only be used with a schedule")
      }
      spec.schedule?.ifRunning = scheduleOverlap
    }
    if let placementStrategy {
      var template = spec.taskTemplate ?? Engine.TaskTemplate()
      template.placement = template.placement ?? Engine.Placement()
      template.placement?.strategy = placementStrategy
      spec.taskTemplate = template
    }
  }

  private static func dependency(_ text: String) -> Engine.ServiceDependency {
    guard let colon = text.lastIndex(of: ":") else { return Engine.ServiceDependency(service: text) }
    return Engine.ServiceDependency(
      service: String(text[..<colon]),
      condition: String(text[text.index(after: colon)...])
    )
  }
}
