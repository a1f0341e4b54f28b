// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
public import SwarmModel
internal import SwarmWire

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

  /// Runs a command beside a running task, on whatever node that is, and returns its exit code.
  ///
  /// ```swift
  /// let code = try await node.tasks.exec(task.id.description, ExecRequest(["ls", "-l"])) { piece in
  ///   if case .stdout(let bytes) = piece { print(String(decoding: bytes, as: UTF8.self), terminator: "") }
  /// }
  /// ```
  ///
  /// The command ends, by force, with the call: when that is cancelled, the input throws, the task ends, its node or the leader is lost.
  ///
  /// - Parameters:
  ///   - reference: the task's full id, or the beginning of one.
  ///   - request: the command.
  ///   - input: what goes to it, for a request that ``SwarmModel/ExecRequest/takesInput`` or has a terminal; when it is over, so is the command's
  ///     standard input.
  ///   - output: takes what the command writes, piece after piece; the command waits meanwhile.
  /// - Returns: the command's exit code; 128 + n after signal n, 126 or 127 when it can't be executed.
  /// - Throws: `notFound` when there is no such task, `failedPrecondition` when it doesn't run or its node is a Docker Engine, `unimplemented` when
  ///   its runtime can't do that, `unavailable` when node or leader is lost.
  public func exec(
    _ reference: String,
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable = AsyncThrowingStream<ExecInput, any Error> { nil },
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    try request.validate()
    let manager = try self.node.manager()
    let task = try await manager.read().resolveTask(reference)
    return try await manager.run(TaskCommand(task: task.id, request: request), input: input, output: output)
  }
}
