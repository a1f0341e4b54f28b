// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Raft
internal import RaftNIO
internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// What a manager does beside the leader's brain: nodes' roles and the rest that changes who is who.
extension Manager {
  /// Looks whether there is something to do once a second, and at once when the bell rings.
  func performDuties() async throws {
    for await _ in self.duties.bell {
      guard self.leadership.withLock(\.isLeader) else { continue }
      do {
        try await self.assignRoles()
      } catch is CancellationError {
        return
      } catch {
        // Most of it is for want of a leader, or of a node that answers; it is tried again in a second.
        self.logger.debug("a duty of the leader isn't done yet", metadata: ["reason": "\(error)"])
      }
    }
  }

  /// Rings the bell when an entry gave somebody something to do.
  func noticed(_ changes: ChangeSet) {
    let isDue = changes.nodes.contains { change in
      guard let node = change.new else { return true }
      return node.spec.desiredRole != node.role
    }
    if isDue || !changes.clusters.isEmpty { self.duties.ring() }
  }

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
    let term = self.leadership.withLock(\.term)
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
    _ = try await self.propose(LogEntry(leaderTerm: term, time: self.clock.time, changes: [.nodeStatuses(grants)]))
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
