// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// A command whose effect can be told before.
protocol PlannableCommand: SessionCommand {
  /// What the command would change.
  func plannedChanges(in session: CommandSession) async throws -> [Engine.PlannedChange]
}

/// The word `plan` before another command; this one is only its help.
struct PlanCommand: LocalCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a command would do, and change nothing.",
    usage: "swarmctl plan COMMAND ...",
    discussion: """
      The command is one of: service create, service update, service scale, service rollback, service rm, stack deploy.
      The swarm's leader works the answer out with the code that would carry the command out, on a copy of its state.
      """
  )

  func run(on console: Console) throws {
    console.print(Swarmctl.helpMessage(for: Self.self))
  }
}

extension PlanCommand {
  /// Shows what a command would do.
  static func show(_ command: any ParsableCommand, in session: CommandSession) async throws {
    guard let command = command as? any PlannableCommand else {
      throw CommandFailure("'plan' can't be told of this command", hint: "See 'swarmctl plan --help'.", exitCode: 125)
    }
    let plan = try await session.client.plan(command.plannedChanges(in: session))
    for line in self.lines(plan) { session.console.print(line) }
  }

  static func lines(_ plan: Engine.Plan) -> [String] {
    let steps = plan.steps ?? []
    guard !steps.isEmpty else { return ["Nothing would happen to any task."] }
    let table = Table(
      headings: ["AFTER", "TASK", "NODE", "WHAT"],
      rows: steps.map { step in
        [
          DurationValue(nanoseconds: step.after ?? 0).text,
          (step.slot ?? 0) == 0 ? step.service ?? "" : "\(step.service ?? "").\(step.slot ?? 0)",
          step.hostname ?? step.nodeID ?? "",
          [step.event, step.detail].compactMap(\.self).joined(separator: ": "),
        ]
      }
    )
    var lines = table.lines
    for (service, count) in (plan.fewestRunning ?? [:]).sorted(by: { $0.key < $1.key }) {
      lines.append("At the least, \(count) task\(count == 1 ? "" : "s") of \(service) would run at a time.")
    }
    if plan.settled == false { lines.append("It wouldn't come to rest in the time looked at.") }
    return lines
  }
}
