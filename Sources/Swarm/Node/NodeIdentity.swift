// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What a node must not forget while it is part of a swarm.
struct NodeIdentity: Sendable, Hashable {
  var nodeID = NodeID()
  var role = NodeRole.worker
  /// The swarm; a worker isn't told.
  var clusterID: ClusterID?
  /// The member id in the Raft group; 0 on workers.
  var raftID: UInt64 = 0
  /// Whether this node started the swarm and so is the group's first member.
  var isFounder = false
  /// Where the node listens, with the port that it got.
  var listenAddress = ""
  /// Where others reach it.
  var advertiseAddress = ""
  /// The managers that it knew last, as `host:port`.
  var managers: [String] = []
  /// Whether it takes tasks when it is registered anew.
  var availability = NodeSpec.Availability.active
  /// The settings that a founder starts the swarm with.
  var clusterSpec = ClusterSpec()
  /// The listen address that was asked for when the node came; a worker takes it when it is promoted.
  var requestedListenAddress: String?
  /// The address to be reached at that was asked for then.
  var requestedAdvertiseAddress: String?
  /// The version of the node object that told the present role.
  var roleVersion = Version.zero
  /// Whether the node is starting the swarm over alone, without the managers that are lost.
  var isStartingOver = false
}

extension NodeIdentity: WireRecord {
  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.nodeID)
    try fields.visit(2, &self.role)
    try fields.visit(3, &self.clusterID)
    try fields.visit(4, &self.raftID)
    try fields.visit(5, &self.isFounder)
    try fields.visit(6, &self.listenAddress)
    try fields.visit(7, &self.advertiseAddress)
    try fields.visit(8, &self.managers)
    try fields.visit(9, &self.availability)
    try fields.visit(10, &self.clusterSpec)
    try fields.visit(11, &self.requestedListenAddress)
    try fields.visit(12, &self.requestedAdvertiseAddress)
    try fields.visit(13, &self.roleVersion)
    try fields.visit(14, &self.isStartingOver)
  }
}
