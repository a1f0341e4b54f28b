// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Compose
internal import EngineSchema

/// The command `swarmctl stack ls`.
struct StackListCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List the stacks.", aliases: ["list"])

  @Option(parsing: .unconditional, help: "table, json, or a template like '{{.Name}} {{.Services}}'.")
  var format: String?

  func run(in session: CommandSession) async throws {
    let services = try await session.client.services(EngineFilters(["label": [Stack.namespaceLabel]]))
    let listing = Listing(stacksOf: services)
    for line in try listing.lines(format: self.format, quiet: false) { session.console.print(line) }
  }
}

/// The command `swarmctl stack services`.
struct StackServicesCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "services", abstract: "List the services of a stack.")

  @OptionGroup var flags: ListFlags

  @Argument(help: "The stack.")
  var stack: [String] = []

  func check() throws { try StackName.check(self.stack, of: "stack services") }

  func run(in session: CommandSession) async throws {
    var filters = try self.flags.filterFlags.filters()
    filters.add("\(Stack.namespaceLabel)=\(self.stack[0])", to: "label")
    let services = try await session.client.services(filters, status: !self.flags.quiet)
    guard !services.isEmpty else { return session.console.complain("Nothing found in stack: \(self.stack[0])") }
    let lines = try Listing(services: services).lines(format: self.flags.format, quiet: self.flags.quiet)
    for line in lines { session.console.print(line) }
  }
}

/// The command `swarmctl stack ps`.
struct StackTasksCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "ps", abstract: "List the tasks of a stack.")

  @OptionGroup var flags: TaskListFlags

  @Argument(help: "The stack.")
  var stack: [String] = []

  func check() throws { try StackName.check(self.stack, of: "stack ps") }

  func run(in session: CommandSession) async throws {
    var filters = try await self.flags.filters(in: session)
    filters.add("\(Stack.namespaceLabel)=\(self.stack[0])", to: "label")
    let tasks = try await session.client.tasks(filters)
    guard !tasks.isEmpty else { throw CommandFailure("nothing found in stack: \(self.stack[0])") }
    try await self.flags.show(tasks, in: session)
  }
}

/// The command `swarmctl stack config`.
struct StackConfigCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Print compose files as one, merged and with their variables replaced."
  )

  @OptionGroup var files: ComposeFlags

  @Flag(inversion: .prefixedNo, help: "Leave variables as they stand; what the files ask for isn't looked at.")
  var skipInterpolation = false

  func check() throws { try self.files.check(command: "stack config") }

  func run(in session: CommandSession) async throws {
    let merged =
      self.skipInterpolation ? try self.files.merged(in: session) : try self.files.stack("stack", in: session).merged
    session.console.write(merged)
  }
}

/// The one argument of commands about a stack.
enum StackName {
  static func check(_ arguments: [String], of command: String) throws(CommandFailure) {
    try require(arguments, of: command)
    guard arguments.count == 1 else { throw CommandFailure("'swarmctl \(command)' requires 1 argument") }
    guard !arguments[0].isEmpty, !arguments[0].contains(where: \.isWhitespace) else {
      throw CommandFailure("invalid stack name: \"\(arguments[0])\"")
    }
  }
}
