// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmControl
internal import SwarmKitProtobuf
internal import SwarmModel

/// What workers call to hear which logs are wanted, and to send them.
struct LogBrokerService<Backend: ManagerBackend>: ProtoLogBroker.ServiceProtocol {
  let backend: Backend

  func listenSubscriptions(
    request: ServerRequest<ProtoListenSubscriptionsRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<ProtoSubscriptionMessage> {
    let caller = Caller(metadata: request.metadata, context: context)
    let orders = try await self.backend.logOrders(node: caller.nodeID)
    return StreamingServerResponse { writer in
      try await Relay.run(orders, to: writer, until: context.cancellation)
      return [:]
    }
  }

  func publishLogs(
    request: StreamingServerRequest<ProtoPublishLogsMessage>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoPublishLogsResponse> {
    let node = try Caller(metadata: request.metadata, context: context).nodeID
    let patience: LogPatience =
      request.metadata[stringValues: MetadataKey.ownConnection].contains { _ in true } ? .endless : .limited
    // A stream is one subscription's, and whoever waits for it must hear of its end, however it ends.
    var open: LogSubscriptionID?
    do {
      for try await message in request.messages {
        let publication = try LogPublication(message)
        guard publication.subscription == open ?? publication.subscription else {
          throw SwarmError(code: .invalidArgument, message: "different subscription IDs in the same session")
        }
        open = publication.subscription
        try await self.backend.publishLogs(publication, node: node, patience: patience)
        if publication.isLast { return ServerResponse(message: ProtoPublishLogsResponse()) }
      }
    } catch {
      if let open { self.backend.logsBroke(off: open, node: node) }
      throw error
    }
    if let open { self.backend.logsBroke(off: open, node: node) }
    return ServerResponse(message: ProtoPublishLogsResponse())
  }
}

/// What other managers call, for who asked them for logs.
struct LogsService<Backend: ManagerBackend>: ProtoLogs.ServiceProtocol {
  let backend: Backend

  func subscribeLogs(
    request: ServerRequest<ProtoSubscribeLogsRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<ProtoSubscribeLogsMessage> {
    let wanted = try LogRequest(request.message)
    return StreamingServerResponse { writer in
      try await Relay.run(until: context.cancellation) {
        try await self.backend.subscribeLogs(wanted) { messages in
          var batch = ProtoSubscribeLogsMessage()
          batch.messages = try messages.protos
          try await writer.write(batch)
        }
      }
      return [:]
    }
  }
}
