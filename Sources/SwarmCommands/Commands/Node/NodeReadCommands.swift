// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl node ls`.
struct NodeListCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List the nodes.", aliases: ["list"])

  @OptionGroup var flags: ListFlags

  func run(in session: CommandSession) async throws {
    let nodes = try await session.client.nodes(self.flags.filterFlags.filters())
    let swarm = self.flags.quiet ? nil : try await session.client.info().swarm
    var listing = Listing(nodes: nodes, ownID: swarm?.nodeID ?? "", root: swarm?.cluster?.tlsInfo)
    if !self.flags.quiet, ["", "table"].contains(self.flags.format ?? "") { listing = listing.markingOwnNode }
    for line in try listing.lines(format: self.flags.format, quiet: self.flags.quiet) { session.console.print(line) }
  }
}

/// The command `swarmctl node inspect`.
struct NodeInspectCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show nodes in detail.")

  @OptionGroup var flags: InspectFlags

  @Flag(inversion: .prefixedNo, help: "Print for people.")
  var pretty = false

  @Argument(help: "Nodes, or self.")
  var nodes: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.nodes, of: "node inspect")
    if self.pretty {
      try self.flags.checkPretty()
      return try await session.forEach(self.nodes) { reference in
        session.console.print(NodeSheet(try await session.client.node(session.resolveNode(reference))).text)
      }
    }
    try await self.flags.show(self.nodes, in: session) { reference in
      try await session.client.raw("/nodes/\(PercentCoding.encode(session.resolveNode(reference)))")
    }
  }
}

/// The command `swarmctl node ps`.
struct NodeTasksCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "ps", abstract: "List the tasks of nodes; by default of this one.")

  @OptionGroup var flags: TaskListFlags

  @Argument(help: "Nodes, or self.")
  var nodes: [String] = []

  func run(in session: CommandSession) async throws {
    var filters = try self.flags.list.filterFlags.filters()
    var failures: [CommandFailure] = []
    for reference in self.nodes.isEmpty ? ["self"] : self.nodes {
      do {
        let id = try await session.client.node(session.resolveNode(reference)).id ?? reference
        filters.add(id, to: "node")
      } catch let error as DaemonError {
        failures.append(error.commandFailure)
      }
    }
    if !filters["node"].isEmpty { try await self.flags.show(session.client.tasks(filters), in: session) }
    for failure in failures { session.console.complain(failure.description) }
    if !failures.isEmpty { throw CommandFailure("") }
  }
}

extension CommandSession {
  /// The node that a user means: `self` is the one that is asked.
  func resolveNode(_ reference: String) async throws -> String {
    guard reference == "self" else { return reference }
    let own = try await self.client.info().swarm?.nodeID ?? ""
    // A node outside a swarm has no id; asking for the list gives the sentence that says so.
    if own.isEmpty { _ = try await self.client.nodes() }
    return own
  }
}
