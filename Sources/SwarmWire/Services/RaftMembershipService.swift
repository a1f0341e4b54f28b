// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmKitProtobuf
internal import SwarmModel

/// What managers that come and go call.
struct RaftMembershipService<Backend: ManagerBackend>: ProtoRaftMembership.ServiceProtocol {
  let backend: Backend

  func join(
    request: ServerRequest<ProtoJoinRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoJoinResponse> {
    let caller = Caller(metadata: request.metadata, context: context)
    var address = try NetworkAddress(request.message.addr)
    // As SwarmKit does: who listens on all addresses is reached where the call came from.
    if address.isUnspecified, !caller.address.isEmpty { address.host = caller.address }
    let join = try await self.backend.joinRaft(node: caller.nodeID, address: address.description)
    return ServerResponse(message: try join.proto, metadata: [MetadataKey.cluster: "\(join.clusterID)"])
  }

  func leave(
    request: ServerRequest<ProtoLeaveRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoLeaveResponse> {
    try await self.backend.leaveRaft(raftID: request.message.node.raftID)
    return ServerResponse(message: ProtoLeaveResponse())
  }
}
