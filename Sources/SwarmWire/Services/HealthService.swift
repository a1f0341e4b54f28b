// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmKitProtobuf

/// Tells whether a manager's services can be used.
struct HealthService<Backend: ManagerBackend>: ProtoHealth.ServiceProtocol {
  let backend: Backend

  func check(
    request: ServerRequest<ProtoHealthCheckRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoHealthCheckResponse> {
    var response = ProtoHealthCheckResponse()
    response.status = try await self.backend.health(service: request.message.service) ? .serving : .notServing
    return ServerResponse(message: response)
  }
}
