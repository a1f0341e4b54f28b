// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The command `swarmctl service …`.
struct ServiceGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "service",
    abstract: "Manage the swarm's services.",
    subcommands: [
      ServiceCreateCommand.self, ServiceListCommand.self, ServiceTasksCommand.self, ServiceInspectCommand.self,
      ServiceUpdateCommand.self, ServiceScaleCommand.self, ServiceRollbackCommand.self, ServiceRemoveCommand.self,
      ServiceLogsCommand.self, ServiceExplainCommand.self, ServiceRestartCommand.self, ServiceStopCommand.self,
      ServiceStartCommand.self,
    ]
  )
}
