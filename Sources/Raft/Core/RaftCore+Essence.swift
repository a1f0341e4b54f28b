// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  /// Puts all that decides what this member does next into `hasher`, except for time and chance.
  ///
  /// Whoever explores all orders of events without letting time pass can tell by it whether two of them led to the same.
  ///
  /// Members go by the names that `name` gives them, so that states can be compared that differ in names alone. It must
  /// exchange only members that are alike to every configuration.
  package func hashEssence(into hasher: inout Hasher, naming name: (RaftID) -> RaftID) {
    hasher.combine(name(self.id))
    hasher.combine(self.term)
    hasher.combine(self.votedFor.map(name))
    hasher.combine(self.commit)
    hasher.combine(self.leader.map(name))
    hasher.combine(self.leaderContact == nil)
    hasher.combine(self.log.terms)
    hasher.combine(self.log.firstInMemory)
    hasher.combine(self.memberships)
    hasher.combine(self.snapshot?.position)
    hasher.combine(self.storage.essence(naming: name))
    hasher.combine(self.applying.applied)
    hasher.combine(self.applying.handed)
    hasher.combine(self.campaign?.isPreVote)
    hasher.combine(self.campaign?.term)
    hasher.combine(self.campaign?.votes.voters(naming: name))
    hasher.combine(self.follower.verified)
    hasher.combine(self.follower.acknowledged)
    hasher.combine(self.follower.owesAcknowledgement)
    hasher.combine(self.follower.diskAdvanced)
    // Said twice is said once.
    hasher.combine(
      Set(self.held.map { Message(from: name($0.from), to: name($0.to), term: $0.term, body: $0.body) })
    )
    hasher.combine(self.failure)
    guard let leadership else { return }
    hasher.combine(leadership.firstIndex)
    hasher.combine(leadership.transfer.map { name($0.target) })
    for peer in leadership.peers.sorted(by: { name($0.id) < name($1.id) }) {
      hasher.combine(name(peer.id))
      peer.hashEssence(into: &hasher)
    }
  }

  /// Starts an election at once, as if the time for it had come everywhere: nobody holds the living leader against it.
  package mutating func campaignAtOnce(now: Duration) {
    guard self.begin(now), self.leadership == nil, self.membership.isVoter(self.id) else { return }
    self.startCampaign(isPreVote: false, isTransfer: true)
  }
}

extension Progress {
  fileprivate func hashEssence(into hasher: inout Hasher) {
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
