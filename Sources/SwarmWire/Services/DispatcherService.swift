// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmControl
internal import SwarmKitProtobuf
internal import SwarmModel

/// What workers call.
struct DispatcherService<Backend: ManagerBackend>: ProtoDispatcher.ServiceProtocol {
  let backend: Backend

  func session(
    request: ServerRequest<ProtoSessionRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<ProtoSessionMessage> {
    let caller = Caller(metadata: request.metadata, context: context)
    let messages = try await self.backend.session(
      SessionRequest(
        request.message,
        nodeID: caller.nodeID,
        remoteAddress: caller.address,
        followsHints: caller.isOurs
      )
    )
    return StreamingServerResponse { writer in
      try await Relay.run(messages, to: writer, until: context.cancellation)
      return [:]
    }
  }

  func heartbeat(
    request: ServerRequest<ProtoHeartbeatRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoHeartbeatResponse> {
    let caller = Caller(metadata: request.metadata, context: context)
    var response = ProtoHeartbeatResponse()
    response.period = try await self.backend.heartbeat(
      node: caller.nodeID,
      session: self.session(request.message.sessionID)
    ).proto
    return ServerResponse(message: response)
  }

  func assignments(
    request: ServerRequest<ProtoAssignmentsRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<ProtoAssignmentsMessage> {
    let caller = Caller(metadata: request.metadata, context: context)
    let messages = try await self.backend.assignments(
      node: caller.nodeID,
      session: self.session(request.message.sessionID)
    )
    return StreamingServerResponse { writer in
      try await Relay.run(messages, to: writer, until: context.cancellation)
      return [:]
    }
  }

  func updateTaskStatus(
    request: ServerRequest<ProtoUpdateTaskStatusRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoUpdateTaskStatusResponse> {
    let caller = Caller(metadata: request.metadata, context: context)
    try await self.backend.updateTaskStatus(
      node: caller.nodeID,
      session: self.session(request.message.sessionID),
      updates: request.message.updates.models()
    )
    return ServerResponse(message: ProtoUpdateTaskStatusResponse())
  }

  func updateVolumeStatus(
    request: ServerRequest<ProtoUpdateVolumeStatusRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoUpdateVolumeStatusResponse> {
    throw SwarmError(code: .unimplemented, message: "cluster volumes aren't supported")
  }

  func tasks(
    request: ServerRequest<ProtoTasksRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<ProtoTasksMessage> {
    throw SwarmError(code: .unimplemented, message: "Tasks is superseded by Assignments")
  }

  /// Reads the session that a call names; one that can't be a session is answered as SwarmKit does.
  private func session(_ id: String) throws(SwarmError) -> SessionID {
    guard let session = SessionID(id) else {
      throw SwarmError(code: .invalidArgument, message: "session invalid")
    }
    return session
  }
}
