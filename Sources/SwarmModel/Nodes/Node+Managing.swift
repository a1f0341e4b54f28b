// SPDX-License-Identifier: Apache-2.0

extension PluginDescription {
  /// What nodes of this library show among their engine's plugins, so that managers can tell them from Docker Engines.
  package static let swiftSwarm = PluginDescription(type: "Swarm", name: "swift-swarm")
}

extension Node {
  /// Refuses to make a manager of a node that can't be one.
  ///
  /// The managers of a swarm agree through this library's Raft, which a Docker Engine doesn't speak: as a voter it would be one that never answers.
  ///
  /// - Throws: `failedPrecondition` when the node is a Docker Engine and the role is a new one, a manager's.
  package func checkRole(_ role: NodeRole) throws(SwarmError) {
    guard role == .manager, self.spec.desiredRole != .manager, let engine = self.description?.engine else { return }
    guard engine.plugins.contains(.swiftSwarm) else {
      throw SwarmError(
        code: .failedPrecondition,
        message: "node \(self.id) is a Docker Engine, which can be a worker of this swarm, but not a manager"
      )
    }
  }
}
