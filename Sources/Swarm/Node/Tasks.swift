// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
public import SwarmModel

/// A swarm's tasks, seen through one of its managers.
///
/// Calls fail as those of ``Services`` do.
public struct Tasks: Sendable {
  let node: SwarmNode

  /// The task of a full id, or the beginning of one.
  public func get(_ reference: String) async throws -> SwarmTask {
    try await self.node.manager().read().resolveTask(reference)
  }

  /// All tasks, sorted by id.
  public func list() async throws -> [SwarmTask] {
    try await self.node.manager().read().tasks()
  }
}
