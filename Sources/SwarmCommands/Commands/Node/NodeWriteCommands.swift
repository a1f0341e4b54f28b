// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl node update`.
struct NodeUpdateCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "update", abstract: "Change a node.")

  @Option(parsing: .unconditional, help: "active, pause or drain.")
  var availability: String?

  @Option(parsing: .unconditional, help: "worker or manager.")
  var role: String?

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Add a label, or change it.", valueName: "key=value"))
  var labelAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a label.", valueName: "key"))
  var labelRm: [String] = []

  @Argument(help: "The node.")
  var node: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.node, of: "node update")
    guard self.node.count == 1, let reference = self.node.first else {
      throw CommandFailure("'swarmctl node update' requires 1 argument")
    }
    try await session.changeNode(reference) { spec throws(CommandFailure) in
      if let availability { spec.availability = availability }
      if let role { spec.role = role }
      var labels = spec.labels ?? [:]
      labels.merge(KeyValues.labels(self.labelAdd)) { _, new in new }
      for key in self.labelRm {
        guard labels.removeValue(forKey: key) != nil else { throw CommandFailure("key \(key) doesn't exist in node's labels") }
      }
      spec.labels = labels
      return true
    }
    session.console.print(reference)
  }
}

/// The command `swarmctl node promote`.
struct NodePromoteCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "promote", abstract: "Make nodes managers.")

  @Argument(help: "The nodes.")
  var nodes: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.nodes, of: "node promote")
    try await session.forEach(self.nodes) { reference in
      let changed = try await session.changeNode(reference) { spec throws(CommandFailure) in
        defer { spec.role = "manager" }
        return spec.role != "manager"
      }
      session.console.print(
        changed ? "Node \(reference) promoted to a manager in the swarm." : "Node \(reference) is already a manager."
      )
    }
  }
}

/// The command `swarmctl node demote`.
struct NodeDemoteCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "demote", abstract: "Make managers workers.")

  @Argument(help: "The nodes.")
  var nodes: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.nodes, of: "node demote")
    try await session.forEach(self.nodes) { reference in
      let changed = try await session.changeNode(reference) { spec throws(CommandFailure) in
        defer { spec.role = "worker" }
        return spec.role != "worker"
      }
      session.console.print(changed ? "Manager \(reference) demoted in the swarm." : "Node \(reference) is already a worker.")
    }
  }
}

/// The command `swarmctl node rm`.
struct NodeRemoveCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm",
    abstract: "Remove nodes from the swarm.",
    aliases: ["remove"]
  )

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Remove even a node that is up.")
  var force = false

  @Argument(help: "The nodes.")
  var nodes: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.nodes, of: "node rm")
    try await session.forEach(self.nodes) { reference in
      try await session.client.removeNode(reference, force: self.force)
      session.console.print(reference)
    }
  }
}

extension CommandSession {
  /// Reads a node, changes its specification and writes it back.
  ///
  /// - Parameter change: Returns whether there is anything to write.
  /// - Returns: whether something was written.
  @discardableResult
  fileprivate func changeNode(
    _ reference: String,
    _ change: (inout Engine.NodeSpec) throws(CommandFailure) -> Bool
  ) async throws -> Bool {
    let node = try await self.client.node(self.resolveNode(reference))
    var spec = node.spec ?? Engine.NodeSpec()
    guard try change(&spec) else { return false }
    try await self.client.updateNode(node.id ?? reference, version: node.version?.index ?? 0, spec: spec)
    return true
  }
}
