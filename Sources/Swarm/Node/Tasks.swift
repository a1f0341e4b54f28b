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

  /// Why a task has no node, or where one more like it would fit: how many nodes fail which condition, and which nodes miss least.
  ///
  /// - Parameters:
  ///   - reference: The full id, or the beginning of one.
  ///   - limit: How many near misses are listed.
  /// - Throws: `notFound` when there is no such task.
  public func explain(_ reference: String, nearest limit: Int = 3) async throws -> PlacementExplanation {
    let store = try await self.node.manager().read()
    let task = try store.resolveTask(reference)
    guard let explanation = store.explainPlacement(of: task.id, nearest: limit) else {
      throw SwarmError(code: .notFound, message: "task \(reference) not found")
    }
    return explanation
  }
}
