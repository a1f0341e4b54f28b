// SPDX-License-Identifier: Apache-2.0

/// How the managers see a node.
public struct NodeStatus: Sendable, Hashable {
  /// Whether the node answers.
  public var state: State
  /// Why the node is in this state, in a sentence for people.
  public var message: String
  /// The node's address as its manager sees it, without a port.
  public var addr: String
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    state: State = .unknown,
    message: String = "",
    addr: String = "",
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.state = state
    self.message = message
    self.addr = addr
    self.unknownFields = unknownFields
  }

  /// Whether a node answers.
  public enum State: Int32, Sendable, Hashable, CaseIterable {
    /// Nobody has heard of the node since the current leader took over.
    case unknown = 0
    /// The node's heartbeats stopped.
    case down = 1
    /// The node has a session with a manager.
    case ready = 2
    /// SwarmKit's state of nodes whose manager stops; this implementation reads it where it finds it but never sets it: a node whose session is lost is
    /// ``down`` after the grace.
    case disconnected = 3
  }
}
