// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import RaftNIO
internal import SwarmControl
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
  private let manager = Mutex<Manager?>(nil)

  /// Takes the port.
  ///
  /// - Throws: `failedPrecondition` when the address can't be had.
  init(at address: NetworkAddress, logger: Logger) async throws(SwarmError) {
    self.eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    self.listener = try await SwarmListener.bind(
      SwarmListener.Configuration(host: address.host, port: address.port),
      on: self.eventLoop,
      logger: logger
    )
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

  func issueNode(
    role: NodeRole,
    availability: NodeSpec.Availability,
    known: NodeID?,
    token: String
  ) async throws -> NodeID {
    try await self.behind().issueNode(role: role, availability: availability, known: known, token: token)
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

  /// That somebody answers is what the question is about.
  func health(service: String) async throws -> Bool { true }
}
