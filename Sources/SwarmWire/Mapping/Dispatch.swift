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

extension AssignmentsMessage: ProtoMapped {
  package init(_ proto: ProtoAssignmentsMessage) throws(SwarmError) {
    var changes: [AssignmentChange] = []
    changes.reserveCapacity(proto.changes.count)
    for change in proto.changes {
      guard let object = try AssignmentChange.Object(change.assignment.item) else { continue }
      changes.append(AssignmentChange(action: try .init(wire: change.action), object: object))
    }
    self.init(
      kind: try .init(wire: proto.type),
      appliesTo: proto.appliesTo,
      resultsIn: proto.resultsIn,
      changes: changes
    )
  }

  package var proto: ProtoAssignmentsMessage {
    get throws(SwarmError) {
      var proto = ProtoAssignmentsMessage()
      proto.type = .init(wire: self.kind)
      proto.appliesTo = self.appliesTo
      proto.resultsIn = self.resultsIn
      proto.changes = try self.changes.map { change throws(SwarmError) in
        var proto = ProtoAssignmentChange()
        proto.action = .init(wire: change.action)
        proto.assignment.item = try change.object.proto
        return proto
      }
      return proto
    }
  }
}

extension AssignmentChange.Object {
  /// Reads an assigned object; `nil` for cluster volumes and kinds of a newer version, which no agent of ours
  /// uses.
  init?(_ item: ProtoAssignment.OneOf_Item?) throws(SwarmError) {
    switch item {
    case .task(let task)?:
      _ = try TaskID(wire: task.id)
      self = .task(try SwarmTask(task))
    case .secret(let secret)?:
      _ = try SecretID(wire: secret.id)
      self = .secret(try Secret(secret))
    case .config(let config)?:
      _ = try ConfigID(wire: config.id)
      self = .config(try Config(config))
    case .volume?, nil:
      return nil
    }
  }

  var proto: ProtoAssignment.OneOf_Item {
    get throws(SwarmError) {
      switch self {
      case .task(let task): .task(try task.proto)
      case .secret(let secret): .secret(try secret.proto)
      case .config(let config): .config(try config.proto)
      }
    }
  }
}

extension TaskStatusUpdate: ProtoMapped {
  package init(_ proto: ProtoUpdateTaskStatusRequest.TaskStatusUpdate) throws(SwarmError) {
    self.init(task: try TaskID(wire: proto.taskID), status: try TaskStatus(proto.status))
  }

  package var proto: ProtoUpdateTaskStatusRequest.TaskStatusUpdate {
    get throws(SwarmError) {
      var proto = ProtoUpdateTaskStatusRequest.TaskStatusUpdate()
      proto.taskID = self.task.description
      proto.status = try self.status.proto
      return proto
    }
  }
}
