// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Raft
internal import RaftNIO
internal import SwarmControl
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// What a manager does beside the leader's brain: nodes' roles, root certificates and keys.
extension Manager {
  /// How long a leader seals gossip with one key before it makes the next one; SwarmKit's time.
  static let gossipKeyLife = Duration.seconds(12 * 3600)

  /// Looks whether there is something to do once a second, and at once when the bell rings.
  func performDuties() async throws {
    for await _ in self.duties.bell {
      await self.perform(self.sealKeys)
      await self.perform(self.forgetLogKeys)
      await self.perform(self.announceAddress)
      guard self.leadership.withLock(\.isLeader) else {
        self.nextGossipKey.withLock { $0 = nil }
        continue
      }
      await self.perform(self.assignRoles)
      await self.perform(self.moveRoots)
      await self.perform(self.renewGossipKeys)
      await self.perform(self.addPredefinedNetworks)
    }
  }

  /// A manager that started at another address than before has it written down.
  private func announceAddress() async throws {
    let (isLeader, members) = self.leadership.withLock { ($0.isLeader, $0.members) }
    let context = MemberContext(nodeID: self.identity.nodeID, address: self.identity.advertiseAddress)
    let id = RaftID(self.identity.raftID)
    guard let known = members[id], known != context else { return }
    if isLeader {
      _ = try await self.raft.changeMembership(.update(id, context: context.encoded))
    } else {
      var others = members
      others[id] = nil
      let search = LeaderSearch(
        addresses: Set(others.values.map(\.address) + self.whereabouts.heard.values).sorted(),
        patience: .seconds(1),
        clock: self.clock
      )
      _ = try await search.ask(.mutual(self.certificates.security)) {
        try await $0.joinRaft(node: context.nodeID, address: context.address)
      }
    }
    self.logger.notice("the swarm knows that this manager moved", metadata: ["address": "\(context.address)"])
  }

  private func perform(_ duty: () async throws -> Void) async {
    do {
      try await duty()
    } catch {
      // Most of it is for want of a leader, or of a node that answers; it is tried again in a second.
      self.logger.debug("a duty of a manager isn't done yet", metadata: ["reason": "\(error)"])
    }
  }

  /// Rings the bell when an entry gave somebody something to do.
  func noticed(_ changes: ChangeSet, _ store: Store) {
    var isDue = !changes.clusters.isEmpty
    if !isDue, !changes.nodes.isEmpty {
      isDue =
        store.cluster?.rootCA.rootRotation != nil
        || changes.nodes.contains { change in change.new.map { $0.spec.desiredRole != $0.role } ?? true }
    }
    if isDue { self.duties.ring() }
  }

  // MARK: - Keys

  /// Seals this manager's keys as the cluster wants it.
  private func sealKeys() async throws {
    guard let cluster = self.board.store.cluster else { return }
    guard try self.certificates.seal(with: cluster.unlockKey, version: cluster.meta.version.index) else { return }
    self.logger.info("this manager's keys are sealed; the log gets another key")
    try await self.raft.rotateStorageKey()
  }

  /// Forgets keys of the log that it has let go of.
  private func forgetLogKeys() async throws {
    let now = self.clock.now
    guard self.certificates.hasOldLogKeys, self.nextKeyReview.withLock({ $0 <= now }) else { return }
    // What the log names is read from files: not every second.
    self.nextKeyReview.withLock { $0 = now + .seconds(60) }
    try self.certificates.forgetLogKeys(unusedIn: try await self.raft.storageKeysInUse())
  }

  /// Does the same at once, after a snapshot; for tests.
  func reviewLogKeys() async throws {
    _ = try await self.raft.takeSnapshot()
    self.nextKeyReview.withLock { $0 = .zero }
    try await self.forgetLogKeys()
  }

  /// Makes another gossip key when it is time; nodes fetch it within minutes, and seal with it one rotation later.
  private func renewGossipKeys() async throws {
    let now = self.clock.now
    let due = self.nextGossipKey.withLock { next in
      let due = next ?? now + Self.gossipKeyLife
      next = due
      return due
    }
    guard due <= now, let cluster = self.board.store.cluster else { return }
    let keys = GossipRing.rotated(cluster.networkBootstrapKeys)
    try await self.propose(.changeCluster(expected: cluster.meta.version, ClusterChange(networkKeys: keys)))
    self.nextGossipKey.withLock { $0 = now + Self.gossipKeyLife }
    self.logger.info("the swarm has another gossip key")
  }

  // MARK: - Networks

  /// Gives a swarm that was founded without them the networks that every engine has.
  private func addPredefinedNetworks() async throws {
    let store = self.board.store
    guard store.cluster != nil else { return }
    var ids = IdentifierGenerator(seed: .random(in: 0 ... .max))
    for network in PredefinedNetworks.missing(in: store, ids: &ids) { try await self.propose(network) }
  }

  // MARK: - Root certificates

  /// Brings nodes one step nearer to the next root certificate; when all are there, it is the one to trust.
  private func moveRoots() async throws {
    let store = self.board.store
    guard let cluster = store.cluster, cluster.rootCA.rootRotation != nil else { return }
    let issuer = try CertificateAuthority(cluster.rootCA).issuerInfo
    let move = RootMove(in: store, issuerName: issuer.certIssuerSubject, issuerKey: issuer.certIssuerPublicKey)
    if move.isOver {
      let rootCA = try CertificateAuthority.finishRotation(of: cluster.rootCA)
      try await self.propose(.changeCluster(expected: cluster.meta.version, ClusterChange(rootCA: rootCA)))
      self.logger.notice("all nodes have moved to the next root certificate")
    } else if !move.toTell.isEmpty {
      try await self.propose(.nodeStatuses(move.toTell))
    }
  }

  /// Writes a change of the leader's own.
  ///
  /// - Throws: the change's refusal; `unavailable` when this manager doesn't lead any more.
  private func propose(_ change: Change) async throws {
    let term = self.leadership.withLock(\.term)
    let applied = try await self.propose(LogEntry(leaderTerm: term, time: self.clock.time, changes: [change]))
    if let error = applied.firstError { throw error }
  }

  // MARK: - Roles

  /// The consensus group, as its leader sees it; empty on a follower.
  func observations(_ status: RaftStatus) -> [ManagerObservation] {
    guard status.role == .leader else { return [] }
    let active = Set(status.peers.filter(\.isActive).map(\.id))
    return status.membership.members.compactMap { member in
      guard let context = MemberContext(decoding: member.context) else { return nil }
      return ManagerObservation(
        node: context.nodeID,
        raftID: member.id.rawValue,
        address: context.address,
        isLeader: member.id == status.id,
        // Who is still catching up doesn't count for the quorum.
        reachability: !member.role.votes
          ? .unknown
          : member.id == status.id || active.contains(member.id) ? .reachable : .unreachable
      )
    }
  }

  /// Brings roles one step nearer to what operators want.
  private func assignRoles() async throws {
    let members = self.observations(try await self.raft.status().raft)
    guard !members.isEmpty else { return }
    var grants: [NodeStatusChange] = []
    for step in RoleStep.next(in: self.board.store, members: members) {
      switch step {
      case .grant(let node, let role):
        self.logger.info("a node's role changes", metadata: ["node": "\(node)", "role": "\(role)"])
        grants.append(NodeStatusChange(id: node, role: role))
      case .remove(let node, let raftID):
        self.logger.info("a manager leaves the group", metadata: ["node": "\(node)"])
        _ = try await self.raft.changeMembership(.remove(RaftID(raftID)))
        self.duties.ring()
      case .handOver:
        self.logger.info("the leader is to be no manager any more; another one takes over")
        return try await self.raft.transferLeadership()
      }
    }
    guard !grants.isEmpty else { return }
    try await self.propose(.nodeStatuses(grants))
  }

  /// Refuses to demote a manager without whom the others would be no quorum; `nil` for everything else.
  func refusal(of request: ControlRequest) async throws -> SwarmError? {
    guard case .updateNode(let reference, _, let spec) = request, spec.desiredRole == .worker,
      let node = try? self.board.store.resolveNode(reference), node.spec.desiredRole == .manager
    else { return nil }
    let members = self.observations(try await self.raft.status().raft)
    guard members.count > 1, members.contains(where: { $0.node == node.id }),
      !RoleStep.isSafe(removing: node.id, from: members)
    else { return nil }
    return SwarmError(
      code: .failedPrecondition,
      message: "can't remove member from the raft: this would result in a loss of quorum"
    )
  }
}

/// Wakes who looks after a manager's duties.
struct DutyBell: Sendable {
  /// Rings once for any number of reasons.
  let bell: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() {
    (self.bell, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  func ring() { self.continuation.yield() }
}
