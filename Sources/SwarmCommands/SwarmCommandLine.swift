// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
package import EngineSchema

/// `swarmctl`: docker's grammar for swarms.
package enum SwarmCommandLine {
  /// Carries out one command line.
  ///
  /// - Parameters:
  ///   - arguments: Without the program's name.
  ///   - environment: Decides about the server when no flag does.
  ///   - console: Where results and complaints go.
  ///   - terminal: Where the user sits.
  ///   - timeout: How long one answer of the server may take.
  ///   - now: The time of day.
  /// - Returns: the exit code: 0 when done, 125 when the flags make no sense, else 1.
  package static func run(
    _ arguments: [String],
    environment: [String: String],
    console: Console,
    terminal: any UserTerminal = NoTerminal(),
    timeout: Duration = .milliseconds(9800),
    now: @escaping @Sendable () -> EngineTime
  ) async -> Int32 {
    do {
      var rest = arguments[...]
      let flags = try HostFlags(taking: &rest)
      let isPlan = rest.count > 1 && rest.first == "plan" && rest.dropFirst().first?.hasPrefix("-") == false
      if isPlan { rest.removeFirst() }
      let command = try self.parse(FlagNormalizer.normalize(Array(rest)))
      if let local = command as? any LocalCommand, !isPlan {
        try local.run(on: console)
        return 0
      }
      guard let command = command as? any SessionCommand else { throw self.help(askedBy: command) }
      try (command as? any LocallyChecked)?.check()
      let host = try flags.server(environment)
      try await EngineClient.with(host, timeout: timeout) { client in
        let session = CommandSession(
          client: client,
          console: console,
          terminal: terminal,
          environment: environment,
          now: now
        )
        if isPlan { try await PlanCommand.show(command, in: session) } else { try await command.run(in: session) }
      }
      return 0
    } catch let failure as CommandFailure {
      if !failure.message.isEmpty { console.complain(failure.description) }
      return failure.exitCode
    } catch let error as DaemonError {
      console.complain(error.commandFailure.description)
      return 1
    } catch let help as HelpText {
      console.print(help.text)
      return 0
    } catch {
      console.complain("swarmctl: \(error)")
      return 1
    }
  }

  static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    do {
      return try Swarmctl.parseAsRoot(arguments)
    } catch {
      // Asking the parser for an error's exit code and bare message builds everything twice more; its text tells both.
      let text = Swarmctl.fullMessage(for: error)
      guard text.hasPrefix("Error: ") else { throw HelpText(text: text) }
      let message = text.prefix(upTo: text.firstRange(of: "\nUsage: ")?.lowerBound ?? text.endIndex)
      // Docker counts a wrong number of arguments (and an unknown command) as 1 and a wrong flag as 125.
      let isCount = ["Missing expected argument", "Unexpected argument", "1 unexpected argument", "unexpected arguments"]
        .contains { message.contains($0) }
      throw CommandFailure(Self.inDockersWords(text), exitCode: isCount ? 1 : 125)
    }
  }

  /// A value that a flag can't take is said as docker says it: `invalid argument "-1" for "--replicas" flag`.
  private static func inDockersWords(_ text: String) -> String {
    let start = "Error: The value '"
    guard text.hasPrefix(start), let middle = text.firstRange(of: "' is invalid for '"),
      let end = text[middle.upperBound...].firstIndex(where: { $0 == " " || $0 == "'" })
    else { return text }
    let value = text[text.index(text.startIndex, offsetBy: start.count)..<middle.lowerBound]
    let rest = text[end...].drop { $0 != "\n" }
    return "invalid argument \"\(value)\" for \"\(text[middle.upperBound..<end])\" flag\(rest)"
  }

  /// What a group of commands shows, or the command `help` (which `--help` stands for): running it says so.
  private static func help(askedBy command: any ParsableCommand) -> HelpText {
    var command = command
    do {
      try command.run()
      return HelpText(text: Swarmctl.helpMessage())
    } catch {
      return HelpText(text: Swarmctl.fullMessage(for: error))
    }
  }
}

/// What `--help` prints.
struct HelpText: Error {
  var text: String
}

/// A command that can refuse its flags before any server is asked.
protocol LocallyChecked {
  func check() throws
}
