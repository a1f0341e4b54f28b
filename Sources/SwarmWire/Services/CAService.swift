// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmKitProtobuf
internal import SwarmModel

/// Tells what nodes must know before they can trust anybody, and managers how to open their keys.
struct CAService<Backend: ManagerBackend>: ProtoCA.ServiceProtocol {
  let backend: Backend

  func getRootCACertificate(
    request: ServerRequest<ProtoGetRootCACertificateRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoGetRootCACertificateResponse> {
    var response = ProtoGetRootCACertificateResponse()
    response.certificate = .init(wire: try await self.backend.rootCertificates())
    return ServerResponse(message: response)
  }

  func getUnlockKey(
    request: ServerRequest<ProtoGetUnlockKeyRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ProtoGetUnlockKeyResponse> {
    let (key, version) = try await self.backend.unlockKey()
    var response = ProtoGetUnlockKeyResponse()
    response.unlockKey = .init(wire: key)
    response.version.index = version.index
    return ServerResponse(message: response)
  }
}
