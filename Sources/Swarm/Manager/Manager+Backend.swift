// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
internal import Raft
internal import RaftNIO
internal import SwarmControl
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// What this manager does for other nodes. All of it is the leader's business; a follower names the leader.
extension Manager: ManagerBackend {
  func session(_ request: SessionRequest) async throws -> AsyncThrowingStream<SessionMessage, any Error> {
    let (isLeader, leader) = self.leadership.withLock { ($0.isLeader, $0.leader) }
    if !isLeader, !request.followsHints, let leader { return self.redirection(to: leader) }
    try self.requireLeadership()
    let (stream, end) = SessionStream.make { [control] in control.post(.streamLost($0, $1)) }
    self.control.post(.registered(end, request))
    return stream
  }

  func heartbeat(node: NodeID, session: SessionID) async throws -> Duration {
    try await self.leading {
      try await self.control.ask { brain, now, _ in
        try brain.heartbeat(node: node, session: session, now: now)
      }
    }
  }

  func assignments(
    node: NodeID,
    session: SessionID
  ) async throws -> AsyncThrowingStream<AssignmentsMessage, any Error> {
    try await self.leading { try await self.control.assignments(node: node, session: session) }
  }

  func updateTaskStatus(node: NodeID, session: SessionID, updates: [TaskStatusUpdate]) async throws {
    try await self.leading {
      try await self.control.ask { brain, now, time in
        try brain.updateStatuses(updates, node: node, session: session, now: now, time: time)
      }
    }
  }

  func joinRaft(node: NodeID, address: String) async throws -> RaftJoin {
    try self.requireLeadership()
    guard let registered = self.board.store.node(node), registered.spec.desiredRole == .manager else {
      throw SwarmError(code: .permissionDenied, message: "node \(node) isn't registered as a manager")
    }
    try await self.checkReachable(address)
    let context = MemberContext(nodeID: node, address: address)
    let known = self.leadership.withLock { $0.members.first { $0.value.nodeID == node } }
    let id: RaftID
    if let known {
      // A manager that asks again, perhaps because the first answer got lost, is the same member.
      id = known.key
      if known.value != context { _ = try await self.change(.update(id, context: context.encoded)) }
    } else {
      id = try await self.change(.addVoter(context: context.encoded))
    }
    return RaftJoin(
      raftID: id.rawValue,
      clusterID: self.identity.clusterID ?? ClusterID(),
      members: self.leadership.withLock(\.members).sorted { $0.key < $1.key }.map {
        RaftJoin.Member(raftID: $0.key.rawValue, nodeID: $0.value.nodeID, address: $0.value.address)
      }
    )
  }

  func leaveRaft(raftID: UInt64) async throws {
    try self.requireLeadership()
    guard self.leadership.withLock({ $0.members[RaftID(raftID)] != nil }) else { return }
    _ = try await self.change(.remove(RaftID(raftID)))
  }

  func submit(_ request: [UInt8]) async throws -> [UInt8] {
    try self.requireLeadership()
    let (request, stamp) = try ControlRequest.decode(request)
    return try await self.execute(request, stamp).encode()
  }

  func gossipBootstrap(node: NodeID) async throws -> GossipBootstrap {
    let store = self.board.store
    guard store.node(node) != nil else {
      throw SwarmError(code: .permissionDenied, message: "node \(node) doesn't belong to this swarm")
    }
    let keys = GossipRing.ours(store.cluster?.networkBootstrapKeys ?? [])
    guard let cluster = store.cluster, !keys.isEmpty else {
      throw SwarmError(code: .unavailable, message: "the swarm's keys aren't known yet")
    }
    return GossipBootstrap(label: cluster.id.description, keys: keys, seeds: self.gossipSeeds.withLock(\.self))
  }

  func health(service: String) async -> Bool { true }

  // MARK: - Pieces

  /// A session that ends as soon as it has said who leads: SwarmKit's managers pass all calls on to their leader, so its agents know no other way to hear of it.
  private func redirection(to leader: MemberContext) -> AsyncThrowingStream<SessionMessage, any Error> {
    let (stream, continuation) = AsyncThrowingStream<SessionMessage, any Error>.makeStream()
    var ids = IdentifierGenerator(seed: .random(in: 0 ... .max))
    let peer = WeightedPeer(nodeID: leader.nodeID, address: leader.address)
    continuation.yield(SessionMessage(sessionID: ids.make(), managers: [peer]))
    continuation.finish(throwing: self.notLeading)
    return stream
  }

  func requireLeadership() throws(SwarmError) {
    guard self.leadership.withLock(\.isLeader) else { throw self.notLeading }
  }

  /// Adds what a follower can say to a refusal for want of leadership.
  private func leading<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let error as SwarmError where error == .notLeading {
      throw self.notLeading
    }
  }

  /// Changes the group; another change under way is waited for.
  private func change(_ change: MembershipChange) async throws -> RaftID {
    try await self.persistently { try await self.raft.changeMembership(change).0 }
  }

  /// A member that can't be reached would only weaken the group: it is refused before anything changes.
  private func checkReachable(_ address: String) async throws {
    let isServing = try? await ManagerClient.withConnection(
      to: address,
      as: self.identity.nodeID,
      security: .mutual(self.certificates.security),
      on: MultiThreadedEventLoopGroup.singleton
    ) { try await $0.health(service: RaftJoin.healthService) }
    guard isServing == true else {
      throw SwarmError(
        code: .failedPrecondition,
        message: "the joining manager can't be reached at its advertised address \(address)"
      )
    }
  }
}
