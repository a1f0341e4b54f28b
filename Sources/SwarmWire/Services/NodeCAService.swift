// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmKitProtobuf
internal import SwarmModel

/// Gives nodes their certificates: the first one for a join token, the next ones for the one before.
struct NodeCAService<Backend: ManagerBackend>: ProtoNodeCA.ServiceProtocol {
  let backend: Backend

  func issueNodeCertificate(
    request: ServerRequest<ProtoIssueNodeCertificateRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoIssueNodeCertificateResponse> {
    let caller = Caller(metadata: request.metadata, context: context)
    let node = try await self.backend.issueCertificate(
      CertificateApplication(
        csr: [UInt8](request.message.csr),
        token: request.message.token,
        // Roles aren't asked for: the token tells, or the cluster knows.
        availability: NodeSpec.Availability(wire: request.message.availability),
        canManage: request.metadata[stringValues: MetadataKey.managing].contains { _ in true },
        caller: caller.identity,
        address: caller.address,
        isForwarded: caller.isForwarded
      )
    )
    var response = ProtoIssueNodeCertificateResponse()
    response.nodeID = node.description
    response.nodeMembership = .accepted
    return ServerResponse(message: response)
  }

  func nodeCertificateStatus(
    request: ServerRequest<ProtoNodeCertificateStatusRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoNodeCertificateStatusResponse> {
    let certificate = try await self.backend.certificate(of: NodeID(wire: request.message.nodeID))
    var response = ProtoNodeCertificateStatusResponse()
    response.certificate = try certificate.proto
    response.status = response.certificate.status
    return ServerResponse(message: response)
  }
}
