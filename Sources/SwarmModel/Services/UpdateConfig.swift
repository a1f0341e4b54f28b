// SPDX-License-Identifier: Apache-2.0

/// How an update replaces a service's tasks.
public struct UpdateConfig: Sendable, Hashable {
  /// How many slots are replaced at the same time; 0 means all.
  public var parallelism: UInt64
  /// How long to wait between batches.
  public var delay: Duration
  /// What happens when too many tasks fail.
  public var failureAction: FailureAction
  /// How long a new task is watched for failures; `nil` means 5 seconds.
  public var monitor: Duration?
  /// The share of failed tasks (0–1) that is still accepted.
  public var maxFailureRatio: Float
  /// Whether the old task stops before the new one starts.
  public var order: Order
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    parallelism: UInt64 = 1,
    delay: Duration = .zero,
    failureAction: FailureAction = .pause,
    monitor: Duration? = nil,
    maxFailureRatio: Float = 0,
    order: Order = .stopFirst,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.parallelism = parallelism
    self.delay = delay
    self.failureAction = failureAction
    self.monitor = monitor
    self.maxFailureRatio = maxFailureRatio
    self.order = order
    self.unknownFields = unknownFields
  }

  /// What happens when too many of an update's tasks fail.
  public enum FailureAction: Int32, Sendable, Hashable, CaseIterable {
    /// The update stops where it is.
    case pause = 0
    /// The update goes on.
    case `continue` = 1
    /// The service goes back to its previous specification.
    case rollback = 2
  }

  /// The order in which an update, or the draining of a node, replaces a task.
  public enum Order: Int32, Sendable, Hashable, CaseIterable {
    /// The old task stops, then the new one starts.
    case stopFirst = 0
    /// The new task starts, then the old one stops.
    case startFirst = 1
  }
}
