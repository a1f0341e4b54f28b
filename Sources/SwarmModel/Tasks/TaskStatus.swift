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
  public var container: ContainerStatus? {
    get { self.details.value.container }
    set {
      // Who reads or writes fields sets all of them, to what they are mostly.
      guard newValue != self.details.value.container else { return }
      self.details = self.details.changing { $0.container = newValue }
    }
  }
  /// The ports that the task opened on its node.
  public var portStatus: PortStatus? {
    get { self.details.value.portStatus }
    set {
      guard newValue != self.details.value.portStatus else { return }
      self.details = self.details.changing { $0.portStatus = newValue }
    }
  }
  /// The manager that stored the status.
  public var appliedBy: NodeID?
  /// When the manager stored the status.
  public var appliedAt: Timestamp?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields {
    get { self.details.value.unknownFields }
    set {
      guard newValue != self.details.value.unknownFields else { return }
      self.details = self.details.changing { $0.unknownFields = newValue }
    }
  }

  /// What only tasks that were started have.
  private var details: SharedBox<Details>
  private static let none = SharedBox(Details())

  private struct Details: Sendable, Hashable {
    var container: ContainerStatus?
    var portStatus: PortStatus?
    var unknownFields = UnknownFields()
  }

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
    self.appliedBy = appliedBy
    self.appliedAt = appliedAt
    let details = Details(container: container, portStatus: portStatus, unknownFields: unknownFields)
    self.details = details == Self.none.value ? Self.none : SharedBox(details)
  }
}
