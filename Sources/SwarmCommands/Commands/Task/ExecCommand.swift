// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl exec`.
struct ExecCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Run a command beside a running task, wherever that is.",
    usage: "swarmctl exec [OPTIONS] TASK COMMAND [ARG...]",
    discussion: """
      TASK is a task's id, or the beginning of one; SERVICE.SLOT; or SERVICE, for the first of its tasks. The command ends with the
      client, and the exit code is the command's.
      """
  )

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Hand standard input on to the command.")
  var interactive = false

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Give the command a terminal.")
  var tty = false

  @Option(
    name: [.customShort("e", allowingJoined: true), .long],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Set an environment variable; a name alone takes this process's value.", valueName: "name=value")
  )
  var env: [String] = []

  @Option(
    name: [.customShort("w", allowingJoined: true), .long],
    parsing: .unconditional,
    help: ArgumentHelp("The working directory.", valueName: "path")
  )
  var workdir: String?

  @Option(
    name: [.customShort("u", allowingJoined: true), .long],
    parsing: .unconditional,
    help: ArgumentHelp("Who runs the command.", valueName: "name|uid[:gid]")
  )
  var user: String?

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("The task, and the command.", valueName: "task"))
  var operands: [String] = []

  func check() throws {
    // What follows the flags is captured as it comes, so a question for help arrives here.
    if let first = self.operands.first, ["--help", "-h"].contains(first) {
      throw HelpText(text: Swarmctl.helpMessage(for: Self.self))
    }
    if let first = self.operands.first, first.hasPrefix("-") {
      throw CommandFailure("unknown flag: \(first)", hint: "See 'swarmctl exec --help'.", exitCode: 125)
    }
    try require(self.operands, atLeast: 2, of: "exec")
  }

  func run(in session: CommandSession) async throws {
    if self.tty, self.interactive, !session.terminal.isInput { throw CommandFailure("the input device is not a TTY") }
    let task = try await TaskReference(self.operands[0]).resolve(in: session.client)
    let request = self.request(in: session)
    let code =
      if self.tty, session.terminal.isInput {
        try await session.terminal.withRawMode { try await self.exec(task, request, in: session) }
      } else {
        try await self.exec(task, request, in: session)
      }
    if code != 0 { throw CommandFailure("", exitCode: code) }
  }

  private func request(in session: CommandSession) -> Engine.ExecRequest {
    var request = Engine.ExecRequest()
    request.cmd = Array(self.operands.dropFirst())
    request.env = self.env.compactMap { variable in
      if variable.contains("=") { return variable }
      return session.environment[variable].map { "\(variable)=\($0)" }
    }
    request.workingDir = self.workdir
    request.user = self.user
    request.tty = self.tty
    request.attachStdin = self.interactive
    if self.tty, let size = session.terminal.size { request.consoleSize = [size.rows, size.columns] }
    return request
  }

  private func exec(_ task: String, _ request: Engine.ExecRequest, in session: CommandSession) async throws -> Int32 {
    let outgoing = ExecOutgoing(session.terminal, sendsInput: self.interactive, sendsSizes: self.tty)
    return try await withThrowingTaskGroup(of: Int32?.self) { group in
      group.addTask {
        await outgoing.run()
        return nil
      }
      group.addTask {
        defer { outgoing.end() }
        return try await session.client.exec(task, request, sending: outgoing.frames) { frame in
          session.console.pass(frame.bytes, toErrors: frame.kind == .errors)
        }
      }
      defer { group.cancelAll() }
      while let code = try await group.next() {
        if let code { return code }
      }
      throw CancellationError()
    }
  }
}
