// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl … ls`.
struct ObjectListCommand<Kind: ObjectKind>: SessionCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "ls", abstract: "List the \(Kind.noun)s.", aliases: ["list"])
  }

  @OptionGroup var flags: ListFlags

  func run(in session: CommandSession) async throws {
    let filters = try self.flags.filterFlags.filters()
    let query = filters.isEmpty ? [] : [("filters", filters.queryText)]
    let listing = try await Kind.listing(session.client.raw(Kind.path, query).elements, now: session.now())
    for line in try listing.lines(format: self.flags.format, quiet: self.flags.quiet) { session.console.print(line) }
  }
}

/// The command `swarmctl … inspect`.
struct ObjectInspectCommand<Kind: ObjectKind>: SessionCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "inspect", abstract: "Show \(Kind.noun)s in detail.")
  }

  @OptionGroup var flags: InspectFlags

  @Flag(inversion: .prefixedNo, help: "Print for people.")
  var pretty = false

  @Argument(help: "Ids or names.")
  var references: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.references, of: "\(Kind.noun) inspect")
    if self.pretty {
      try self.flags.checkPretty()
      return try await session.forEach(self.references) { reference in
        session.console.print(ObjectSheet(try await session.client.raw("\(Kind.path)/\(PercentCoding.encode(reference))")).text)
      }
    }
    try await self.flags.show(self.references, in: session) { reference in
      try await session.client.raw("\(Kind.path)/\(PercentCoding.encode(reference))")
    }
  }
}

/// The command `swarmctl … rm`.
struct ObjectRemoveCommand<Kind: ObjectKind>: SessionCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "rm", abstract: "Remove \(Kind.noun)s.", aliases: ["remove"])
  }

  @Argument(help: "Ids or names.")
  var references: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.references, of: "\(Kind.noun) rm")
    try await session.forEach(self.references) { reference in
      try await session.client.delete("\(Kind.path)/\(PercentCoding.encode(reference))")
      session.console.print(reference)
    }
  }
}

/// The commands `swarmctl secret create` and `swarmctl config create`.
struct PayloadCreateCommand<Kind: ObjectKind>: SessionCommand, LocallyChecked {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "create",
      abstract: "Create a \(Kind.noun) from a file, or from standard input.",
      usage: "swarmctl \(Kind.noun) create [OPTIONS] NAME FILE|-"
    )
  }

  @Option(
    name: [.customShort("l", allowingJoined: true), .long],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A label.", valueName: "key=value")
  )
  var label: [String] = []

  @Option(parsing: .unconditional, help: ArgumentHelp("Fill in placeholders with this driver: golang.", valueName: "driver"))
  var templateDriver: String?

  @Option(name: .shortAndLong, parsing: .unconditional, help: Self.helpForDriver)
  var driver: String?

  @Argument(help: ArgumentHelp("The name, and the file.", valueName: "name"))
  var operands: [String] = []

  private static var helpForDriver: ArgumentHelp {
    ArgumentHelp("Who keeps the content in place of the swarm.", visibility: Kind.hasDrivers ? .default : .hidden)
  }

  func check() throws {
    guard self.driver != nil else { return try require(self.operands, atLeast: 2, of: "\(Kind.noun) create") }
    guard Kind.hasDrivers else {
      throw CommandFailure("unknown flag: --driver", hint: "See 'swarmctl \(Kind.noun) create --help'.", exitCode: 125)
    }
    try require(self.operands, of: "\(Kind.noun) create")
    guard self.operands.count == 1 else { throw CommandFailure("When using secret driver secret data must be empty") }
  }

  func run(in session: CommandSession) async throws {
    var spec = Engine.SecretSpec()
    spec.name = self.operands[0]
    spec.labels = KeyValues.labels(self.label)
    if let driver {
      spec.driver = Engine.Driver()
      spec.driver?.name = driver
    } else {
      spec.data = Base64Bytes(try StandardFile.contents(of: self.operands[1]))
    }
    if let driver = self.templateDriver {
      spec.templating = Engine.Driver()
      spec.templating?.name = driver
    }
    let created: Engine.Created = try await session.client.post("\(Kind.path)/create", body: spec)
    session.console.print(created.id ?? "")
  }
}

extension JSONValue {
  /// The elements of a list; none of anything else.
  fileprivate var elements: [JSONValue] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }
}
