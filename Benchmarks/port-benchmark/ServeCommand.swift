// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import SwarmControl
internal import SwarmModel
internal import SwarmWire

/// A manager's port, in a process of its own whose time and memory can be told; the benchmark starts it.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

  @Option var directory: String

  func run() async throws {
    let listener = try await SwarmListener.bind(
      SwarmListener.Configuration(port: 0),
      security: Identities(in: self.directory).security(of: "manager"),
      on: MultiThreadedEventLoopGroup(numberOfThreads: 1).next(),
      logger: Logger(label: "port") { _ in SwiftLogNoOpLogHandler() }
    )
    FileHandle.standardOutput.write(Data("\(listener.port)\n".utf8))
    try await listener.run(backend: HeartbeatBackend()) { $0.close() }
  }
}

/// Answers heartbeats and nothing else.
struct HeartbeatBackend: ManagerBackend {
  private static let refusal = SwarmError(code: .unimplemented, message: "only heartbeats are answered")

  func standing(of node: NodeID) -> NodeStanding { .undecided }
  func heartbeat(node: NodeID, session: SessionID) async throws -> Duration { .seconds(5) }

  func session(_ request: SessionRequest) async throws -> AsyncThrowingStream<SessionMessage, any Error> { throw Self.refusal }
  func assignments(node: NodeID, session: SessionID) async throws -> AsyncThrowingStream<AssignmentsMessage, any Error> {
    throw Self.refusal
  }
  func updateTaskStatus(node: NodeID, session: SessionID, updates: [TaskStatusUpdate]) async throws { throw Self.refusal }
  func rootCertificates() async throws -> [UInt8] { throw Self.refusal }
  func unlockKey() async throws -> (key: [UInt8], version: Version) { throw Self.refusal }
  func issueCertificate(_ application: CertificateApplication) async throws -> NodeID { throw Self.refusal }
  func certificate(of node: NodeID) async throws -> NodeCertificate { throw Self.refusal }
  func joinRaft(node: NodeID, address: String) async throws -> RaftJoin { throw Self.refusal }
  func leaveRaft(raftID: UInt64) async throws { throw Self.refusal }
  func submit(_ request: [UInt8]) async throws -> [UInt8] { throw Self.refusal }
  func health(service: String) async throws -> Bool { true }
}
