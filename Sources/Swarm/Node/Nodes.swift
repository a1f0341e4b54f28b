// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
public import SwarmModel

/// A swarm's nodes, seen through one of its managers.
///
/// Calls fail as those of ``Services`` do.
public struct Nodes: Sendable {
  let node: SwarmNode

  /// The node of a full id, a hostname, or the beginning of an id.
  public func get(_ reference: String) async throws -> Node {
    let manager = try self.node.manager()
    return try await manager.leaderMarked(manager.read().resolveNode(reference))
  }

  /// All nodes, sorted by id.
  public func list() async throws -> [Node] {
    let manager = try self.node.manager()
    return try await manager.read().nodes().map(manager.leaderMarked)
  }

  /// Replaces a node's specification.
  ///
  /// Another ``SwarmModel/NodeSpec/desiredRole`` promotes or demotes the node, while its tasks go on: the call returns when that is decided, the
  /// node follows within a second or so, and ``SwarmModel/Node/role`` and ``SwarmModel/Node/managerStatus`` tell how far it is.
  ///
  /// - Parameter version: the version index that the caller read; another write in between makes the call fail with code `outOfSequence`.
  public func update(_ id: NodeID, version: UInt64, spec: NodeSpec) async throws {
    let manager = try self.node.manager()
    try await manager.read().resolveNode(id.description).checkRole(spec.desiredRole)
    _ = try await manager.submit(.updateNode(reference: id.description, version: version, spec: spec))
  }

  /// Removes a node that is down, or, with `force`, any worker.
  public func remove(_ reference: String, force: Bool = false) async throws {
    _ = try await self.node.manager().submit(.removeNode(reference: reference, force: force))
  }
}
