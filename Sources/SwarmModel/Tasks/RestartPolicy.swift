// SPDX-License-Identifier: Apache-2.0

/// Whether and when an ended task is replaced.
public struct RestartPolicy: Sendable, Hashable {
  /// Which ends lead to a restart.
  public var condition: Condition
  /// How long to wait before a restart; `nil` means 5 seconds.
  public var delay: Duration?
  /// How often a slot is restarted; 0 means without limit.
  public var maxAttempts: UInt64
  /// Only restarts within this time count as attempts; `nil` and zero mean all.
  public var window: Duration?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    condition: Condition = .any,
    delay: Duration? = nil,
    maxAttempts: UInt64 = 0,
    window: Duration? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.condition = condition
    self.delay = delay
    self.maxAttempts = maxAttempts
    self.window = window
    self.unknownFields = unknownFields
  }

  /// Which ends of a task lead to a restart.
  public enum Condition: Int32, Sendable, Hashable, CaseIterable {
    /// None.
    case none = 0
    /// Failures.
    case onFailure = 1
    /// All.
    case any = 2
  }
}
