// SPDX-License-Identifier: Apache-2.0

/// A machine (or process) that takes part in the cluster.
public struct Node: Sendable, Hashable {
  /// The node's id; kept for life.
  public var id: NodeID
  /// Version and times of the object.
  public var meta: Meta
  /// What the operator wants of the node.
  public var spec: NodeSpec
  /// What the node told about itself; `nil` until its first session.
  public var description: NodeDescription?
  /// How the managers see the node.
  public var status: NodeStatus
  /// The consensus side; `nil` for workers.
  public var managerStatus: ManagerStatus?
  /// The node's certificate; `nil` until it asked for one.
  public var certificate: NodeCertificate?
  /// The role that the node has now, which follows ``NodeSpec/desiredRole``.
  public var role: NodeRole
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    id: NodeID = NodeID(),
    meta: Meta = Meta(),
    spec: NodeSpec = NodeSpec(),
    description: NodeDescription? = nil,
    status: NodeStatus = NodeStatus(),
    managerStatus: ManagerStatus? = nil,
    certificate: NodeCertificate? = nil,
    role: NodeRole = .worker,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.id = id
    self.meta = meta
    self.spec = spec
    self.description = description
    self.status = status
    self.managerStatus = managerStatus
    self.certificate = certificate
    self.role = role
    self.unknownFields = unknownFields
  }
}
