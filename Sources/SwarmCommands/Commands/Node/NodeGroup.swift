// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The command `swarmctl node …`.
struct NodeGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "node",
    abstract: "Manage the swarm's nodes.",
    subcommands: [
      NodeListCommand.self, NodeInspectCommand.self, NodeTasksCommand.self, NodeUpdateCommand.self, NodePromoteCommand.self,
      NodeDemoteCommand.self, NodeRemoveCommand.self,
    ]
  )
}
