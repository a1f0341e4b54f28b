// SPDX-License-Identifier: Apache-2.0

/// What the operator wants of a node.
public struct NodeSpec: Sendable, Hashable {
  /// The node's (usually empty) name and its labels.
  public var annotations: Annotations
  /// The role that the node should have.
  public var desiredRole: NodeRole
  /// Whether the node may take part; everything that joins is accepted.
  public var membership: Membership
  /// Whether the node takes tasks.
  public var availability: Availability
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    annotations: Annotations = Annotations(),
    desiredRole: NodeRole = .worker,
    membership: Membership = .accepted,
    availability: Availability = .active,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.annotations = annotations
    self.desiredRole = desiredRole
    self.membership = membership
    self.availability = availability
    self.unknownFields = unknownFields
  }

  /// Whether a node was let into the cluster.
  public enum Membership: Int32, Sendable, Hashable, CaseIterable {
    /// The node waits for an operator's decision.
    case pending = 0
    /// The node is a member.
    case accepted = 1
  }

  /// Whether a node takes tasks.
  public enum Availability: Int32, Sendable, Hashable, CaseIterable {
    /// The node takes new tasks.
    case active = 0
    /// The node takes no new tasks and keeps those it has.
    case pause = 1
    /// The node takes no tasks; those it has move elsewhere.
    case drain = 2
  }
}
