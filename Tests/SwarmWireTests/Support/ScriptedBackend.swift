// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import SwarmWire

/// A manager that does what a test says.
struct ScriptedBackend: ManagerBackend {
  var onStanding: @Sendable (NodeID) -> NodeStanding = { _ in .undecided }
  var onSession: @Sendable (SessionRequest) async throws -> AsyncThrowingStream<SessionMessage, any Error> = { _ in
    throw unscripted
  }
  var onHeartbeat: @Sendable (NodeID, SessionID) async throws -> Duration = { _, _ in throw unscripted }
  var onAssignments: @Sendable (NodeID, SessionID) async throws -> AsyncThrowingStream<AssignmentsMessage, any Error> = { _, _ in
    throw unscripted
  }
  var onStatus: @Sendable (NodeID, SessionID, [TaskStatusUpdate]) async throws -> Void = { _, _, _ in throw unscripted }
  var onRoots: @Sendable () async throws -> [UInt8] = { throw unscripted }
  var onUnlockKey: @Sendable () async throws -> (key: [UInt8], version: Version) = { throw unscripted }
  var onIssue: @Sendable (CertificateApplication) async throws -> NodeID = { _ in throw unscripted }
  var onCertificate: @Sendable (NodeID) async throws -> NodeCertificate = { _ in throw unscripted }
  var onJoin: @Sendable (NodeID, String) async throws -> RaftJoin = { _, _ in throw unscripted }
  var onLeave: @Sendable (UInt64) async throws -> Void = { _ in throw unscripted }
  var onSubmit: @Sendable ([UInt8]) async throws -> [UInt8] = { _ in throw unscripted }
  var onHealth: @Sendable (String) async -> Bool = { _ in false }

  var onLogOrders: @Sendable (NodeID) async throws -> AsyncThrowingStream<LogOrder, any Error> = { _ in throw unscripted }
  var onPublish: @Sendable (LogPublication, NodeID, LogPatience) async throws -> Void = { _, _, _ in throw unscripted }
  var onBreak: @Sendable (LogSubscriptionID, NodeID) -> Void = { _, _ in }
  var onSubscribe: @Sendable (LogRequest, @Sendable ([LogMessage]) async throws -> Void) async throws -> Void = { _, _ in
    throw unscripted
  }

  var onErrands: @Sendable (NodeID) async throws -> AsyncThrowingStream<Errand, any Error> = { _ in throw unscripted }
  var onAttend:
    @Sendable (
      ErrandID, NodeID, AsyncThrowingStream<ExecEvent, any Error>, @escaping @Sendable (ExecInput) async throws -> Void
    ) async throws -> Void = { _, _, _, _ in throw unscripted }
  var onExec:
    @Sendable (
      TaskCommand, any AsyncSequence<ExecInput, any Error> & Sendable, @escaping @Sendable (ExecOutput) async throws -> Void
    ) async throws -> Int32 = { _, _, _ in throw unscripted }

  static let unscripted = SwarmError(code: .unimplemented, message: "not in the script")

  func standing(of node: NodeID) -> NodeStanding { self.onStanding(node) }

  func session(_ request: SessionRequest) async throws -> AsyncThrowingStream<SessionMessage, any Error> {
    try await self.onSession(request)
  }

  func heartbeat(node: NodeID, session: SessionID) async throws -> Duration {
    try await self.onHeartbeat(node, session)
  }

  func assignments(node: NodeID, session: SessionID) async throws -> AsyncThrowingStream<AssignmentsMessage, any Error> {
    try await self.onAssignments(node, session)
  }

  func updateTaskStatus(node: NodeID, session: SessionID, updates: [TaskStatusUpdate]) async throws {
    try await self.onStatus(node, session, updates)
  }

  func rootCertificates() async throws -> [UInt8] { try await self.onRoots() }
  func unlockKey() async throws -> (key: [UInt8], version: Version) { try await self.onUnlockKey() }
  func issueCertificate(_ application: CertificateApplication) async throws -> NodeID { try await self.onIssue(application) }
  func certificate(of node: NodeID) async throws -> NodeCertificate { try await self.onCertificate(node) }

  func joinRaft(node: NodeID, address: String) async throws -> RaftJoin { try await self.onJoin(node, address) }
  func leaveRaft(raftID: UInt64) async throws { try await self.onLeave(raftID) }
  func submit(_ request: [UInt8]) async throws -> [UInt8] { try await self.onSubmit(request) }
  func health(service: String) async -> Bool { await self.onHealth(service) }

  func logOrders(node: NodeID) async throws -> AsyncThrowingStream<LogOrder, any Error> { try await self.onLogOrders(node) }
  func publishLogs(_ publication: LogPublication, node: NodeID, patience: LogPatience) async throws {
    try await self.onPublish(publication, node, patience)
  }
  func logsBroke(off subscription: LogSubscriptionID, node: NodeID) { self.onBreak(subscription, node) }
  func subscribeLogs(
    _ request: LogRequest,
    receive: @escaping @Sendable ([LogMessage]) async throws -> Void
  ) async throws {
    try await self.onSubscribe(request, receive)
  }

  func errands(node: NodeID) async throws -> AsyncThrowingStream<Errand, any Error> { try await self.onErrands(node) }
  func attend(
    _ errand: ErrandID,
    node: NodeID,
    events: AsyncThrowingStream<ExecEvent, any Error>,
    send: @escaping @Sendable (ExecInput) async throws -> Void
  ) async throws {
    try await self.onAttend(errand, node, events, send)
  }
  func exec(
    _ command: TaskCommand,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    try await self.onExec(command, input, output)
  }
}

private let unscripted = ScriptedBackend.unscripted
