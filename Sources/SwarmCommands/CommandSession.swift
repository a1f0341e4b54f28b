// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
package import EngineSchema

/// What a command works with.
package struct CommandSession: Sendable {
  package let client: EngineClient
  package let console: Console
  /// Where the user sits.
  package let terminal: any UserTerminal
  /// The process's variables, for compose files.
  package let environment: [String: String]
  /// The time of day, for "5 minutes ago".
  package let now: @Sendable () -> EngineTime

  package init(
    client: EngineClient,
    console: Console,
    terminal: any UserTerminal = NoTerminal(),
    environment: [String: String],
    now: @escaping @Sendable () -> EngineTime
  ) {
    self.client = client
    self.console = console
    self.terminal = terminal
    self.environment = environment
    self.now = now
  }
}

/// A command that asks a server.
protocol SessionCommand: ParsableCommand {
  func run(in session: CommandSession) async throws
}

/// A command that needs no server.
protocol LocalCommand: ParsableCommand {
  func run(on console: Console) throws
}

extension CommandSession {
  /// Does something with each of several objects; what fails is said, and the rest goes on.
  ///
  /// - Throws: a failure without a message when something failed.
  func forEach(_ references: [String], _ body: (String) async throws -> Void) async throws {
    var failed = false
    for reference in references {
      do {
        try await body(reference)
      } catch let error as DaemonError {
        failed = true
        self.console.complain(error.commandFailure.description)
      }
    }
    if failed { throw CommandFailure("") }
  }
}

extension CommandSession {
  /// Asks the user; no answer is a no.
  func confirm(_ warning: String) async throws -> Bool {
    self.console.write("\(warning)\nAre you sure you want to continue? [y/N] ")
    var answer: [UInt8] = []
    for try await bytes in self.terminal.input {
      answer += bytes
      if bytes.contains(UInt8(ascii: "\n")) { break }
    }
    return String(decoding: answer.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self).lowercased() == "y"
  }
}

/// Refuses a wrong number of arguments, as docker does.
///
/// - Parameters:
///   - command: The command with its group, for example `service rm`.
///   - minimum: How many there must be at least.
func require(_ arguments: [String], atLeast minimum: Int = 1, of command: String) throws(CommandFailure) {
  guard arguments.count < minimum else { return }
  throw CommandFailure(
    "'swarmctl \(command)' requires at least \(minimum) argument\(minimum == 1 ? "" : "s")",
    hint: "See 'swarmctl \(command) --help'."
  )
}
