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

  /// What is used of nodes now, and by which task: the nodes are asked when this is called, and otherwise tell nothing.
  ///
  /// Nodes that don't answer within three seconds are missing, and so are Docker Engines.
  ///
  /// - Parameter nodes: which; none are all.
  /// - Returns: sorted by node. How busy something is tells the difference between two answers.
  public func usage(of nodes: [NodeID] = []) async throws -> [NodeUsage] {
    try await self.node.manager().measure(nodes)
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
