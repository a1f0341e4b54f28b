// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmModel

/// The swarm as a whole: init, join, leave, inspect, update.
struct SwarmRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.post, "swarm/init", handler: self.initialize),
      Route(.post, "swarm/join", handler: self.join),
      Route(.post, "swarm/leave", handler: self.leave),
      Route(.get, "swarm", handler: self.inspect),
      Route(.post, "swarm/update", handler: self.update),
    ]
  }

  private func initialize(_ call: EngineCall) async throws -> EngineReply {
    let body = try call.decode(Engine.InitRequest.self)
    guard !(body.forceNewCluster ?? false) else {
      throw APIFailure.notAvailable("swarms started over with force-new-cluster are")
    }
    guard !(body.autoLockManagers ?? false) else { throw APIFailure.notAvailable("locked managers (autolock) are") }
    try Self.refuseDataPath(address: body.dataPathAddr, port: body.dataPathPort)
    guard body.defaultAddrPool?.isEmpty ?? true else { throw APIFailure.notAvailable("address pools of networks are") }
    let id = try await self.backend.initialize(
      InitializeRequest(
        listenAddress: body.listenAddr?.nonEmpty,
        advertiseAddress: body.advertiseAddr?.nonEmpty,
        spec: try ClusterSpec(body.spec ?? Engine.SwarmSpec(), keeping: ClusterSpec()),
        availability: try Self.availability(body.availability)
      )
    )
    return try .json(id.description)
  }

  private func join(_ call: EngineCall) async throws -> EngineReply {
    let body = try call.decode(Engine.JoinRequest.self)
    try Self.refuseDataPath(address: body.dataPathAddr, port: nil)
    let addresses = (body.remoteAddrs ?? []).filter { !$0.isEmpty }
    guard !addresses.isEmpty else { throw APIFailure.badRequest("at least 1 RemoteAddr is required to join") }
    let request = JoinRequest(
      remoteAddresses: addresses,
      token: body.joinToken ?? "",
      listenAddress: body.listenAddr?.nonEmpty,
      advertiseAddress: body.advertiseAddr?.nonEmpty,
      availability: try Self.availability(body.availability)
    )
    do {
      try await self.backend.join(request)
    } catch let error as SwarmError where error.message == "invalid join token" {
      // Docker's status for a token that isn't one; a wrong one is a bad request.
      throw APIFailure(status: 500, message: error.message)
    }
    return .empty
  }

  private func leave(_ call: EngineCall) async throws -> EngineReply {
    try await self.backend.leave(force: call.query.flag("force"))
    return .empty
  }

  private func inspect(_ call: EngineCall) async throws -> EngineReply {
    let cluster = try await self.backend.cluster()
    var swarm = cluster.apiValue
    swarm.joinTokens = Engine.JoinTokens()
    swarm.joinTokens?.worker = cluster.rootCA.joinTokens.worker
    swarm.joinTokens?.manager = cluster.rootCA.joinTokens.manager
    return try .json(swarm)
  }

  private func update(_ call: EngineCall) async throws -> EngineReply {
    let version = try call.query.version(of: "swarm")
    guard !call.query.flag("rotateManagerUnlockKey") else { throw APIFailure.notAvailable("unlock keys are") }
    let current = try await self.backend.cluster()
    let spec = try ClusterSpec(call.decode(Engine.SwarmSpec.self), keeping: current.spec)
    try await self.backend.updateCluster(version: version, spec: spec)
    var roles: Set<NodeRole> = []
    if call.query.flag("rotateWorkerToken") { roles.insert(.worker) }
    if call.query.flag("rotateManagerToken") { roles.insert(.manager) }
    if !roles.isEmpty { try await self.backend.rotateJoinTokens(roles) }
    return .empty
  }

  private static func availability(_ name: String?) throws(APIFailure) -> NodeSpec.Availability? {
    guard let name = name?.nonEmpty else { return nil }
    guard let availability = NodeSpec.Availability.engineNames.value(name) else {
      throw .badRequest("invalid Availability: \"\(name)\"")
    }
    return availability
  }

  private static func refuseDataPath(address: String?, port: UInt32?) throws(APIFailure) {
    guard (address ?? "").isEmpty, (port ?? 0) == 0 || port == 4789 else {
      throw .notAvailable("data paths of overlay networks are")
    }
  }
}
