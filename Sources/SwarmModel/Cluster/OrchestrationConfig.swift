// SPDX-License-Identifier: Apache-2.0

/// How services are kept running.
public struct OrchestrationConfig: Sendable, Hashable {
  /// How many ended tasks are kept per slot; negative means all.
  public var taskHistoryRetentionLimit: Int64
  /// How many tasks at a time may be moved to make services even over nodes again after nodes came; 0 leaves tasks where they are. (Not in SwarmKit.)
  public var rebalanceBudget: UInt32
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    taskHistoryRetentionLimit: Int64 = 5,
    rebalanceBudget: UInt32 = 0,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.taskHistoryRetentionLimit = taskHistoryRetentionLimit
    self.rebalanceBudget = rebalanceBudget
    self.unknownFields = unknownFields
  }
}
