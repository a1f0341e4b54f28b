// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
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
}
