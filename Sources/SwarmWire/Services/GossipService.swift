// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCProtobuf
internal import SwarmKitProtobuf
internal import SwarmModel

/// Tells our nodes how to gossip.
///
/// The call is ours: its messages are bytes in the envelope of ``ForwardService``'s.
struct GossipService<Backend: ManagerBackend>: RegistrableRPCService {
  let backend: Backend

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(
      forMethod: GossipMethod.bootstrap,
      deserializer: ProtobufDeserializer<ProtoSubmitRequest>(),
      serializer: ProtobufSerializer<ProtoSubmitResponse>()
    ) { request, context in
      let caller = Caller(metadata: request.metadata, context: context)
      let bootstrap = try await self.backend.gossipBootstrap(node: caller.nodeID)
      var response = ProtoSubmitResponse()
      response.response = .init(wire: bootstrap.encoded())
      return StreamingServerResponse(single: ServerResponse(message: response))
    }
  }
}

enum GossipMethod {
  static let bootstrap = MethodDescriptor(fullyQualifiedService: "swiftswarm.v1.Gossip", method: "Bootstrap")
}
