// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl service ls`.
struct ServiceListCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List the services.", aliases: ["list"])

  @OptionGroup var flags: ListFlags

  func run(in session: CommandSession) async throws {
    let services = try await session.client.services(self.flags.filterFlags.filters(), status: !self.flags.quiet)
    let listing = Listing(services: services)
    for line in try listing.lines(format: self.flags.format, quiet: self.flags.quiet) { session.console.print(line) }
  }
}

/// The command `swarmctl service ps`.
struct ServiceTasksCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "ps", abstract: "List the tasks of services.")

  @OptionGroup var flags: TaskListFlags

  @Argument(help: "The services.")
  var services: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.services, of: "service ps")
    var filters = try await self.flags.filters(in: session)
    let known = try await session.client.services()
    var missing: [String] = []
    for reference in self.services {
      if let id = Self.resolve(reference, in: known) { filters.add(id, to: "service") } else { missing.append(reference) }
    }
    if !filters["service"].isEmpty { try await self.flags.show(session.client.tasks(filters), in: session) }
    for reference in missing { session.console.complain("no such service: \(reference)") }
    if !missing.isEmpty { throw CommandFailure("") }
  }

  /// A full id, an exact name, or the unique beginning of an id.
  static func resolve(_ reference: String, in services: [Engine.Service]) -> String? {
    if let exact = services.first(where: { $0.id == reference }) ?? services.first(where: { $0.spec?.name == reference }) {
      return exact.id
    }
    let beginnings = services.filter { $0.id?.hasPrefix(reference) ?? false }
    return beginnings.count == 1 ? beginnings.first?.id : nil
  }
}

/// The command `swarmctl service inspect`.
struct ServiceInspectCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show services in detail.")

  @OptionGroup var flags: InspectFlags

  @Flag(inversion: .prefixedNo, help: "Print for people.")
  var pretty = false

  @Argument(help: "The services.")
  var services: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.services, of: "service inspect")
    if self.pretty {
      try self.flags.checkPretty()
      return try await session.forEach(self.services) { reference in
        session.console.print(try await self.sheet(of: reference, in: session).text)
      }
    }
    try await self.flags.show(self.services, in: session) { reference in
      do {
        return try await session.client.raw("/services/\(PercentCoding.encode(reference))", [("insertDefaults", "true")])
      } catch let error as DaemonError where error.status == 404 {
        throw CommandFailure("Error: no such service: \(reference)")
      }
    }
  }

  private func sheet(of reference: String, in session: CommandSession) async throws -> ServiceSheet {
    let service = try await session.client.service(reference, insertDefaults: true)
    var networks: [String] = []
    for attachment in service.spec?.taskTemplate?.networks ?? service.spec?.networks ?? [] {
      let id = attachment.target ?? ""
      do {
        networks.append(try await session.client.object("networks", id)?.name ?? id)
      } catch let error as DaemonError where error.status == 404 || error.status == 501 {
        networks.append(id)
      }
    }
    return ServiceSheet(service, networks: networks, now: session.now())
  }
}
