// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import SwarmModel

/// `swarm-manager`: one node that starts a new swarm, resumes, or joins as a manager.
public struct ManagerCommand: NodeCommand {
  /// Name and help.
  public static let configuration = CommandConfiguration(
    commandName: "swarm-manager",
    abstract: "A swarm node that starts a new swarm, resumes the one in its state directory, or joins one as a manager."
  )

  /// The node's flags.
  @OptionGroup public var options: NodeOptions

  /// Creates the command.
  public init() {}

  /// What to do when the state directory holds no swarm yet.
  public var beginning: Beginning {
    if self.options.idle { return .idle }
    return self.options.join.isEmpty ? .initialize : .join
  }
}
