// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// What an agent has to know.
public struct SwarmAgentConfiguration: Sendable, Hashable {
  /// The node that the agent works for.
  public var nodeID: NodeID
  /// Where the agent keeps what has to survive its restart: an absolute path, made (0700) when missing.
  ///
  /// No two agents may share one.
  public var stateDirectory: String
  /// Addresses of managers to begin with, as `host:port`; further ones are learned from them.
  public var managers: [String]
  /// What becomes of tasks when the agent is shut down gracefully, for example by a `ServiceGroup` that got
  /// SIGTERM.
  ///
  /// Default: they are left running.
  ///
  /// Cancelling the task that runs the agent always leaves them running.
  public var onGracefulShutdown: TaskDisposition

  /// Creates a configuration.
  public init(
    nodeID: NodeID,
    stateDirectory: String,
    managers: [String],
    onGracefulShutdown: TaskDisposition = .leaveRunning
  ) {
    self.nodeID = nodeID
    self.stateDirectory = stateDirectory
    self.managers = managers
    self.onGracefulShutdown = onGracefulShutdown
  }
}
