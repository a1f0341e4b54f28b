// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// Where a task runs and what it is called: all that a runtime needs beside the task itself.
public struct TaskContext: Hashable, Sendable {
  /// The node that runs the task.
  public var nodeID: NodeID
  /// The node's name, as its runtime described it.
  public var nodeHostname: String
  /// The node's platform, as its runtime described it.
  public var platform: Platform
  /// The task's full name, `service.slot.id` (or `service.node.id` for global services): unique, and how
  /// Docker names containers.
  public var taskName: String
  /// The name of the task's service; empty for a task without one.
  public var serviceName: String
  /// The labels of the task's service.
  public var serviceLabels: [String: String]
  /// A directory for whatever the runtime keeps for this task, as an absolute path below the agent's state
  /// directory.
  ///
  /// The runtime makes it (0700) when it needs it, and deletes it with the task; nobody else writes there.
  /// Two agents never share it.
  public var directory: String
  /// The secrets that the task uses, by the manager's word at the time.
  ///
  /// In memory only.
  public var secrets: [Secret]
  /// The configs that the task uses.
  public var configs: [Config]

  /// Creates a context.
  public init(
    nodeID: NodeID,
    nodeHostname: String,
    platform: Platform,
    taskName: String,
    serviceName: String = "",
    serviceLabels: [String: String] = [:],
    directory: String,
    secrets: [Secret] = [],
    configs: [Config] = []
  ) {
    self.nodeID = nodeID
    self.nodeHostname = nodeHostname
    self.platform = platform
    self.taskName = taskName
    self.serviceName = serviceName
    self.serviceLabels = serviceLabels
    self.directory = directory
    self.secrets = secrets
    self.configs = configs
  }
}
