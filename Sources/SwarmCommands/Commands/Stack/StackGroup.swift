// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The command `swarmctl stack …`.
struct StackGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stack",
    abstract: "Manage stacks: the services of compose files.",
    subcommands: [
      StackDeployCommand.self, StackListCommand.self, StackServicesCommand.self, StackTasksCommand.self, StackRemoveCommand.self,
      StackConfigCommand.self,
    ]
  )
}
