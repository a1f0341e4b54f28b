// SPDX-License-Identifier: Apache-2.0

package import SwarmControl
package import SwarmKitProtobuf
package import SwarmModel

extension SessionRequest {
  /// Reads a request.
  ///
  /// - Parameters:
  ///   - proto: The message.
  ///   - nodeID: Who sent it, which the connection knows.
  ///   - remoteAddress: The address it came from, without a port.
  ///   - followsHints: Whether the agent reads who leads from a refusal.
  package init(
    _ proto: ProtoSessionRequest,
    nodeID: NodeID,
    remoteAddress: String,
    followsHints: Bool
  ) throws(SwarmError) {
    self.init(
      nodeID: nodeID,
      description: try NodeDescription(proto.description_p),
      // A session id of another manager's making is no error, just unknown.
      sessionID: SessionID(proto.sessionID),
      remoteAddress: remoteAddress,
      followsHints: followsHints
    )
  }

  /// The message that stands for this request; who asks is told beside it.
  package var proto: ProtoSessionRequest {
    get throws(SwarmError) {
      var proto = ProtoSessionRequest()
      proto.description_p = try self.description.proto
      proto.sessionID = self.sessionID?.description ?? ""
      return proto
    }
  }
}

extension WeightedPeer: ProtoMapped {
  package init(_ proto: ProtoWeightedPeer) throws(SwarmError) {
    self.init(nodeID: try NodeID(wire: proto.peer.nodeID), address: proto.peer.addr, weight: proto.weight)
  }

  package var proto: ProtoWeightedPeer {
    get throws(SwarmError) {
      var proto = ProtoWeightedPeer()
      proto.peer.nodeID = self.nodeID.description
      proto.peer.addr = self.address
      proto.weight = self.weight
      return proto
    }
  }
}

extension SessionMessage: ProtoMapped {
  package init(_ proto: ProtoSessionMessage) throws(SwarmError) {
    self.init(
      sessionID: try SessionID(wire: proto.sessionID),
      node: proto.hasNode ? try Node(proto.node) : nil,
      managers: try proto.managers.models(),
      rootCA: [UInt8](proto.rootCa)
    )
  }

  package var proto: ProtoSessionMessage {
    get throws(SwarmError) {
      var proto = ProtoSessionMessage()
      proto.sessionID = self.sessionID.description
      if let node = self.node { proto.node = try node.proto }
      proto.managers = try self.managers.protos
      proto.rootCa = .init(wire: self.rootCA)
      return proto
    }
  }
}
