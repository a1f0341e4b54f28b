// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  /// Puts all that decides what this member does next into `hasher`, except for time and chance.
  ///
  /// Whoever explores all orders of events without letting time pass can tell by it whether two of them led to the same.
  package func hashEssence(into hasher: inout Hasher) {
    hasher.combine(self.term)
    hasher.combine(self.votedFor)
    hasher.combine(self.commit)
    hasher.combine(self.leader)
    hasher.combine(self.leaderContact == nil)
    hasher.combine(self.log.terms)
    hasher.combine(self.log.firstInMemory)
    hasher.combine(self.memberships)
    hasher.combine(self.snapshot?.position)
    hasher.combine(self.storage.essence)
    hasher.combine(self.applying.applied)
    hasher.combine(self.applying.handed)
    hasher.combine(self.campaign)
    hasher.combine(self.follower.verified)
    hasher.combine(self.follower.acknowledged)
    hasher.combine(self.follower.owesAcknowledgement)
    hasher.combine(self.follower.diskAdvanced)
    hasher.combine(self.held)
    hasher.combine(self.failure)
    guard let leadership else { return }
    hasher.combine(leadership.firstIndex)
    hasher.combine(leadership.transfer?.target)
    for peer in leadership.peers { peer.hashEssence(into: &hasher) }
  }

  /// Starts an election at once, as if the time for it had come everywhere: nobody holds the living leader against it.
  package mutating func campaignAtOnce(now: Duration) {
    guard self.begin(now), self.leadership == nil, self.membership.isVoter(self.id) else { return }
    self.startCampaign(isPreVote: false, isTransfer: true)
  }
}

extension Progress {
  fileprivate func hashEssence(into hasher: inout Hasher) {
    hasher.combine(self.id)
    hasher.combine(self.votesInNewSet)
    hasher.combine(self.votesInOldSet)
    hasher.combine(self.match)
    hasher.combine(self.next)
    switch self.mode {
    case .probing(let isPaused): hasher.combine(isPaused ? 1 : 0)
    case .streaming: hasher.combine(2)
    case .snapshot: hasher.combine(3)
    }
    hasher.combine(self.inflights.count)
    hasher.combine(self.inflights.bytes)
    hasher.combine(self.toldCommit)
    hasher.combine(self.needsCheck)
  }
}
