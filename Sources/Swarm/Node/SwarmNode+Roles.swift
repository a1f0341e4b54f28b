// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOPosix
internal import SwarmAgent
internal import SwarmControl
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// What the leader asks of a node: another certificate, other roots to trust, another role. Tasks go on all the while.
///
/// Each step can be done again, and is when the node starts anew and hears from the leader.
extension SwarmNode {
  /// Does what a message asks.
  ///
  /// - Throws: `SwarmError` when something isn't possible yet.
  func obey(_ message: SessionMessage, _ membership: Membership, in directory: StateDirectory) async throws {
    try await self.trust(message.rootCA, membership)
    guard let told = message.node else { return }
    if told.certificate?.status.state == .rotate { try await membership.renewal.renew() }
    // A leader that was deposed and doesn't know it yet tells what is over: a role is left only for what came later.
    let known = max(
      membership.identity.roleVersion,
      membership.manager?.board.store.node(told.id)?.meta.version ?? .zero
    )
    guard told.id == membership.identity.nodeID, told.meta.version >= known else { return }
    switch told.role {
    case .manager: try await self.becomeManager(told, membership, in: directory)
    case .worker: try await self.becomeWorker(told, membership, in: directory)
    }
  }

  // MARK: - Trust

  /// Takes over the swarm's roots, when they vouch for this node itself.
  private func trust(_ pem: [UInt8], _ membership: Membership) async throws {
    let present = membership.certificates.credentials
    guard !pem.isEmpty, pem != present.trustRoots.pem else { return }
    let roots = try TrustRoots(pem: pem)
    guard (try? await roots.verify(chain: present.chain, now: self.clock.time)) != nil else {
      return try await membership.renewal.renew()
    }
    try membership.certificates.trust(roots)
    self.logger.info("the swarm has another root certificate")
    membership.agent.certificateChanged()
  }

  // MARK: - Promotion

  private func becomeManager(_ told: Node, _ membership: Membership, in directory: StateDirectory) async throws {
    if let office = membership.place.office {
      // A member of the group that the leader knows by this id; else the node was out of the group meanwhile, and is let in again.
      guard told.managerStatus?.raftID != membership.identity.raftID else { return }
      let join = try await self.joinRaft(at: membership.identity.advertiseAddress, membership)
      guard join.raftID != membership.identity.raftID else { return }
      await office.manager.shutdown()
      office.port.close()
      membership.place.resign()
    }
    if membership.certificates.credentials.identity.role != .manager { try await membership.renewal.renew() }
    guard membership.certificates.credentials.identity.role == .manager else {
      throw SwarmError(code: .unavailable, message: "the certificate isn't a manager's yet")
    }
    // What an earlier time as a manager left behind isn't the new member's.
    try directory.wipeLog()
    let identity = membership.identity
    let port = try await ManagerPort.reopen(
      at: self.configuration.listenAddress(
        requested: identity.requestedListenAddress,
        advertised: identity.requestedAdvertiseAddress
      ),
      certificates: membership.certificates,
      clock: self.clock,
      logger: self.logger
    )
    self.spawn { try await port.run() }
    do {
      let advertised = try self.configuration.advertiseAddress(
        requested: identity.requestedAdvertiseAddress,
        listen: NetworkAddress(port.address)
      ).description
      let join = try await self.joinRaft(at: advertised, membership)
      try membership.place.change { identity in
        identity.role = .manager
        identity.clusterID = join.clusterID
        identity.raftID = join.raftID
        identity.listenAddress = port.address
        identity.advertiseAddress = advertised
        identity.roleVersion = told.meta.version
      }
      let manager = try self.manager(membership.identity, membership.certificates, in: directory, port: port)
      guard membership.place.take(NodePlace.Office(manager: manager, port: port)) else { throw SwarmError.nodeHasEnded }
      membership.serve(manager)
    } catch {
      port.close()
      throw error
    }
    await membership.gossip.placeChanged()
    self.logger.notice("the node is a manager now")
  }

  private func joinRaft(at address: String, _ membership: Membership) async throws -> RaftJoin {
    let search = LeaderSearch(
      addresses: membership.renewal.managers(),
      patience: self.configuration.requestTimeout,
      clock: self.clock
    )
    return try await search.ask(.mutual(membership.certificates.security)) {
      try await $0.joinRaft(node: membership.identity.nodeID, address: address)
    }
  }

  // MARK: - Demotion

  /// The leader has taken this node out of the group: its log goes, then its certificate.
  private func becomeWorker(_ told: Node, _ membership: Membership, in directory: StateDirectory) async throws {
    if let office = membership.place.office {
      await office.manager.shutdown()
      office.port.close()
      membership.place.resign()
      self.logger.notice("the node is a worker now")
    }
    if membership.identity.role == .manager {
      let managers = membership.view.managers.map(\.address)
      try membership.place.change { identity in
        identity.role = .worker
        identity.raftID = 0
        identity.isFounder = false
        identity.listenAddress = ""
        identity.advertiseAddress = ""
        if !managers.isEmpty { identity.managers = managers }
        identity.roleVersion = told.meta.version
      }
      try directory.wipeLog()
      try membership.certificates.forgetLog()
      await membership.gossip.placeChanged()
    }
    if membership.certificates.credentials.identity.role != .worker { try await membership.renewal.renew() }
  }
}
