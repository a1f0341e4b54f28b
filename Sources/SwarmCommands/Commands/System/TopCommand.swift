// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl top`.
struct TopCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "Watch nodes, services and tasks, and what they use.",
    discussion: "Where standard output is no terminal it is shown once. q or ^C ends it."
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
    try await session.terminal.withRawMode {
      try await self.show(&meter, in: session)
      try await withThrowingTaskGroup(of: Void.self) { [meter] group in
        group.addTask {
          var meter = meter
          while true {
            try await Task.sleep(for: Self.interval)
            try await self.show(&meter, in: session)
          }
        }
        if session.terminal.isInput {
          group.addTask {
            // Without the terminal's own handling of keys ^C is one like all others.
            for try await keys in session.terminal.input where keys.contains(where: Self.endingKeys.contains) { return }
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }

  /// `q`, `Q` and ^C.
  private static let endingKeys: Set<UInt8> = [UInt8(ascii: "q"), UInt8(ascii: "Q"), 3]

  /// Shows the swarm as it is now.
  private func show(_ meter: inout UsageMeter, in session: CommandSession) async throws {
    let lines = try await self.look(&meter, in: session).lines(fitting: session.terminal.size)
    // In one piece, so that it doesn't flicker; a terminal without handling of its own has to be told to go back to the left.
    session.console.write(Screen.clear + lines.joined(separator: "\r\n") + "\r\n")
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
