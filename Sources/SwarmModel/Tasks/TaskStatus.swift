// SPDX-License-Identifier: Apache-2.0

/// How far a task is, as its node (or the manager, up to `assigned`) observed it.
public struct TaskStatus: Sendable, Hashable {
  /// When the state was observed.
  public var timestamp: Timestamp
  /// The observed state.
  public var state: TaskState
  /// What the task is doing, for people.
  public var message: String
  /// Why the task failed or waits; empty when all is well.
  public var err: String
  /// What the runtime knows of the container.
  public var container: ContainerStatus?
  /// The ports that the task opened on its node.
  public var portStatus: PortStatus?
  /// The manager that stored the status.
  public var appliedBy: NodeID?
  /// When the manager stored the status.
  public var appliedAt: Timestamp?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    timestamp: Timestamp = .zero,
    state: TaskState = .new,
    message: String = "",
    err: String = "",
    container: ContainerStatus? = nil,
    portStatus: PortStatus? = nil,
    appliedBy: NodeID? = nil,
    appliedAt: Timestamp? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.timestamp = timestamp
    self.state = state
    self.message = message
    self.err = err
    self.container = container
    self.portStatus = portStatus
    self.appliedBy = appliedBy
    self.appliedAt = appliedAt
    self.unknownFields = unknownFields
  }
}
