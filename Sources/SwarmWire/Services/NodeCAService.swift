// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmKitProtobuf
internal import SwarmModel

/// Lets nodes into the cluster; until there are certificates the answer is an id alone.
struct NodeCAService<Backend: ManagerBackend>: ProtoNodeCA.ServiceProtocol {
  let backend: Backend

  func issueNodeCertificate(
    request: ServerRequest<ProtoIssueNodeCertificateRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoIssueNodeCertificateResponse> {
    let caller = Caller(metadata: request.metadata, context: context)
    let node = try await self.backend.issueNode(
      role: NodeRole(wire: request.message.role),
      availability: NodeSpec.Availability(wire: request.message.availability),
      known: caller.optionalNodeID,
      token: request.message.token
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
    throw SwarmError(code: .unimplemented, message: "this cluster has no certificates yet")
  }
}
