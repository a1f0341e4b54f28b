// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import RaftNIO
internal import SwarmControl
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// A manager's one port.
///
/// It is open before the manager behind it is ready: a swarm lets a manager in only after it has reached it.
final class ManagerPort: Sendable {
  /// The event loop of the port and of all that comes in through it.
  let eventLoop: any EventLoop
  private let listener: SwarmListener
  private let certificates: NodeCertificates
  private let manager = Mutex<Manager?>(nil)

  private init(eventLoop: any EventLoop, listener: SwarmListener, certificates: NodeCertificates) {
    self.eventLoop = eventLoop
    self.certificates = certificates
    self.listener = listener
  }

  /// Takes the port.
  ///
  /// - Throws: `failedPrecondition` when the address can't be had.
  static func open(
    at address: NetworkAddress,
    certificates: NodeCertificates,
    logger: Logger
  ) async throws(SwarmError) -> ManagerPort {
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let listener = try await SwarmListener.bind(
      SwarmListener.Configuration(host: address.host, port: address.port),
      security: certificates.security,
      on: eventLoop,
      logger: logger
    )
    return ManagerPort(eventLoop: eventLoop, listener: listener, certificates: certificates)
  }

  /// Takes the port that this node had before.
  ///
  /// The one before it may have ended a moment ago, and a process that is just being started (a task, say) holds copies of all sockets until
  /// its program is loaded: an address in use is tried again for two seconds.
  static func reopen(
    at address: NetworkAddress,
    certificates: NodeCertificates,
    clock: NodeClock,
    logger: Logger
  ) async throws -> ManagerPort {
    let deadline = clock.now + .seconds(2)
    while true {
      do {
        return try await self.open(at: address, certificates: certificates, logger: logger)
      } catch {
        guard error.code == .failedPrecondition, clock.now < deadline else { throw error }
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  /// The address, with the port that it got.
  var address: String { self.listener.address }

  /// Says which manager answers from now on.
  func install(_ manager: Manager) {
    self.manager.withLock { $0 = manager }
  }

  /// Serves until ``close()`` or cancellation.
  func run() async throws {
    try await self.listener.run(backend: self) { channel in
      guard let manager = self.manager.withLock(\.self) else {
        return channel.eventLoop.makeFailedFuture(SwarmError.notLeading)
      }
      return manager.raft.accept(channel)
    }
  }

  func close() {
    self.listener.shutdown()
  }

  private func behind() throws(SwarmError) -> Manager {
    guard let manager = self.manager.withLock(\.self) else { throw .notLeading }
    return manager
  }
}

extension ManagerPort: ManagerBackend {
  func session(_ request: SessionRequest) async throws -> AsyncThrowingStream<SessionMessage, any Error> {
    try await self.behind().session(request)
  }

  func heartbeat(node: NodeID, session: SessionID) async throws -> Duration {
    try await self.behind().heartbeat(node: node, session: session)
  }

  func assignments(
    node: NodeID,
    session: SessionID
  ) async throws -> AsyncThrowingStream<AssignmentsMessage, any Error> {
    try await self.behind().assignments(node: node, session: session)
  }

  func updateTaskStatus(node: NodeID, session: SessionID, updates: [TaskStatusUpdate]) async throws {
    try await self.behind().updateTaskStatus(node: node, session: session, updates: updates)
  }

  func standing(of node: NodeID) -> NodeStanding {
    self.manager.withLock(\.self)?.standing(of: node) ?? .undecided
  }

  func rootCertificates() async throws -> [UInt8] {
    try await self.manager.withLock(\.self)?.rootCertificates() ?? self.certificates.credentials.trustRoots.pem
  }

  func unlockKey() async throws -> (key: [UInt8], version: Version) {
    try await self.behind().unlockKey()
  }

  func issueCertificate(_ application: CertificateApplication) async throws -> NodeID {
    try await self.behind().issueCertificate(application)
  }

  func certificate(of node: NodeID) async throws -> NodeCertificate {
    try await self.behind().certificate(of: node)
  }

  func joinRaft(node: NodeID, address: String) async throws -> RaftJoin {
    try await self.behind().joinRaft(node: node, address: address)
  }

  func leaveRaft(raftID: UInt64) async throws {
    try await self.behind().leaveRaft(raftID: raftID)
  }

  func submit(_ request: [UInt8]) async throws -> [UInt8] {
    try await self.behind().submit(request)
  }

  func gossipBootstrap(node: NodeID) async throws -> GossipBootstrap {
    try await self.behind().gossipBootstrap(node: node)
  }

  func logOrders(node: NodeID) async throws -> AsyncThrowingStream<LogOrder, any Error> {
    try await self.behind().logOrders(node: node)
  }

  func publishLogs(_ publication: LogPublication, node: NodeID, patience: LogPatience) async throws {
    try await self.behind().publishLogs(publication, node: node, patience: patience)
  }

  func logsBroke(off subscription: LogSubscriptionID, node: NodeID) {
    self.manager.withLock(\.self)?.logsBroke(off: subscription, node: node)
  }

  func subscribeLogs(
    _ request: LogRequest,
    receive: @escaping @Sendable ([LogMessage]) async throws -> Void
  ) async throws {
    try await self.behind().subscribeLogs(request, receive: receive)
  }

  func errands(node: NodeID) async throws -> AsyncThrowingStream<Errand, any Error> {
    try await self.behind().errands(node: node)
  }

  func attend(
    _ errand: ErrandID,
    node: NodeID,
    events: AsyncThrowingStream<ExecEvent, any Error>,
    send: @escaping @Sendable (ExecInput) async throws -> Void
  ) async throws {
    try await self.behind().attend(errand, node: node, events: events, send: send)
  }

  func exec(
    _ command: TaskCommand,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    try await self.behind().exec(command, input: input, output: output)
  }

  func answer(_ errand: ErrandID, node: NodeID, usage: NodeUsage) async throws {
    try await self.behind().answer(errand, node: node, usage: usage)
  }

  func usages(of nodes: [NodeID]) async throws -> [NodeUsage] { try await self.behind().usages(of: nodes) }

  /// That somebody answers is what the question is about.
  func health(service: String) async throws -> Bool { true }
}
