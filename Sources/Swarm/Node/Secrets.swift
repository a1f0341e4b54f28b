// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
public import SwarmModel

/// A swarm's secrets, seen through one of its managers.
///
/// Calls fail as those of ``Services`` do.
public struct Secrets: Sendable {
  let node: SwarmNode

  /// Creates a secret.
  @discardableResult
  public func create(_ spec: SecretSpec) async throws -> SecretID {
    guard case .object(let text, _) = try await self.node.manager().submit(.createSecret(spec)), let id = SecretID(text) else {
      throw SwarmError(code: .internalError, message: "the leader gave an answer that doesn't fit the request")
    }
    return id
  }

  /// The secret of a full id, a name, or the beginning of an id; without its data, which only the nodes that need it get to see.
  public func get(_ reference: String) async throws -> SwarmModel.Secret {
    try await self.node.manager().read().resolveSecret(reference).withoutData
  }

  /// All secrets, sorted by id; without its data, which only the nodes that need it get to see.
  public func list() async throws -> [SwarmModel.Secret] {
    try await self.node.manager().read().secrets().map(\.withoutData)
  }

  /// Replaces a secret's labels; nothing else of a secret can change.
  ///
  /// - Parameter version: the version index that the caller read; another write in between makes the call fail with code `outOfSequence`.
  public func update(_ id: SecretID, version: UInt64, spec: SecretSpec) async throws {
    _ = try await self.node.manager().submit(.updateSecret(reference: id.description, version: version, spec: spec))
  }

  /// Removes a secret that no service uses.
  public func remove(_ reference: String) async throws {
    _ = try await self.node.manager().submit(.removeSecret(reference: reference))
  }
}

extension Secret {
  /// The secret as everybody may see it.
  var withoutData: Secret {
    var secret = self
    secret.spec.data = []
    return secret
  }
}
