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
      --tlsverify      TLS to a tcp:// node, which must show a certificate of the authority's. Also: $DOCKER_TLS_VERIFY.
      --tls            TLS to whoever answers.
      --tlscacert, --tlscert, --tlskey FILE
                       The authority, and this side's certificate and key. Default: ca.pem, cert.pem and key.pem in
                       $DOCKER_CERT_PATH, else in ~/.docker.
      """,
    subcommands: [
      VersionCommand.self, InfoCommand.self, SwarmGroup.self, NodeGroup.self, ServiceGroup.self, StackGroup.self,
      SecretGroup.self, ConfigGroup.self, NetworkGroup.self, ExecCommand.self, StatsCommand.self, TopCommand.self,
      EventsCommand.self, PlanCommand.self, ImportCommand.self,
      CompletionCommand.self,
    ]
  )
}
