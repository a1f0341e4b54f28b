// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCProtobuf
internal import SwarmControl
internal import SwarmKitProtobuf
internal import SwarmModel

/// What workers call.
///
/// The calls that carry tasks and their states read and write records themselves; the others go through SwarmKit's generated messages.
struct DispatcherService<Backend: ManagerBackend>: RegistrableRPCService {
  private typealias Method = ProtoDispatcher.Method

  let backend: Backend

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(
      forMethod: Method.Session.descriptor,
      deserializer: ProtobufDeserializer<ProtoSessionRequest>(),
      serializer: ProtobufSerializer<ProtoSessionMessage>()
    ) { try await self.session(request: ServerRequest(stream: $0), context: $1) }
    router.registerHandler(
      forMethod: Method.Heartbeat.descriptor,
      deserializer: ProtobufDeserializer<ProtoHeartbeatRequest>(),
      serializer: ProtobufSerializer<ProtoHeartbeatResponse>()
    ) { StreamingServerResponse(single: try await self.heartbeat(request: ServerRequest(stream: $0), context: $1)) }
    router.registerHandler(
      forMethod: Method.Assignments.descriptor,
      deserializer: ProtobufDeserializer<ProtoAssignmentsRequest>(),
      serializer: RecordSerializer<AssignmentsMessage>()
    ) { try await self.assignments(request: ServerRequest(stream: $0), context: $1) }
    router.registerHandler(
      forMethod: Method.UpdateTaskStatus.descriptor,
      deserializer: RecordDeserializer<TaskStatusReport>(),
      serializer: ProtobufSerializer<ProtoUpdateTaskStatusResponse>()
    ) { StreamingServerResponse(single: try await self.updateTaskStatus(request: ServerRequest(stream: $0), context: $1)) }
    router.registerHandler(
      forMethod: Method.UpdateVolumeStatus.descriptor,
      deserializer: ProtobufDeserializer<ProtoUpdateVolumeStatusRequest>(),
      serializer: ProtobufSerializer<ProtoUpdateVolumeStatusResponse>()
    ) { _, _ in throw SwarmError(code: .unimplemented, message: "cluster volumes aren't supported") }
    router.registerHandler(
      forMethod: Method.Tasks.descriptor,
      deserializer: ProtobufDeserializer<ProtoTasksRequest>(),
      serializer: ProtobufSerializer<ProtoTasksMessage>()
    ) { _, _ in throw SwarmError(code: .unimplemented, message: "Tasks is superseded by Assignments") }
  }

  private func session(
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

  private func heartbeat(
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

  private func assignments(
    request: ServerRequest<ProtoAssignmentsRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<AssignmentsMessage> {
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

  private func updateTaskStatus(
    request: ServerRequest<TaskStatusReport>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoUpdateTaskStatusResponse> {
    let caller = Caller(metadata: request.metadata, context: context)
    try await self.backend.updateTaskStatus(
      node: caller.nodeID,
      session: self.session(request.message.session),
      updates: request.message.updates
    )
    return ServerResponse(message: ProtoUpdateTaskStatusResponse())
  }

  /// Reads the session that a call names; one that can't be a session is answered as SwarmKit does.
  private func session(_ id: String) throws(SwarmError) -> SessionID {
    guard let session = SessionID(id) else {
      throw SwarmError(code: .invalidArgument, message: "session invalid")
    }
    return session
  }
}
