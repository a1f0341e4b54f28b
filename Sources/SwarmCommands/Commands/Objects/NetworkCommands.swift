// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl network create`.
struct NetworkCreateCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a network.")

  @Option(name: .shortAndLong, parsing: .unconditional, help: "The network driver.")
  var driver = "overlay"

  @Option(
    name: [.customShort("o", allowingJoined: true), .long],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("An option of the driver.", valueName: "key=value")
  )
  var opt: [String] = []

  @OptionGroup var addresses: NetworkAddressFlags

  @Flag(inversion: .prefixedNo, help: "Let containers outside of services attach.")
  var attachable = false

  @Flag(inversion: .prefixedNo, help: "Give the network no way out.")
  var `internal` = false

  @Flag(inversion: .prefixedNo, help: "Make it the network of the routing mesh.")
  var ingress = false

  @Option(parsing: .unconditional, help: "Where it exists: swarm.")
  var scope: String?

  @Flag(inversion: .prefixedNo, help: "Only keep settings for other networks.")
  var configOnly = false

  @Option(parsing: .unconditional, help: ArgumentHelp("The network to take the settings from.", valueName: "network"))
  var configFrom: String?

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("A label.", valueName: "key=value"))
  var label: [String] = []

  @Argument(help: "The name.")
  var name: [String] = []

  func check() throws {
    try require(self.name, of: "network create")
    guard self.name.count == 1 else { throw CommandFailure("'swarmctl network create' requires 1 argument") }
    _ = try self.addresses.management()
  }

  func run(in session: CommandSession) async throws {
    var network = Engine.Network()
    network.name = self.name[0]
    network.driver = self.driver
    network.scope = self.scope
    network.enableIPv6 = self.addresses.ipv6
    network.attachable = self.attachable
    network.internal = self.internal
    network.ingress = self.ingress
    if self.configOnly { network.configOnly = true }
    if let configFrom {
      network.configFrom = Engine.NetworkSource()
      network.configFrom?.network = configFrom
    }
    if !self.opt.isEmpty { network.options = KeyValues.labels(self.opt) }
    network.labels = KeyValues.labels(self.label)
    network.ipam = try self.addresses.management()
    let created: Engine.NetworkCreated = try await session.client.post("/networks/create", body: network)
    if let warning = created.warning, !warning.isEmpty { session.console.complain("WARNING: \(warning)") }
    session.console.print(created.id ?? "")
  }
}

/// The command `swarmctl network ls`.
struct NetworkListCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List the networks.", aliases: ["list"])

  @OptionGroup var flags: ListFlags

  @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Don't shorten anything.")
  var noTrunc = false

  func run(in session: CommandSession) async throws {
    let filters = try self.flags.filterFlags.filters()
    let query = filters.isEmpty ? [] : [("filters", filters.queryText)]
    let networks = try await session.client.get("/networks", query, as: [Engine.Network].self)
    let listing = Listing(networks: networks, truncated: !self.noTrunc)
    for line in try listing.lines(format: self.flags.format, quiet: self.flags.quiet) { session.console.print(line) }
  }
}

/// The command `swarmctl network inspect`.
struct NetworkInspectCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show networks in detail.")

  @OptionGroup var flags: InspectFlags

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Also show the services and tasks that are on them.")
  var verbose = false

  @Argument(help: "Ids or names.")
  var networks: [String] = []

  func check() throws { try require(self.networks, of: "network inspect") }

  func run(in session: CommandSession) async throws {
    let query = self.verbose ? [("verbose", "true")] : []
    try await self.flags.show(self.networks, in: session) { reference in
      try await session.client.raw("/networks/\(PercentCoding.encode(reference))", query)
    }
  }
}

/// The command `swarmctl network rm`.
struct NetworkRemoveCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove networks.", aliases: ["remove"])

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Take no offence at networks that aren't there.")
  var force = false

  @Argument(help: "Ids or names.")
  var networks: [String] = []

  private static let warning = "WARNING! Until there is another network of the routing mesh no port can be published in it."

  func check() throws { try require(self.networks, of: "network rm") }

  func run(in session: CommandSession) async throws {
    try await session.forEach(self.networks) { reference in
      do {
        let network = try await session.client.get("/networks/\(PercentCoding.encode(reference))", as: Engine.Network.self)
        if network.ingress ?? false, try await !session.confirm(Self.warning) { return }
        try await session.client.delete("/networks/\(PercentCoding.encode(reference))")
        session.console.print(reference)
      } catch let error as DaemonError where error.status == 404 && self.force {
        // It is as gone as it was to be.
      }
    }
  }
}
