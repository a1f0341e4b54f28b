// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The commands `swarmctl secret ls`, `config ls` and `network ls`.
struct ObjectListCommand<Kind: ObjectKind>: SessionCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "ls", abstract: "List the \(Kind.noun)s.", aliases: ["list"])
  }

  @OptionGroup var flags: ListFlags

  func run(in session: CommandSession) async throws {
    let filters = try self.flags.filterFlags.filters()
    let query = filters.isEmpty ? [] : [("filters", filters.queryText)]
    var objects: [JSONValue] = []
    if case .array(let elements) = try await session.client.raw(Kind.path, query) { objects = elements }
    let now = session.now()
    let rows = objects.map { Kind.row(of: $0, now: now) }
      .sorted { NaturalOrder.areInOrder($0["Name"] ?? "", $1["Name"] ?? "") }
    let listing = Listing(columns: Kind.columns, rows: rows)
    for line in try listing.lines(format: self.flags.format, quiet: self.flags.quiet) { session.console.print(line) }
  }
}

/// The commands `swarmctl secret inspect`, `config inspect` and `network inspect`.
struct ObjectInspectCommand<Kind: ObjectKind>: SessionCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "inspect", abstract: "Show \(Kind.noun)s in detail.")
  }

  @OptionGroup var flags: InspectFlags

  @Argument(help: "Names or ids.")
  var references: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.references, of: "\(Kind.noun) inspect")
    try await self.flags.show(self.references, in: session) { try await session.client.raw(Kind.path(of: $0)) }
  }
}

/// The commands `swarmctl secret rm`, `config rm` and `network rm`.
struct ObjectRemoveCommand<Kind: ObjectKind>: SessionCommand, LocallyChecked {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "rm", abstract: "Remove \(Kind.noun)s.", aliases: ["remove"])
  }

  @Argument(help: "Names or ids.")
  var references: [String] = []

  func check() throws { try require(self.references, of: "\(Kind.noun) rm") }

  func run(in session: CommandSession) async throws {
    try await session.forEach(self.references) { reference in
      try await session.client.delete(Kind.path(of: reference))
      session.console.print(reference)
    }
  }
}

/// The commands `swarmctl secret create` and `config create`.
struct FileCreateCommand<Kind: ObjectKind>: SessionCommand, LocallyChecked {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "create", abstract: "Create a \(Kind.noun) from a file or standard input.")
  }

  @Option(
    name: [.customShort("l", allowingJoined: true), .long],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A label.", valueName: "key=value")
  )
  var label: [String] = []

  @Option(parsing: .unconditional, help: "What replaces placeholders in the content: golang.")
  var templateDriver: String?

  @Argument(help: "The name, and a file, or - for standard input.")
  var operands: [String] = []

  func check() throws {
    try require(self.operands, atLeast: 2, of: "\(Kind.noun) create")
    guard self.operands.count == 2 else { throw CommandFailure("'swarmctl \(Kind.noun) create' requires 2 arguments") }
  }

  func run(in session: CommandSession) async throws {
    var body = JSONMembers()
    body["Name"] = .string(self.operands[0])
    var labels = JSONMembers()
    for (key, value) in KeyValues.labels(self.label).sorted(by: { $0.key < $1.key }) { labels[key] = .string(value) }
    body["Labels"] = .object(labels)
    body["Data"] = try JSONValue(encoding: Base64Bytes(FileContent.read(self.operands[1])))
    if let templateDriver { body["Templating"] = .object(["Name": .string(templateDriver)]) }
    let created: JSONValue = try await session.client.post("\(Kind.path)/create", body: JSONValue.object(body))
    guard case .string(let id) = created["ID"] else { return }
    session.console.print(id)
  }
}
