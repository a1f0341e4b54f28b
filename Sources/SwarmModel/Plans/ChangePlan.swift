// SPDX-License-Identifier: Apache-2.0

/// What a change would do, worked out in advance by the code that would do it.
public struct ChangePlan: Sendable, Hashable {
  /// What would happen, in order.
  public var steps: [Step]
  /// Whether everything comes to rest within the time looked at.
  public var isSettled: Bool
  /// Per service, by name, the lowest number of running tasks at any moment; only services that lose a running task.
  public var fewestRunning: [String: Int]

  /// Creates a value.
  public init(steps: [Step] = [], isSettled: Bool = true, fewestRunning: [String: Int] = [:]) {
    self.steps = steps
    self.isSettled = isSettled
    self.fewestRunning = fewestRunning
  }

  /// One thing that would happen.
  public struct Step: Sendable, Hashable {
    /// How long after the change.
    public var after: Duration
    /// The name of the service.
    public var service: String
    /// The slot; 0 for global services and for what concerns the whole service.
    public var slot: UInt64
    /// The node, when there is one.
    public var node: NodeID?
    /// What happens.
    public var event: Event

    /// Creates a value.
    public init(after: Duration, service: String, slot: UInt64 = 0, node: NodeID? = nil, event: Event) {
      self.after = after
      self.service = service
      self.slot = slot
      self.node = node
      self.event = event
    }
  }

  /// What can happen.
  public enum Event: Sendable, Hashable {
    /// A task gets its node.
    case assigned
    /// A task finds no node, for this reason.
    case waits(String)
    /// A task runs.
    case runs
    /// A task of a job has completed.
    case completes
    /// A running task is told to stop.
    case stops
    /// The service's update goes on to this state.
    case update(UpdateStatus.State)
  }
}
