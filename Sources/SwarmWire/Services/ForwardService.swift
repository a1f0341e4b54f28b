// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmKitProtobuf

/// Takes requests that reached another manager.
struct ForwardService<Backend: ManagerBackend>: ProtoForward.ServiceProtocol {
  let backend: Backend

  func submit(
    request: ServerRequest<ProtoSubmitRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoSubmitResponse> {
    var response = ProtoSubmitResponse()
    response.response = .init(wire: try await self.backend.submit([UInt8](request.message.request)))
    return ServerResponse(message: response)
  }
}
