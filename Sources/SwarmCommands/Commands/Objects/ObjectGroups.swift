// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The command `swarmctl secret …`.
struct SecretGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secret",
    abstract: "Manage the swarm's secrets.",
    subcommands: [
      PayloadCreateCommand<SecretKind>.self, ObjectListCommand<SecretKind>.self, ObjectInspectCommand<SecretKind>.self,
      ObjectRemoveCommand<SecretKind>.self,
    ]
  )
}

/// The command `swarmctl config …`.
struct ConfigGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Manage the swarm's configs.",
    subcommands: [
      PayloadCreateCommand<ConfigKind>.self, ObjectListCommand<ConfigKind>.self, ObjectInspectCommand<ConfigKind>.self,
      ObjectRemoveCommand<ConfigKind>.self,
    ]
  )
}

/// The command `swarmctl network …`.
struct NetworkGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network",
    abstract: "Manage the swarm's networks.",
    subcommands: [
      NetworkCreateCommand.self, NetworkListCommand.self, NetworkInspectCommand.self, NetworkRemoveCommand.self,
    ]
  )
}
