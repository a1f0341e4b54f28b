// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOPosix
internal import SwarmAgent
internal import SwarmIdentity
public import SwarmModel
internal import SwarmWire
internal import Synchronization

extension SwarmNode {
  /// Starts a new swarm with this node as its first manager, or, when the request says so, starts a swarm over that lost its other managers.
  ///
  /// - Returns: this node's id.
  /// - Throws: ``SwarmError``; `unavailable` when this node is in a swarm already, `failedPrecondition` when it can't listen,
  ///   `invalidArgument` for a specification of a cluster that isn't one.
  @discardableResult
  public func initialize(_ request: InitializeRequest = InitializeRequest()) async throws -> NodeID {
    if request.forcesNewCluster, let membership = self.state.withLock(\.membership) {
      return try await self.startOver(membership, request)
    }
    try request.spec.validate()
    return try await self.enter { directory in
      var ids = IdentifierGenerator(seed: .random(in: 0 ... .max))
      var identity = NodeIdentity()
      let clusterID: ClusterID = ids.make()
      identity.nodeID = ids.make()
      identity.clusterID = clusterID
      identity.role = .manager
      identity.raftID = 1
      identity.isFounder = true
      identity.clusterSpec = request.spec
      identity.availability = request.availability ?? self.configuration.availability
      identity.requestedAdvertiseAddress = request.advertiseAddress
      let founding = try Founding(
        node: identity.nodeID,
        cluster: clusterID,
        spec: request.spec,
        now: self.clock.time
      )
      let certificates = try NodeCertificates(storing: founding.credentials, in: directory)
      return try await self.withPort(
        listen: request.listenAddress,
        advertise: request.advertiseAddress,
        identity,
        certificates
      ) { identity, port in
        try self.membership(identity, certificates, founding: founding, in: directory, port: port)
      }
    }
  }

  /// Joins an existing swarm.
  ///
  /// The token says which swarm this is, and which role the node gets.
  ///
  /// - Throws: ``SwarmError``; `unavailable` when this node is in a swarm already or no manager answers, `invalidArgument` for
  ///   addresses that aren't any and tokens that aren't right, `permissionDenied` when the manager isn't one of the token's swarm.
  public func join(_ request: JoinRequest) async throws {
    guard !request.remoteAddresses.isEmpty else {
      throw SwarmError(code: .invalidArgument, message: "at least 1 address of a manager to join must be specified")
    }
    let remotes = try request.remoteAddresses.map { text throws(SwarmError) in
      try NetworkAddress(text, defaultPort: SwarmNodeConfiguration.defaultPort).description
    }
    _ = try await self.enter { directory in
      let token = try JoinToken(request.token)
      var identity = NodeIdentity()
      identity.availability = request.availability ?? self.configuration.availability
      identity.managers = remotes
      identity.requestedListenAddress = request.listenAddress
      identity.requestedAdvertiseAddress = request.advertiseAddress
      let gate = Gate(
        remotes: remotes,
        token: token,
        patience: self.configuration.requestTimeout,
        clock: self.clock
      )
      let credentials = try await gate.enter(availability: identity.availability)
      let certificates = try NodeCertificates(storing: credentials, in: directory)
      identity.nodeID = credentials.identity.nodeID
      identity.clusterID = credentials.identity.clusterID
      identity.role = credentials.identity.role
      guard identity.role == .manager else {
        return try self.membership(identity, certificates, in: directory, port: nil)
      }
      return try await self.withPort(
        listen: request.listenAddress,
        advertise: request.advertiseAddress,
        identity,
        certificates
      ) { identity, port in
        identity.raftID = try await gate.joinRaft(identity, security: certificates.security).raftID
        return try self.membership(identity, certificates, in: directory, port: port)
      }
    }
  }

  /// Leaves the swarm: this node's tasks are stopped and everything that it knows of the swarm is deleted.
  ///
  /// - Parameter force: needed on a manager.
  /// - Throws: ``SwarmError``; `notInSwarm` outside a swarm, `unavailable` on a manager without `force`.
  public func leave(force: Bool = false) async throws {
    if self.state.withLock(\.isLocked) { return try self.leaveLocked(force: force) }
    guard let membership = self.state.withLock(\.membership) else {
      throw SwarmError(code: .notInSwarm, message: "This node is not part of a swarm")
    }
    if let manager = membership.manager {
      guard force else { throw manager.leaveWarning }
      await manager.leaveGroup()
    }
    await membership.shutdown(stoppingTasks: true)
    await membership.ended()
    try self.state.withLock { state throws(SwarmError) in
      state.membership = nil
      state.error = ""
      try state.directory?.wipe()
    }
  }

  /// Goes on in the swarm that the state directory tells of, if there is one; a manager whose keys are sealed waits for the key.
  func resume(unlockedWith key: UnlockKey? = nil) async throws {
    let (resumed, directory) = self.state.withLock { ($0.resumed, $0.directory) }
    guard var resumed, let directory else { return }
    if key == nil, try NodeCertificates.areLocked(in: directory) {
      self.logger.notice("this manager's keys are sealed: it waits to be unlocked")
      return self.state.withLock { $0.isLocked = true }
    }
    var port: ManagerPort?
    let certificates = try NodeCertificates(storedIn: directory, unlockedWith: key)
    if resumed.role == .worker {
      // A demotion may have been interrupted.
      try directory.wipeLog()
      try certificates.forgetLog()
    } else {
      if resumed.isStartingOver { try await self.giveUpOthers(resumed, certificates, in: directory) }
      let opened = try await ManagerPort.reopen(
        at: self.configuration.listenAddress(before: NetworkAddress(resumed.listenAddress)),
        certificates: certificates,
        clock: self.clock,
        logger: self.logger
      )
      self.spawn { try await opened.run() }
      port = opened
      let moved = try self.moved(resumed, to: opened.address)
      if moved != resumed { try directory.write(moved) }
      resumed = moved
    }
    let membership = try self.membership(resumed, certificates, in: directory, port: port)
    self.state.withLock { state in
      state.membership = membership
      state.resumed = nil
    }
    self.spawn { try await membership.run() }
    if resumed.isStartingOver {
      self.spawn {
        try await membership.ready()
        try await self.finishStartingOver(membership)
      }
    }
  }

  /// A manager, listening where it does now; the group hears of it when it is reached.
  private func moved(_ identity: NodeIdentity, to address: String) throws(SwarmError) -> NodeIdentity {
    var moved = identity
    moved.listenAddress = address
    if address != identity.listenAddress || self.configuration.advertiseAddress != nil {
      moved.advertiseAddress = try self.configuration
        .advertiseAddress(requested: identity.requestedAdvertiseAddress, listen: NetworkAddress(address)).description
    }
    guard moved.advertiseAddress != identity.advertiseAddress else { return moved }
    self.logger.notice(
      "this manager has moved",
      metadata: ["from": "\(identity.advertiseAddress)", "to": "\(moved.advertiseAddress)"]
    )
    return moved
  }

  /// Makes a membership of what the state directory says.
  func membership(
    _ identity: NodeIdentity,
    _ certificates: NodeCertificates,
    founding: Founding? = nil,
    in directory: StateDirectory,
    port: ManagerPort?
  ) throws(SwarmError) -> Membership {
    var office: NodePlace.Office?
    if let port {
      office = NodePlace.Office(
        manager: try self.manager(identity, certificates, founding: founding, in: directory, port: port),
        port: port
      )
    }
    let place = NodePlace(identity, office: office, in: directory)
    let view = AgentView()
    let agent = SwarmAgent(
      configuration: SwarmAgentConfiguration(
        nodeID: identity.nodeID,
        stateDirectory: directory.agent,
        managers: (office == nil ? [] : [identity.advertiseAddress]) + identity.managers,
        // Hears of it at once, and must not do anything else then than what it is told by this node a moment later.
        onGracefulShutdown: self.configuration.stopsTasksOnShutdown ? .stopTasks : .leaveRunning
      ),
      runtime: NodeRuntime(runtime: self.runtime, hostname: self.configuration.hostname),
      connector: NetworkConnector(
        security: certificates.security,
        group: MultiThreadedEventLoopGroup.singleton
      ),
      logger: self.logger,
      tlsInfo: { certificates.credentials.tlsInfo },
      onSessionMessage: { message in
        if view.received(message) { self.remember(view.managers, place) }
      }
    )
    let gossip = NodeGossip(
      place: place,
      configuration: self.configuration,
      security: certificates.security,
      agent: agent,
      view: view,
      peerFile: directory.gossipPeers,
      logger: self.logger
    )
    let renewal = CertificateRenewal(
      certificates: certificates,
      managers: {
        let identity = place.identity
        let members = place.manager?.leadership.withLock { $0.members.values.map(\.address).sorted() } ?? []
        let known = members.isEmpty ? view.managers.map(\.address) : members
        return known.isEmpty ? identity.managers + [identity.advertiseAddress].filter { !$0.isEmpty } : known
      },
      patience: self.configuration.requestTimeout,
      clock: self.clock,
      logger: self.logger,
      renewed: { agent.certificateChanged() }
    )
    return Membership(
      place: place,
      certificates: certificates,
      agent: agent,
      gossip: gossip,
      renewal: renewal,
      view: view,
      logger: self.logger,
      obey: { message, membership in try await self.obey(message, membership, in: directory) }
    )
  }

  /// Makes the manager of a node, behind its port.
  func manager(
    _ identity: NodeIdentity,
    _ certificates: NodeCertificates,
    founding: Founding? = nil,
    in directory: StateDirectory,
    port: ManagerPort
  ) throws(SwarmError) -> Manager {
    let manager = try Manager(
      identity: identity,
      certificates: certificates,
      founding: founding,
      directory: directory,
      configuration: self.configuration,
      clock: self.clock,
      eventLoop: port.eventLoop,
      logger: self.logger
    )
    port.install(manager)
    return manager
  }

  // MARK: - Pieces

  /// A node that starts again must find managers even when the one that it joined through is gone, or it is no manager itself any more.
  private func remember(_ managers: [LocalNodeStatus.Manager], _ place: NodePlace) {
    guard !managers.isEmpty else { return }
    do {
      try place.change { $0.managers = managers.map(\.address) }
    } catch {
      self.logger.warning("the managers' addresses can't be stored: \(error.message)")
    }
  }

  /// Enters a swarm: at most one way in at a time; on failure everything is as it was.
  private func enter(_ body: (StateDirectory) async throws -> Membership) async throws -> NodeID {
    try self.open()
    let directory = try self.state.withLock { state throws(SwarmError) in
      guard let directory = state.directory else {
        throw SwarmError(code: .unavailable, message: "the node isn't running")
      }
      guard state.membership == nil, state.resumed == nil, !state.isPending else {
        throw SwarmError(
          code: .unavailable,
          message: "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one."
        )
      }
      state.isPending = true
      return directory
    }
    defer { self.state.withLock { $0.isPending = false } }
    let membership: Membership
    do {
      membership = try await body(directory)
    } catch {
      // A certificate may be there already.
      try directory.wipe()
      throw error
    }
    do {
      // As it is by now: the leader may have told something already.
      try directory.write(membership.identity)
      self.state.withLock { $0.membership = membership }
      self.spawn { try await membership.run() }
      try await membership.ready()
    } catch {
      await membership.shutdown(stoppingTasks: true)
      self.state.withLock { $0.membership = nil }
      try directory.wipe()
      throw error
    }
    return membership.identity.nodeID
  }

  /// Takes the manager's port and serves it while `body` goes on; the port stays open when `body` succeeds.
  private func withPort(
    listen: String?,
    advertise: String?,
    _ identity: NodeIdentity,
    _ certificates: NodeCertificates,
    _ body: (inout NodeIdentity, ManagerPort) async throws -> Membership
  ) async throws -> Membership {
    let address = try self.configuration.listenAddress(requested: listen, advertised: advertise)
    let port = try await ManagerPort.open(at: address, certificates: certificates, logger: self.logger)
    var identity = identity
    identity.listenAddress = port.address
    self.spawn { try await port.run() }
    do {
      identity.advertiseAddress = try self.configuration
        .advertiseAddress(requested: advertise, listen: NetworkAddress(port.address)).description
      return try await body(&identity, port)
    } catch {
      port.close()
      throw error
    }
  }
}
