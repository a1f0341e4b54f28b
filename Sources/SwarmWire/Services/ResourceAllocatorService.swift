// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCProtobuf
internal import SwarmModel
internal import SwiftProtobuf

/// Refuses what a Docker Engine asks for `docker run --network` with a network of the swarm, in words that its user reads.
struct ResourceAllocatorService: RegistrableRPCService {
  private static let service = "docker.swarmkit.v1.ResourceAllocator"
  static let methods = ["AttachNetwork", "DetachNetwork"].map { MethodDescriptor(fullyQualifiedService: service, method: $0) }

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for method in Self.methods {
      // What exactly is asked for doesn't matter: an empty message is read from any bytes.
      router.registerHandler(
        forMethod: method,
        deserializer: ProtobufDeserializer<Google_Protobuf_Empty>(),
        serializer: ProtobufSerializer<Google_Protobuf_Empty>()
      ) { _, _ in
        throw SwarmError(
          code: .unimplemented,
          message: "containers outside of services can't be attached to networks of a swift-swarm swarm"
        )
      }
    }
  }
}
