// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmIdentity
public import SwarmModel

/// The swarm itself, seen through one of its managers.
///
/// Calls fail as those of ``Services`` do.
public struct ClusterAccess: Sendable {
  let node: SwarmNode

  /// The cluster object.
  public func get() async throws -> Cluster {
    guard let cluster = try await self.node.manager().read().cluster else {
      throw SwarmError(code: .unavailable, message: "the swarm is still being set up")
    }
    return cluster
  }

  /// Replaces the cluster's settings.
  ///
  /// - Parameter version: the version index that the caller read; another write in between makes the call fail with code `outOfSequence`.
  public func update(version: UInt64, spec: ClusterSpec) async throws {
    _ = try await self.node.manager().submit(.updateCluster(version: version, spec: spec))
  }

  /// Makes new join tokens; the old ones let nobody in any more, and members stay members.
  ///
  /// - Parameter roles: whose tokens to replace.
  public func rotateJoinTokens(_ roles: Set<NodeRole>) async throws {
    let manager = try self.node.manager()
    var random = SystemRandomNumberGenerator()
    while true {
      let cluster = try await self.get()
      var rootCA = cluster.rootCA
      let roots = try TrustRoots(pem: rootCA.caCert)
      for role in NodeRole.allCases where roles.contains(role) {
        rootCA.joinTokens.rotate(role, roots: roots, using: &random)
      }
      do {
        _ = try await manager.submit(.replaceRootCA(version: cluster.meta.version.index, rootCA))
        return
      } catch let error as SwarmError where error.code == .outOfSequence {
        // Something else of the cluster was changed meanwhile.
        continue
      }
    }
  }
}
