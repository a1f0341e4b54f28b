// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCProtobuf
package import SwarmControl
internal import SwarmKitProtobuf
package import SwarmModel

/// Unlike the client's other streams these are read in the caller's own task, so that a slow reader slows down who writes.
extension ManagerClient {
  package func logOrders(node: NodeID) async throws -> AsyncThrowingStream<LogOrder, any Error> {
    try await self.open(
      ProtoLogBroker.Method.ListenSubscriptions.descriptor,
      ProtoListenSubscriptionsRequest(),
      as: node
    )
  }

  /// Publishes what `produce` gives to the closure that it gets, on this connection, which should carry nothing else.
  package func publishLogs(
    node: NodeID,
    _ produce: @escaping @Sendable (_ send: @escaping @Sendable (LogPublication) async throws -> Void) async throws -> Void
  ) async throws {
    var metadata: Metadata = [MetadataKey.ownConnection: "true"]
    metadata.addString("\(node)", forKey: MetadataKey.node)
    let request = StreamingClientRequest(of: ProtoPublishLogsMessage.self, metadata: metadata) { writer in
      try await produce { try await writer.write($0.proto) }
    }
    try await self.translatingErrors {
      try await self.grpc.clientStreaming(
        request: request,
        descriptor: ProtoLogBroker.Method.PublishLogs.descriptor,
        serializer: ProtobufSerializer<ProtoPublishLogsMessage>(),
        deserializer: ProtobufDeserializer<ProtoPublishLogsResponse>(),
        options: self.options
      ) { response in _ = try response.message }
    }
  }

  package func publishLogs(_ publication: LogPublication, node: NodeID, patience: LogPatience) async throws {
    try await self.publishLogs(node: node) { send in try await send(publication) }
  }

  /// Nothing: the connection's end tells.
  package func logsBroke(off subscription: LogSubscriptionID, node: NodeID) {}

  package func subscribeLogs(
    _ request: LogRequest,
    receive: @escaping @Sendable ([LogMessage]) async throws -> Void
  ) async throws {
    try await self.translatingErrors {
      try await self.grpc.serverStreaming(
        request: self.request(request.proto, as: nil),
        descriptor: ProtoLogs.Method.SubscribeLogs.descriptor,
        serializer: ProtobufSerializer<ProtoSubscribeLogsRequest>(),
        deserializer: ProtobufDeserializer<ProtoSubscribeLogsMessage>(),
        options: self.options
      ) { response in
        for try await part in try response.accepted.get().bodyParts {
          guard case .message(let batch) = part else { continue }
          try await receive(batch.messages.models())
        }
      }
    }
  }
}
