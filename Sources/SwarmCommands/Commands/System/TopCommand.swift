// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl top`.
struct TopCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "Watch nodes, services and tasks, and what they use.",
    discussion: "Where standard output is no terminal it is shown once. ^C ends it."
  )

  /// The time between two looks.
  static let interval = Duration.seconds(2)

  func run(in session: CommandSession) async throws {
    var meter = UsageMeter()
    meter.measure(try await session.client.usages())
    guard session.terminal.isOutput else {
      try await Task.sleep(for: StatsCommand.interval)
      for line in try await self.look(&meter, in: session).lines() { session.console.print(line) }
      return
    }
    while true {
      let lines = try await self.look(&meter, in: session).lines(fitting: session.terminal.size)
      // In one piece, so that it doesn't flicker.
      session.console.write(Screen.clear + lines.joined(separator: "\n") + "\n")
      try await Task.sleep(for: Self.interval)
    }
  }

  private func look(_ meter: inout UsageMeter, in session: CommandSession) async throws -> TopScreen {
    meter.measure(try await session.client.usages())
    return TopScreen(swarm: try await SwarmSnapshot(of: session.client), usage: meter, now: session.now())
  }
}

/// What terminals understand.
enum Screen {
  /// Goes to the upper left corner and clears everything.
  static let clear = "\u{1B}[H\u{1B}[2J"
}
