// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmIdentity
internal import SwarmModel

/// Stands before all services of a secured port: what ``RPCPermissions`` refuses never reaches one.
struct Authorization: ServerInterceptor {
  let security: NodeSecurity
  let standing: @Sendable (NodeID) -> NodeStanding
  let time: @Sendable () -> Timestamp

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @concurrent @Sendable (
        _ request: StreamingServerRequest<Input>,
        _ context: ServerContext
      ) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let verdict = RPCPermissions.decide(
      context.descriptor.fullyQualifiedMethod,
      by: (context.transportSpecific as? SecuredConnection)?.peer,
      cluster: self.security.credentials.identity.clusterID,
      now: self.time(),
      standing: self.standing
    )
    switch verdict {
    case .refused(let error): throw error
    case .allowed(let identity):
      var context = context
      context.transportSpecific = AuthorizedCaller(identity: identity)
      return try await next(request, context)
    }
  }
}

/// Who makes a call, after authorization.
struct AuthorizedCaller: ServerContext.TransportSpecific {
  /// The node; `nil` for somebody who isn't one (yet).
  var identity: PeerIdentity?
}
