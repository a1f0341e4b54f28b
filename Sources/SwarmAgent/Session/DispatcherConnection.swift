// SPDX-License-Identifier: Apache-2.0

package import SwarmControl
package import SwarmModel
package import SwarmWire

/// What a worker asks of a manager.
///
/// A manager that isn't the leader throws a `SwarmError` whose ``SwarmError/leaderHint`` says who is, if it
/// knows.
package protocol DispatcherConnection: Sendable {
  /// Opens the node's session, or goes on with the one that the request names.
  ///
  /// The stream ends with the session.
  func session(_ request: SessionRequest) async throws -> AsyncThrowingStream<SessionMessage, any Error>

  /// Keeps a session alive; returns the time after which the next heartbeat is due.
  func heartbeat(node: NodeID, session: SessionID) async throws -> Duration

  /// Opens the stream of the node's assignments: first all of them, then every change.
  func assignments(
    node: NodeID,
    session: SessionID
  ) async throws -> AsyncThrowingStream<AssignmentsMessage, any Error>

  /// Reports what the node observed of its tasks.
  func updateTaskStatus(node: NodeID, session: SessionID, updates: [TaskStatusUpdate]) async throws

  /// Opens the stream that tells the node which logs to publish.
  func logOrders(node: NodeID) async throws -> AsyncThrowingStream<LogOrder, any Error>

  /// Publishes what `produce` gives to the closure that it gets.
  func publishLogs(
    node: NodeID,
    _ produce: @escaping @Sendable (_ send: @escaping @Sendable (LogPublication) async throws -> Void) async throws -> Void
  ) async throws

  /// Opens the stream that tells the node what is asked of it beside its tasks' lives.
  func errands(node: NodeID) async throws -> AsyncThrowingStream<Errand, any Error>

  /// Says what is used of the node.
  func answer(_ errand: ErrandID, node: NodeID, usage: NodeUsage) async throws

  /// Runs a command for who asked the manager for it; `run` is cancelled when nobody wants it any more.
  func attend(
    _ errand: ErrandID,
    node: NodeID,
    _ run:
      @escaping @Sendable (
        _ input: AsyncThrowingStream<ExecInput, any Error>,
        _ output: @escaping @Sendable (ExecOutput) async throws -> Void
      ) async throws -> Int32
  ) async throws
}

extension DispatcherConnection {
  /// A manager without logs.
  package func logOrders(node: NodeID) async throws -> AsyncThrowingStream<LogOrder, any Error> {
    throw SwarmError(code: .unimplemented, message: "this manager asks for no logs")
  }

  /// A manager without logs.
  package func publishLogs(
    node: NodeID,
    _ produce: @escaping @Sendable (_ send: @escaping @Sendable (LogPublication) async throws -> Void) async throws -> Void
  ) async throws {
    throw SwarmError(code: .unimplemented, message: "this manager takes no logs")
  }
  /// A manager that asks nothing.
  package func errands(node: NodeID) async throws -> AsyncThrowingStream<Errand, any Error> {
    throw SwarmError(code: .unimplemented, message: "this manager asks nothing of nodes")
  }

  /// A manager that asks nothing.
  package func answer(_ errand: ErrandID, node: NodeID, usage: NodeUsage) async throws {
    throw SwarmError(code: .unimplemented, message: "this manager asks nothing of nodes")
  }

  /// A manager that asks nothing.
  package func attend(
    _ errand: ErrandID,
    node: NodeID,
    _ run:
      @escaping @Sendable (
        _ input: AsyncThrowingStream<ExecInput, any Error>,
        _ output: @escaping @Sendable (ExecOutput) async throws -> Void
      ) async throws -> Int32
  ) async throws {
    throw SwarmError(code: .unimplemented, message: "this manager asks nothing of nodes")
  }
}
