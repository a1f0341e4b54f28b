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
      Route(.get, "swarm/unlockkey", handler: self.unlockKey),
      Route(.post, "swarm/unlock", handler: self.unlock),
    ]
  }

  private func initialize(_ call: EngineCall) async throws -> EngineReply {
    let body = try call.decode(Engine.InitRequest.self)
    try Self.refuseDataPath(address: body.dataPathAddr, port: body.dataPathPort)
    guard body.defaultAddrPool?.isEmpty ?? true else {
      throw APIFailure.notAvailable("address pools of networks (DefaultAddrPool) are")
    }
    guard [0, 24].contains(body.subnetSize ?? 0) else {
      throw APIFailure.notAvailable("subnets of another size than 24 (SubnetSize) are")
    }
    var spec = try ClusterSpec(body.spec ?? Engine.SwarmSpec(), keeping: ClusterSpec())
    if body.autoLockManagers ?? false { spec.encryptionConfig.autoLockManagers = true }
    let id = try await self.backend.initialize(
      InitializeRequest(
        listenAddress: try RequestedAddress.listening(body.listenAddr),
        advertiseAddress: try RequestedAddress.advertised(body.advertiseAddr),
        spec: spec,
        availability: try Self.availability(body.availability),
        forcesNewCluster: body.forceNewCluster ?? false
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
      listenAddress: try RequestedAddress.listening(body.listenAddr),
      advertiseAddress: try RequestedAddress.advertised(body.advertiseAddr),
      availability: try Self.availability(body.availability)
    )
    do {
      try await self.backend.join(request)
    } catch let error as SwarmError
      where error.message == "invalid join token" || error.message.hasPrefix("remote CA does not match fingerprint")
    {
      // Docker's status for a token that isn't one, or is one of another swarm; one with a wrong secret is a bad request.
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
    let current = try await self.backend.cluster()
    let spec = try ClusterSpec(call.decode(Engine.SwarmSpec.self), keeping: current.spec)
    var secrets: Set<RotatableSecret> = []
    if call.query.flag("rotateWorkerToken") { secrets.insert(.joinToken(.worker)) }
    if call.query.flag("rotateManagerToken") { secrets.insert(.joinToken(.manager)) }
    if call.query.flag("rotateManagerUnlockKey") { secrets.insert(.unlockKey) }
    try await self.backend.updateCluster(version: version, spec: spec, rotating: secrets)
    return .empty
  }

  private func unlockKey(_ call: EngineCall) async throws -> EngineReply {
    var answer = Engine.UnlockKey()
    answer.unlockKey = try await self.backend.unlockKey()
    return try .json(answer)
  }

  private func unlock(_ call: EngineCall) async throws -> EngineReply {
    let body = try call.decode(Engine.UnlockKey.self)
    do {
      try await self.backend.unlock(body.unlockKey ?? "")
    } catch let error as SwarmError where error.code == .permissionDenied {
      // Docker's statuses for a wrong key, and for a node that isn't locked.
      throw APIFailure(status: 401, message: error.message)
    } catch let error as SwarmError where error.code == .failedPrecondition {
      throw APIFailure(status: 409, message: error.message)
    }
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
      throw .notAvailable("data paths of overlay networks (DataPathAddr, DataPathPort) are")
    }
  }
}
