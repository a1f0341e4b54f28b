// SPDX-License-Identifier: Apache-2.0

/// How far a service's update is.
public struct UpdateStatus: Sendable, Hashable {
  /// The update's state.
  public var state: State
  /// When the update began.
  public var startedAt: Timestamp?
  /// When the update ended.
  public var completedAt: Timestamp?
  /// What happened, in a sentence for people.
  public var message: String
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    state: State = .unknown,
    startedAt: Timestamp? = nil,
    completedAt: Timestamp? = nil,
    message: String = "",
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.state = state
    self.startedAt = startedAt
    self.completedAt = completedAt
    self.message = message
    self.unknownFields = unknownFields
  }

  /// The state of an update.
  public enum State: Int32, Sendable, Hashable, CaseIterable {
    /// Not told.
    case unknown = 0
    /// Tasks are being replaced.
    case updating = 1
    /// The update stopped after failures.
    case paused = 2
    /// All tasks follow the new specification.
    case completed = 3
    /// Tasks are being replaced by the previous specification's.
    case rollbackStarted = 4
    /// The rollback stopped after failures.
    case rollbackPaused = 5
    /// All tasks follow the previous specification.
    case rollbackCompleted = 6
  }
}
