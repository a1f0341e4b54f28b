// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
public import SwarmModel

/// A swarm's networks, seen through one of its managers.
///
/// Calls fail as those of ``Services`` do.
public struct Networks: Sendable {
  let node: SwarmNode

  /// Creates a network.
  @discardableResult
  public func create(_ spec: NetworkSpec) async throws -> NetworkID {
    guard case .object(let text, _) = try await self.node.manager().submit(.createNetwork(spec)), let id = NetworkID(text) else {
      throw SwarmError(code: .internalError, message: "the leader gave an answer that doesn't fit the request")
    }
    return id
  }

  /// The network of a full id, a name, or the beginning of an id.
  public func get(_ reference: String) async throws -> SwarmModel.Network {
    try await self.node.manager().read().resolveNetwork(reference)
  }

  /// All networks, sorted by id.
  public func list() async throws -> [SwarmModel.Network] {
    try await self.node.manager().read().networks()
  }

  /// Removes a network that no service uses.
  public func remove(_ reference: String) async throws {
    _ = try await self.node.manager().submit(.removeNetwork(reference: reference))
  }
}
