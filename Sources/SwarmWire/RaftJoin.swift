// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// What a manager that joins the consensus group is told.
package struct RaftJoin: Sendable, Hashable {
  /// The joining manager's id in the group.
  package var raftID: UInt64
  /// The cluster that the group belongs to, which every handshake of the group names.
  package var clusterID: ClusterID
  /// All members of the group, the joining one included.
  package var members: [Member]

  package init(raftID: UInt64, clusterID: ClusterID, members: [Member] = []) {
    self.raftID = raftID
    self.clusterID = clusterID
    self.members = members
  }

  /// The service whose health tells that a joining manager speaks our Raft: a Docker Engine that was promoted doesn't know it.
  package static let healthService = "swarm-raft/1"

  /// A member of the consensus group.
  package struct Member: Sendable, Hashable {
    /// The member's id in the group.
    package var raftID: UInt64
    /// The member's node.
    package var nodeID: NodeID
    /// Where the member listens, as `host:port`.
    package var address: String

    package init(raftID: UInt64, nodeID: NodeID, address: String) {
      self.raftID = raftID
      self.nodeID = nodeID
      self.address = address
    }
  }
}
