// SPDX-License-Identifier: Apache-2.0

/// How services are kept running.
public struct OrchestrationConfig: Sendable, Hashable {
  /// How many ended tasks are kept per slot; negative means all.
  public var taskHistoryRetentionLimit: Int64
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    taskHistoryRetentionLimit: Int64 = 5,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.taskHistoryRetentionLimit = taskHistoryRetentionLimit
    self.unknownFields = unknownFields
  }
}
