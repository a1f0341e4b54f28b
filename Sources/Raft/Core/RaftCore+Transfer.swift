// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  /// Hands leadership to a voter (thesis, section 3.10): it is brought up to date and told to start an election.
  ///
  /// Until it took over, or an election timeout passed, proposals are refused as busy. The end shows as ``Ready/roleChange`` or
  /// ``Ready/abandonedTransfer``.
  ///
  /// - Parameters:
  ///   - target: the voter, or nil for the one that is furthest.
  ///   - now: the current time.
  /// - Throws: ``RaftError/Code/notLeader``; ``RaftError/Code/invalidTransfer`` when the target isn't a voter (or is a witness) or
  ///   there is no other;
  ///   ``RaftError/Code/busy`` during another transfer; ``RaftError/Code/stopped``.
  public mutating func transferLeadership(to target: RaftID?, now: Duration) throws(RaftError) {
    _ = self.begin(now)
    try self.checkRunning()
    guard let leadership else { throw self.notLeader }
    guard let target = target ?? self.bestSuccessor else {
      throw RaftError(.invalidTransfer, "there is no other voter")
    }
    guard target != self.id else { return }
    guard let member = self.membership[target], member.role.votesInNewSet, !member.isWitness else {
      throw RaftError(.invalidTransfer, "member \(target) can't lead")
    }
    if let transfer = leadership.transfer {
      guard transfer.target != target else { return }
      throw RaftError(.busy, "leadership is being handed to member \(transfer.target)")
    }
    let deadline = self.now + self.configuration.electionTimeout
    self.leadership?.transfer = Leadership.Transfer(target: target, deadline: deadline)
  }

  /// Tells the target to start as soon as it holds the whole log.
  mutating func driveTransfer() {
    guard let leadership, let transfer = leadership.transfer, !transfer.isTargetTold else { return }
    guard let position = leadership.position(of: transfer.target), self.membership.isVoter(transfer.target) else {
      self.leadership?.transfer = nil
      self.pending.abandonedTransfer = transfer.target
      return
    }
    guard leadership.peers[position].match == self.log.lastIndex else { return }
    self.leadership?.transfer?.isTargetTold = true
    self.leadership?.lease.isVoid = true
    self.send(.timeoutNow, to: transfer.target)
  }

  /// The other full voter that holds most of the log; of equal ones the preferred one, then that which was heard of last.
  var bestSuccessor: RaftID? {
    let membership = self.membership
    return self.leadership?.peers
      .filter { $0.id != self.id && $0.votesInNewSet && membership[$0.id]?.isWitness == false }
      .max { left, right in
        let (leftPriority, rightPriority) = (membership[left.id]?.priority ?? 0, membership[right.id]?.priority ?? 0)
        return (left.match, leftPriority, left.lastContact) < (right.match, rightPriority, right.lastContact)
      }?.id
  }
}
