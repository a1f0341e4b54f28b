// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import SwarmModel

/// `swarm-worker`: one node that joins a swarm as a worker, or resumes.
public struct WorkerCommand: NodeCommand {
  /// Name and help.
  public static let configuration = CommandConfiguration(
    commandName: "swarm-worker",
    abstract: "A swarm node that joins a swarm as a worker, or resumes in the one of its state directory."
  )

  /// The node's flags.
  @OptionGroup public var options: NodeOptions

  /// Creates the command.
  public init() {}

  /// What to do when the state directory holds no swarm yet.
  public var beginning: Beginning {
    if self.options.idle { return .idle }
    return self.options.join.isEmpty ? .resume : .join
  }
}
