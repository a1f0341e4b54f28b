// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The command `swarmctl swarm …`.
struct SwarmGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swarm",
    abstract: "Manage the swarm.",
    subcommands: [
      SwarmInitCommand.self, SwarmJoinCommand.self, SwarmJoinTokenCommand.self, SwarmLeaveCommand.self, SwarmUpdateCommand.self,
      SwarmInspectCommand.self, SwarmAuthorityCommand.self, SwarmUnlockCommand.self, SwarmUnlockKeyCommand.self,
    ]
  )
}
