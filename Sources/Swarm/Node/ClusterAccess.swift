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

  /// Replaces the cluster's settings, and what follows from them.
  ///
  /// - ``SwarmModel/EncryptionConfig/autoLockManagers`` makes an unlock key, with which all managers seal their keys, or drops it.
  /// - Another ``SwarmModel/CAConfig/forceRotate``, or a root certificate with its key, begins the move to another root: nodes renew their
  ///   certificates one after the other, and when all have, the new root is the one that they trust and join tokens speak of
  ///   (``SwarmModel/RootCA/rootRotation`` tells how far that is).
  ///
  /// - Parameters:
  ///   - version: the version index that the caller read; another write in between makes the call fail with code `outOfSequence`.
  ///   - spec: the settings.
  ///   - secrets: what to make anew in the same step.
  public func update(version: UInt64, spec: ClusterSpec, rotating secrets: Set<RotatableSecret> = []) async throws {
    let manager = try self.node.manager()
    let cluster = try await self.get()
    let change = try ClusterChange(of: cluster, to: spec, rotating: secrets, now: self.node.clock.time)
    _ = try await manager.submit(.changeCluster(version: version, change))
  }

  /// Makes new join tokens; the old ones let nobody in any more, and members stay members.
  ///
  /// - Parameter roles: whose tokens to replace.
  public func rotateJoinTokens(_ roles: Set<NodeRole>) async throws {
    while true {
      let cluster = try await self.get()
      do {
        return try await self.update(
          version: cluster.meta.version.index,
          spec: cluster.spec,
          rotating: Set(roles.map(RotatableSecret.joinToken))
        )
      } catch let error as SwarmError where error.code == .outOfSequence {
        // Something else of the cluster was changed meanwhile.
        continue
      }
    }
  }

  /// The key that locked managers are opened with, `SWMKEY-1-…`; empty when managers aren't locked.
  public func unlockKey() async throws -> String {
    try await self.get().unlockKey?.text ?? ""
  }
}
