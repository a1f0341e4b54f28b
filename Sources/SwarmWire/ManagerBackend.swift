// SPDX-License-Identifier: Apache-2.0

package import SwarmControl
package import SwarmModel

/// What a manager does for other nodes.
///
/// The manager's node implements it, and ``SwarmListener`` offers it on the network; ``ManagerClient``
/// implements it by asking a manager elsewhere. Whatever a method throws beyond `SwarmError` reaches the
/// other side as `internalError`. A manager that isn't the leader throws `unavailable` with the leader's
/// address as ``SwarmError/leaderHint``.
package protocol ManagerBackend: Sendable {
  /// What the manager knows of a node, beyond what its certificate says; asked for every call, so it must not wait for anything.
  func standing(of node: NodeID) -> NodeStanding

  /// Opens a node's session, or goes on with the one that the request names.
  ///
  /// The stream lives until the session ends: normally when the node may come back, with an error when it
  /// must not. It is cancelled when the node hangs up.
  func session(_ request: SessionRequest) async throws -> AsyncThrowingStream<SessionMessage, any Error>

  /// Keeps a session alive; returns the time after which the next heartbeat is due.
  func heartbeat(node: NodeID, session: SessionID) async throws -> Duration

  /// Opens the stream of a node's assignments: first all of them, then every change.
  func assignments(
    node: NodeID,
    session: SessionID
  ) async throws -> AsyncThrowingStream<AssignmentsMessage, any Error>

  /// Reports what a node observed of its tasks.
  func updateTaskStatus(node: NodeID, session: SessionID, updates: [TaskStatusUpdate]) async throws

  /// The root certificates that nodes of the cluster trust, PEM, byte for byte as join tokens speak of them.
  func rootCertificates() async throws -> [UInt8]

  /// The key that locked managers are opened with, and the version of the cluster that has it; empty when managers aren't locked.
  func unlockKey() async throws -> (key: [UInt8], version: Version)

  /// Lets a node into the cluster, or gives a member another certificate; returns which node it is.
  func issueCertificate(_ application: CertificateApplication) async throws -> NodeID

  /// How far a node's certificate is; waits until it is there.
  func certificate(of node: NodeID) async throws -> NodeCertificate

  /// Adds a manager to the consensus group, or tells a member that asks again what it was told before.
  func joinRaft(node: NodeID, address: String) async throws -> RaftJoin

  /// Takes a manager out of the consensus group.
  func leaveRaft(raftID: UInt64) async throws

  /// Carries out an encoded request that reached another manager.
  ///
  /// Throws `outcomeUnknown` when the connection was lost meanwhile; asking again with the same bytes is
  /// safe.
  func submit(_ request: [UInt8]) async throws -> [UInt8]

  /// Tells a node of the swarm how to gossip with the others; any manager can.
  func gossipBootstrap(node: NodeID) async throws -> GossipBootstrap

  /// Whether a service of the manager (such as `Raft`) can be used.
  func health(service: String) async throws -> Bool

  /// Opens the stream that tells a node which logs to publish.
  func logOrders(node: NodeID) async throws -> AsyncThrowingStream<LogOrder, any Error>

  /// Takes lines that a node publishes; waits while those before them are still to be read.
  ///
  /// Throws `notFound` when nobody wants them any more.
  func publishLogs(_ publication: LogPublication, node: NodeID, patience: LogPatience) async throws

  /// What a node published for a subscription ended before it was complete.
  func logsBroke(off subscription: LogSubscriptionID, node: NodeID)

  /// Hands out logs until all that was asked for has been handed out; throws `dataLoss` when some of it couldn't be had.
  func subscribeLogs(_ request: LogRequest, receive: @escaping @Sendable ([LogMessage]) async throws -> Void) async throws

  /// Opens the stream that tells a node what is asked of it beside its tasks' lives.
  func errands(node: NodeID) async throws -> AsyncThrowingStream<Errand, any Error>

  /// Brings a node that runs a command together with who asked for it, until the command has ended.
  ///
  /// - Parameters:
  ///   - events: what comes from the command.
  ///   - send: takes what goes to it.
  /// - Throws: `notFound` when nobody waits for it any more.
  func attend(
    _ errand: ErrandID,
    node: NodeID,
    events: AsyncThrowingStream<ExecEvent, any Error>,
    send: @escaping @Sendable (ExecInput) async throws -> Void
  ) async throws

  /// Takes what a node says that is used of it.
  func answer(_ errand: ErrandID, node: NodeID, usage: NodeUsage) async throws

  /// What is used of nodes now; of all when none are named. Nodes that don't answer in time are missing.
  func usages(of nodes: [NodeID]) async throws -> [NodeUsage]

  /// Runs a command beside a task, wherever the task is, and returns its exit code.
  ///
  /// The command ends with the call: when this is cancelled, the input throws, or the task or its node ends.
  ///
  /// - Parameters:
  ///   - input: what goes to the command; read until the command has ended.
  ///   - output: takes what comes from it, piece after piece.
  func exec(
    _ command: TaskCommand,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32
}

/// How long lines may wait for a reader that doesn't read.
package enum LogPatience: Sendable, Hashable {
  /// For ever: nothing else comes over their connection.
  case endless
  /// Not for long: the node's heartbeats come over the same connection, and would wait behind them. Lines are dropped then, and counted.
  case limited
}

extension ManagerBackend {
  /// A manager that doesn't gossip.
  package func gossipBootstrap(node: NodeID) async throws -> GossipBootstrap {
    throw SwarmError(code: .unimplemented, message: "this manager doesn't gossip")
  }

  /// A manager that has no logs.
  package func logOrders(node: NodeID) async throws -> AsyncThrowingStream<LogOrder, any Error> { throw SwarmError.noLogs }

  /// A manager that has no logs.
  package func publishLogs(_ publication: LogPublication, node: NodeID, patience: LogPatience) async throws {
    throw SwarmError.noLogs
  }

  /// A manager that has no logs.
  package func logsBroke(off subscription: LogSubscriptionID, node: NodeID) {}

  /// A manager that has no logs.
  package func subscribeLogs(
    _ request: LogRequest,
    receive: @escaping @Sendable ([LogMessage]) async throws -> Void
  ) async throws {
    throw SwarmError.noLogs
  }

  /// A manager that asks nothing of nodes.
  package func errands(node: NodeID) async throws -> AsyncThrowingStream<Errand, any Error> { throw SwarmError.noErrands }

  /// A manager that asks nothing of nodes.
  package func attend(
    _ errand: ErrandID,
    node: NodeID,
    events: AsyncThrowingStream<ExecEvent, any Error>,
    send: @escaping @Sendable (ExecInput) async throws -> Void
  ) async throws {
    throw SwarmError.noErrands
  }

  /// A manager that asks nothing of nodes.
  package func answer(_ errand: ErrandID, node: NodeID, usage: NodeUsage) async throws { throw SwarmError.noErrands }

  /// A manager that asks nothing of nodes.
  package func usages(of nodes: [NodeID]) async throws -> [NodeUsage] { throw SwarmError.noErrands }

  /// A manager that asks nothing of nodes.
  package func exec(
    _ command: TaskCommand,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    throw SwarmError.noErrands
  }
}

extension SwarmError {
  fileprivate static let noErrands = SwarmError(code: .unimplemented, message: "this manager asks nothing of nodes")
  fileprivate static let noLogs = SwarmError(code: .unimplemented, message: "this manager has no logs")
}
