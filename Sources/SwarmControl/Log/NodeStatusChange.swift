// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// What the leader observed of one node; parts that are `nil` stay as they are.
package struct NodeStatusChange: Sendable, Hashable {
  /// The node.
  package var id: NodeID
  /// Whether the node answers.
  package var status: NodeStatus?
  /// What the node told about itself.
  package var description: NodeDescription?
  /// The consensus side of the node.
  package var managerStatus: ManagerStatus?
  /// Whether the node has no consensus side any more; wins over ``managerStatus``.
  package var clearsManagerStatus: Bool
  /// The role that the node has now.
  package var role: NodeRole?
  /// The certificate that the node was given.
  package var certificate: NodeCertificate?

  /// Creates a change.
  package init(
    id: NodeID,
    status: NodeStatus? = nil,
    description: NodeDescription? = nil,
    managerStatus: ManagerStatus? = nil,
    clearsManagerStatus: Bool = false,
    role: NodeRole? = nil,
    certificate: NodeCertificate? = nil
  ) {
    self.id = id
    self.status = status
    self.description = description
    self.managerStatus = managerStatus
    self.clearsManagerStatus = clearsManagerStatus
    self.role = role
    self.certificate = certificate
  }
}
