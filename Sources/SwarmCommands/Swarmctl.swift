// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The root of the grammar.
struct Swarmctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swarmctl",
    abstract: "Talks to a swarm through one of its nodes.",
    usage: "swarmctl [-H URL] COMMAND",
    discussion: """
      -H, --host URL   The node to talk to: unix:///path/api.sock or tcp://127.0.0.1:2375.
                       Default: $SWARM_HOST, then $DOCKER_HOST, then the default node of this machine.
      """,
    subcommands: [
      VersionCommand.self, InfoCommand.self, SwarmGroup.self, NodeGroup.self, ServiceGroup.self, StackGroup.self,
      SecretGroup.self, ConfigGroup.self, NetworkGroup.self, ExecCommand.self, StatsCommand.self, TopCommand.self,
      EventsCommand.self, PlanCommand.self, ImportCommand.self,
      CompletionCommand.self,
    ]
  )
}
