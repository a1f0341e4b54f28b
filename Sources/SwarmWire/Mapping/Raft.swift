// SPDX-License-Identifier: Apache-2.0

package import SwarmKitProtobuf
package import SwarmModel

extension RaftJoin.Member: ProtoMapped {
  package init(_ proto: ProtoRaftMember) throws(SwarmError) {
    self.init(raftID: proto.raftID, nodeID: try NodeID(wire: proto.nodeID), address: proto.addr)
  }

  package var proto: ProtoRaftMember {
    var proto = ProtoRaftMember()
    proto.raftID = self.raftID
    proto.nodeID = self.nodeID.description
    proto.addr = self.address
    return proto
  }
}

extension RaftJoin {
  /// Reads an answer; the cluster's id comes beside it.
  package init(_ proto: ProtoJoinResponse, clusterID: ClusterID) throws(SwarmError) {
    self.init(raftID: proto.raftID, clusterID: clusterID, members: try proto.members.models())
  }

  /// The message that stands for this answer.
  package var proto: ProtoJoinResponse {
    get throws(SwarmError) {
      var proto = ProtoJoinResponse()
      proto.raftID = self.raftID
      proto.members = try self.members.protos
      return proto
    }
  }
}
