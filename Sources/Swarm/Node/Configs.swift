// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
public import SwarmModel

/// A swarm's configs, seen through one of its managers.
///
/// Calls fail as those of ``Services`` do.
public struct Configs: Sendable {
  let node: SwarmNode

  /// Creates a config.
  @discardableResult
  public func create(_ spec: ConfigSpec) async throws -> ConfigID {
    guard case .object(let text, _) = try await self.node.manager().submit(.createConfig(spec)), let id = ConfigID(text) else {
      throw SwarmError(code: .internalError, message: "the leader gave an answer that doesn't fit the request")
    }
    return id
  }

  /// The config of a full id, a name, or the beginning of an id.
  public func get(_ reference: String) async throws -> SwarmModel.Config {
    try await self.node.manager().read().resolveConfig(reference)
  }

  /// All configs, sorted by id.
  public func list() async throws -> [SwarmModel.Config] {
    try await self.node.manager().read().configs()
  }

  /// Replaces a config's labels; nothing else of a config can change.
  ///
  /// - Parameter version: the version index that the caller read; another write in between makes the call fail with code `outOfSequence`.
  public func update(_ id: ConfigID, version: UInt64, spec: ConfigSpec) async throws {
    _ = try await self.node.manager().submit(.updateConfig(reference: id.description, version: version, spec: spec))
  }

  /// Removes a config that no service uses.
  public func remove(_ reference: String) async throws {
    _ = try await self.node.manager().submit(.removeConfig(reference: reference))
  }
}
