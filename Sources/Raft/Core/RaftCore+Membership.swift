// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  /// Proposes a change of the group.
  ///
  /// The new configuration holds at once on this member; see ``Ready/membershipChange``.
  ///
  /// A change of voters is a joint configuration, which the leader of the day ends by itself as soon as it is committed. The
  /// change is done when ``RaftStatus/isMembershipSettled`` is true again.
  ///
  /// - Returns: the index of the entry; for an added member also its identity (see ``MembershipChange/newMembers(at:)``).
  /// - Throws: ``RaftError/Code/notLeader``; ``RaftError/Code/membershipChangeInFlight`` while another change is under way or
  ///   this leader hasn't committed in its term (without that a change is unsafe: Ongaro, raft-dev, 2015);
  ///   ``RaftError/Code/invalidMembershipChange``; ``RaftError/Code/quorumUnreachable`` when too few of those who would vote
  ///   then were heard of lately; ``RaftError/Code/busy`` during a transfer; ``RaftError/Code/stopped``.
  public mutating func proposeMembership(_ change: MembershipChange, now: Duration) throws(RaftError) -> LogIndex {
    _ = self.begin(now)
    try self.checkRunning()
    guard let leadership else { throw self.notLeader }
    guard leadership.transfer == nil, !self.isCaretaker else { throw RaftError(.busy, "leadership is being handed over") }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(1), self.membershipIndex <= self.commit {
        self.append(try self.membership.applying(change, at: self.log.lastIndex.next))
        return self.log.lastIndex
      }
      if PlantedBug.isPlanted(10), self.hasCommittedInTerm, self.membershipIndex <= self.commit, !self.membership.isJoint {
        let used = self.membership.members.last?.id.rawValue ?? 0
        self.append(try self.membership.applying(change, at: LogIndex(used + 1)))
        return self.log.lastIndex
      }
    #endif
    guard self.hasCommittedInTerm else {
      throw RaftError(.membershipChangeInFlight, "this leader hasn't committed an entry yet")
    }
    let current = self.memberships.current
    guard current.index <= self.commit, !current.membership.isJoint else {
      throw RaftError(.membershipChangeInFlight, "another membership change is under way")
    }
    let fillers = max(0, change.additions - 1)
    let index = self.log.lastIndex.next + fillers
    let membership = try current.membership.applying(change, at: index)
    guard !membership.isJoint || membership.hasQuorum(self.isInContact) else {
      throw RaftError(.quorumUnreachable, "too few of the voters that the change leads to are reachable")
    }
    // Each new member needs an index of its own, which nobody ever gets again.
    for _ in 0..<fillers { self.appendOwn(.noop, payload: []) }
    self.append(membership)
    return index
  }

  /// Appends a configuration, which holds from now on.
  private mutating func append(_ membership: Membership) {
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(1), membership.isJoint { return self.append(membership.leavingJoint()) }
    #endif
    self.appendOwn(.configuration, payload: membership.encoded)
    self.memberships.append(membership, at: self.log.lastIndex)
    let patience = self.departurePatience
    self.leadership?.adopt(membership, last: self.log.lastIndex, now: self.now, patience: patience)
  }

  /// Does what a committed configuration asks of the leader of the day, whoever began the change: end a joint one, step
  /// down when it is no longer a voter, promote members that caught up.
  mutating func advanceMembership() {
    guard self.leadership?.settledVersion != self.memberships.version else { return }
    let current = self.memberships.current
    guard self.hasCommittedInTerm, current.index <= self.commit else { return }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(13), self.log.terms.term(at: current.index) != self.term { return }
    #endif
    if current.membership.isJoint {
      self.append(current.membership.leavingJoint())
    } else if !current.membership.isVoter(self.id) {
      self.leave()
    } else {
      let next = current.membership.promoting(self.membersToPromote)
      if next.isJoint {
        self.append(next)
      } else if !current.membership.hasJoining {
        self.leadership?.settledVersion = self.memberships.version
      }
    }
  }

  /// The configuration without this leader is committed.
  ///
  /// Its successor needn't wait for a timeout.
  private mutating func leave() {
    self.replicate(fresh: [])
    if let successor = self.bestSuccessor { self.send(.timeoutNow, to: successor) }
    self.stepDown()
  }

  /// The joining members that receive the stream and are close to its end.
  private var membersToPromote: [RaftID] {
    guard self.membership.hasJoining, self.leadership?.transfer == nil else { return [] }
    return self.membership.members.filter { member in
      guard member.role == .joining, let leadership, let position = leadership.position(of: member.id) else { return false }
      let peer = leadership.peers[position]
      #if PLANTED_BUGS
        if PlantedBug.isPlanted(9) { return true }
      #endif
      return peer.mode == .streaming && self.commit - peer.match <= self.configuration.limits.promotionLag
    }.map(\.id)
  }
}
