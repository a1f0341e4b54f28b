// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Raft
internal import RaftNIO
internal import SwarmControl
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

extension Manager {
  /// Runs until ``shutdown()`` or cancellation.
  ///
  /// - Throws: ``SwarmError`` or `RaftError` when this manager can't go on.
  func run() async throws {
    defer {
      self.isOver.store(true, ordering: .releasing)
      self.control.stop()
      self.logs.stop()
      self.errandHub.stop()
      self.board.events.finish()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.peers.run() }
      group.addTask { try await self.observeMembers() }
      group.addTask { try await self.performDuties() }
      if self.identity.isFounder { group.addTask { try await self.found() } }
      // Everything else serves the member of the group, and ends with it.
      defer { group.cancelAll() }
      try await self.raft.runUntilShutdown()
    }
  }

  /// Takes this manager out of the group, as far as that can be done now.
  func leaveGroup() async {
    let patience = self.clock.now + .seconds(5)
    while self.clock.now < patience, self.leadership.withLock({ $0.members.count > 1 }) {
      do {
        if self.leadership.withLock(\.isLeader) {
          try await self.leaveRaft(raftID: self.identity.raftID)
        } else if let leader = self.leadership.withLock(\.leader) {
          try await self.peers.connection(to: leader.address).leaveRaft(raftID: self.identity.raftID)
        }
        return
      } catch {
        self.logger.debug("leaving the managers' group: \(error)")
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  /// Docker's warning before a manager leaves.
  var leaveWarning: SwarmError {
    let members = self.leadership.withLock(\.members.count)
    let consequence =
      members <= 1
      ? "Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message."
      : "Removing this node leaves \(members - 1) managers out of \(members). Without a Raft quorum your swarm will be inaccessible. "
        + "Use `--force` to suppress this message."
    return SwarmError(
      code: .unavailable,
      message: "You are attempting to leave the swarm on a node that is participating as a manager. \(consequence)"
    )
  }

  // MARK: - Beside the group

  /// The first manager writes the cluster and itself into the store.
  private func found() async throws {
    while self.board.store.cluster == nil {
      try await Task.sleep(for: .milliseconds(5))
      let (isLeader, term) = self.leadership.withLock { ($0.isLeader, $0.term) }
      // Who leads has applied everything of before: only now it is certain that nothing was written.
      guard isLeader, self.board.store.cluster == nil, let clusterID = self.identity.clusterID else { continue }
      let founding = try self.founding ?? self.foundAgain(clusterID)
      var node = Node(id: self.identity.nodeID, role: .manager)
      node.spec.desiredRole = .manager
      node.spec.availability = self.identity.availability
      node.certificate = founding.certificate
      node.managerStatus = ManagerStatus(
        raftID: self.identity.raftID,
        addr: self.identity.advertiseAddress,
        leader: true,
        reachability: .reachable
      )
      let cluster = Cluster(
        id: clusterID,
        spec: self.identity.clusterSpec,
        rootCA: founding.rootCA,
        networkBootstrapKeys: GossipRing.founding(),
        unlockKeys: founding.unlockKeys
      )
      var ids = IdentifierGenerator(seed: .random(in: 0 ... .max))
      var networks = PredefinedNetworks.missing(in: self.board.store, ids: &ids)
      networks.append(try PredefinedNetworks.ingress(in: self.board.store, ids: &ids))
      let entry = LogEntry(leaderTerm: term, time: self.clock.time, changes: [.putCluster(cluster), .putNode(node)] + networks)
      do {
        _ = try await self.propose(entry)
      } catch let error as SwarmError where error.code == .unavailable || error.code == .outcomeUnknown {
        continue
      }
    }
  }

  /// A founder that was restarted before the swarm was written down has its authority's key no more, and nobody has seen it: it makes another.
  private func foundAgain(_ clusterID: ClusterID) throws(SwarmError) -> Founding {
    let founding = try Founding(
      node: self.identity.nodeID,
      cluster: clusterID,
      spec: self.identity.clusterSpec,
      now: self.clock.time
    )
    try self.certificates.replace(with: founding.credentials)
    return founding
  }

  /// Tells the leader's brain which managers there are and whether they answer, once a second.
  private func observeMembers() async throws {
    while true {
      try await Task.sleep(for: .seconds(1))
      self.duties.ring()
      guard self.leadership.withLock(\.isLeader) else { continue }
      self.reportMembers()
    }
  }

  /// Tells the leader's brain now.
  func reportMembers() {
    self.raft.status { [self] status in
      if case .success(let status) = status { self.report(status.raft) }
    }
  }

  private func report(_ status: RaftStatus) {
    guard status.role == .leader else { return }
    self.control.post(.members(self.observations(status)))
  }
}
