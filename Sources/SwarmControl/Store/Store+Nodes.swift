// SPDX-License-Identifier: Apache-2.0
internal import HashTreeCollections
internal import SwarmModel

extension Store {
  mutating func updateCluster(
    expected: Version?,
    _ spec: ClusterSpec,
    _ application: inout Application
  ) throws(SwarmError) {
    guard var cluster = self.cluster else { throw SwarmError(code: .notFound, message: "cluster not found") }
    try Self.check(expected, against: cluster.meta)
    cluster.spec = spec
    self.put(cluster, &application)
  }

  mutating func replaceRootCA(
    expected: Version?,
    _ rootCA: RootCA,
    _ application: inout Application
  ) throws(SwarmError) {
    guard var cluster = self.cluster else { throw SwarmError(code: .notFound, message: "cluster not found") }
    try Self.check(expected, against: cluster.meta)
    cluster.rootCA = rootCA
    self.put(cluster, &application)
  }

  mutating func changeCluster(
    expected: Version?,
    _ change: ClusterChange,
    _ application: inout Application
  ) throws(SwarmError) {
    guard let cluster = self.cluster else { throw SwarmError(code: .notFound, message: "cluster not found") }
    try Self.check(expected, against: cluster.meta)
    self.put(change.applied(to: cluster), &application)
  }

  mutating func updateNode(
    _ id: NodeID,
    expected: Version?,
    _ spec: NodeSpec,
    _ application: inout Application
  ) throws(SwarmError) {
    guard var node = self.node(id) else { throw Self.notFound("node", id) }
    try Self.check(expected, against: node.meta)
    if node.spec.desiredRole == .manager, spec.desiredRole == .worker {
      let managers = self.nodesByID.values.lazy.filter { $0.value.spec.desiredRole == .manager }
      guard managers.prefix(2).count > 1 else {
        throw SwarmError(
          code: .failedPrecondition,
          message: "attempting to demote the last manager of the swarm"
        )
      }
    }
    node.spec = spec
    self.put(node, &application)
  }

  mutating func apply(_ changes: [NodeStatusChange], _ application: inout Application) {
    for (item, change) in changes.enumerated() {
      guard let old = self.node(change.id) else {
        application.reject(Self.notFound("node", change.id), item: item)
        continue
      }
      var node = old
      node.status = change.status ?? node.status
      node.description = change.description ?? node.description
      node.managerStatus = change.clearsManagerStatus ? nil : change.managerStatus ?? node.managerStatus
      node.role = change.role ?? node.role
      node.certificate = change.certificate ?? node.certificate
      if node != old {
        self.put(node, &application)
      }
    }
  }

  /// Removes a node, as SwarmKit does: never a member of the consensus group, and a live one only when forced.
  mutating func removeNode(_ id: NodeID, force: Bool, _ application: inout Application) throws(SwarmError) {
    guard let node = self.nodesByID[id] else { throw Self.notFound("node", id) }
    guard node.value.managerStatus == nil else {
      throw SwarmError(
        code: .failedPrecondition,
        message: "node \(id) is a cluster manager and is a member of the raft cluster. "
          + "It must be demoted to worker before removal"
      )
    }
    let isGone = node.value.status.state == .down || node.value.status.state == .disconnected
    guard force || isGone else {
      throw SwarmError(
        code: .failedPrecondition,
        message: "node \(id) is not down and can't be removed"
      )
    }
    self.remove(node, &application)
    for task in self.taskIDs(on: id) {
      guard let old = self.tasksByID[task], old.value.status.state < .complete else { continue }
      var orphan = old.value
      orphan.status.state = .orphaned
      orphan.status.timestamp = application.time
      orphan.status.message = "the task's node was removed"
      self.put(orphan, replacing: old, &application)
    }
  }

  static func notFound(_ kind: String, _ id: some CustomStringConvertible) -> SwarmError {
    SwarmError(code: .notFound, message: "\(kind) \(id) not found")
  }

  /// Refuses a write that was decided on an older version of the object.
  static func check(_ expected: Version?, against meta: Meta) throws(SwarmError) {
    guard let expected, expected != meta.version else { return }
    throw SwarmError(code: .outOfSequence, message: "update out of sequence")
  }
}
