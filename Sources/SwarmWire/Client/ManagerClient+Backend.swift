// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import NIOCore
package import SwarmControl
internal import SwarmKitProtobuf
package import SwarmModel

extension ManagerClient: ManagerBackend {
  /// Unknown from afar.
  package func standing(of node: NodeID) -> NodeStanding { .undecided }

  package func session(_ request: SessionRequest) async throws -> AsyncThrowingStream<SessionMessage, any Error> {
    try await self.open(ProtoDispatcher.Method.Session.descriptor, request.proto, as: request.nodeID)
  }

  package func heartbeat(node: NodeID, session: SessionID) async throws -> Duration {
    try await self.translatingErrors {
      var request = ProtoHeartbeatRequest()
      request.sessionID = session.description
      let response = try await self.call(
        ProtoDispatcher.Method.Heartbeat.descriptor,
        request,
        as: node,
        answer: ProtoHeartbeatResponse.self
      )
      return Duration(try response.message.period)
    }
  }

  package func assignments(
    node: NodeID,
    session: SessionID
  ) async throws -> AsyncThrowingStream<AssignmentsMessage, any Error> {
    var request = ProtoAssignmentsRequest()
    request.sessionID = session.description
    return try await self.open(
      ProtoDispatcher.Method.Assignments.descriptor,
      request,
      RecordDeserializer<AssignmentsMessage>(),
      as: node
    ) { $0 }
  }

  package func updateTaskStatus(node: NodeID, session: SessionID, updates: [TaskStatusUpdate]) async throws {
    try await self.translatingErrors {
      _ = try await self.call(
        ProtoDispatcher.Method.UpdateTaskStatus.descriptor,
        TaskStatusReport(session: session.description, updates: updates),
        RecordSerializer(),
        as: node,
        answer: ProtoUpdateTaskStatusResponse.self
      )
    }
  }

  package func rootCertificates() async throws -> [UInt8] {
    try await self.translatingErrors {
      let response = try await self.call(
        ProtoCA.Method.GetRootCACertificate.descriptor,
        ProtoGetRootCACertificateRequest(),
        as: nil,
        answer: ProtoGetRootCACertificateResponse.self
      )
      return [UInt8](try response.message.certificate)
    }
  }

  package func unlockKey() async throws -> (key: [UInt8], version: Version) {
    try await self.translatingErrors {
      let response = try await self.call(
        ProtoCA.Method.GetUnlockKey.descriptor,
        ProtoGetUnlockKeyRequest(),
        as: nil,
        answer: ProtoGetUnlockKeyResponse.self
      )
      let message = try response.message
      return ([UInt8](message.unlockKey), Version(index: message.version.index))
    }
  }

  package func certificate(of node: NodeID) async throws -> NodeCertificate {
    try await self.translatingErrors {
      var request = ProtoNodeCertificateStatusRequest()
      request.nodeID = node.description
      let response = try await self.call(
        ProtoNodeCA.Method.NodeCertificateStatus.descriptor,
        request,
        as: nil,
        answer: ProtoNodeCertificateStatusResponse.self
      )
      var certificate = try response.message.certificate
      if try response.message.hasStatus { certificate.status = try response.message.status }
      return try NodeCertificate(certificate)
    }
  }

  /// Asks for a certificate; who asks and from where the connection tells.
  package func issueCertificate(_ application: CertificateApplication) async throws -> NodeID {
    try await self.translatingErrors {
      var request = ProtoIssueNodeCertificateRequest()
      request.csr = .init(wire: application.csr)
      request.availability = .init(wire: application.availability)
      request.token = application.token
      var metadata: Metadata = [:]
      if application.canManage { metadata.addString("1", forKey: MetadataKey.managing) }
      if application.isForwarded { metadata.addString(application.address, forKey: MetadataKey.redirect) }
      let response = try await self.call(
        ProtoNodeCA.Method.IssueNodeCertificate.descriptor,
        request,
        as: nil,
        metadata: metadata,
        answer: ProtoIssueNodeCertificateResponse.self
      )
      return try NodeID(wire: response.message.nodeID)
    }
  }

  package func joinRaft(node: NodeID, address: String) async throws -> RaftJoin {
    try await self.translatingErrors {
      var request = ProtoJoinRequest()
      request.addr = address
      let response = try await self.call(
        ProtoRaftMembership.Method.Join.descriptor,
        request,
        as: node,
        answer: ProtoJoinResponse.self
      )
      let cluster = response.metadata[stringValues: MetadataKey.cluster].first { _ in true } ?? ""
      return try RaftJoin(response.message, clusterID: ClusterID(wire: cluster))
    }
  }

  package func leaveRaft(raftID: UInt64) async throws {
    try await self.translatingErrors {
      var request = ProtoLeaveRequest()
      request.node.raftID = raftID
      _ = try await self.call(
        ProtoRaftMembership.Method.Leave.descriptor,
        request,
        as: nil,
        answer: ProtoLeaveResponse.self
      )
    }
  }

  package func submit(_ request: [UInt8]) async throws -> [UInt8] {
    guard self.channel.isActive else { throw self.lost }
    do {
      var message = ProtoSubmitRequest()
      message.request = .init(wire: request)
      let response = try await self.call(
        ProtoForward.Method.Submit.descriptor,
        message,
        as: nil,
        answer: ProtoSubmitResponse.self
      )
      return [UInt8](try response.message.response)
    } catch let error as RPCError where !error.isAnswer && error.code != .unimplemented {
      // The manager may have got the request; whether it carried it out is known to nobody here.
      if case let error as CancellationError = self.translate(error) { throw error }
      throw SwarmError(
        code: .outcomeUnknown,
        message: "\(self.address) may or may not have carried out the request: \(error.message)",
        cause: error
      )
    } catch {
      throw self.translate(error)
    }
  }

  package func gossipBootstrap(node: NodeID) async throws -> GossipBootstrap {
    try await self.translatingErrors {
      let response = try await self.call(
        GossipMethod.bootstrap,
        ProtoSubmitRequest(),
        as: node,
        answer: ProtoSubmitResponse.self
      )
      return try GossipBootstrap(encoded: [UInt8](response.message.response)[...])
    }
  }

  package func health(service: String) async throws -> Bool {
    try await self.translatingErrors {
      var request = ProtoHealthCheckRequest()
      request.service = service
      let response = try await self.call(
        ProtoHealth.Method.Check.descriptor,
        request,
        as: nil,
        answer: ProtoHealthCheckResponse.self
      )
      return try response.message.status == .serving
    }
  }
}
