// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  // MARK: - Timers

  /// Whether this member may ask for votes: it votes itself, and its disk works.
  ///
  /// A member whose removal isn't committed yet may be the only one that can be elected, because the others lack the entry
  /// that removes it (thesis, section 4.2.2).
  private var canCampaign: Bool {
    (self.membership.isVoter(self.id) || self.memberships.membership(at: self.commit)?.isVoter(self.id) == true)
      && !self.storage.isStalled(now: self.now, limit: self.configuration.storageStallTimeout)
  }

  /// Whether a leader is alive as far as this member can tell.
  ///
  /// A broken connection to it counts as silence.
  var hasLiveLeader: Bool {
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(11) { return false }
      if PlantedBug.isPlanted(103), self.leadership == nil, self.configuration.leaseReads != nil { return false }
    #endif
    if self.leadership != nil || self.now < self.promisedUntil { return true }
    guard let contact = self.leaderContact, !contact.isLost else { return false }
    return self.now < contact.last + self.configuration.electionTimeout
  }

  /// Waits for the leader for a whole, randomised timeout; members that others are preferred to let them go first.
  mutating func scheduleCampaign() {
    let timeout = self.configuration.electionTimeout
    let start = self.now + timeout * self.membership.handicap(of: self.id)
    self.campaignDeadline = start + self.random.duration(in: timeout...(timeout * 2))
  }

  /// With nobody to wait for there is nothing to wait for.
  mutating func campaignAtOnceWhenAlone() {
    let isAlone = self.membership.members.allSatisfy { $0.role.votes == ($0.id == self.id) }
    if isAlone, self.membership.isVoter(self.id) { self.campaignDeadline = self.now }
  }

  /// With lease reads: whoever heard a leader keeps still for an election timeout.
  private mutating func promise() {
    if self.configuration.leaseReads != nil { self.promisedUntil = self.now + self.configuration.electionTimeout }
  }

  /// Tries again soon, and later each time: what is waited for isn't a leader's sign of life, only another attempt.
  private mutating func scheduleRetry() {
    let loss = self.configuration.leaderLossDelay
    let handicap = loss.upperBound * self.membership.handicap(of: self.id)
    let delay = self.random.duration(in: loss) * (1 << min(self.failedCampaigns, 5)) + handicap
    let timeout = self.configuration.electionTimeout
    self.campaignDeadline = self.now + min(delay, self.random.duration(in: timeout...(timeout * 2)))
  }

  mutating func leaderMayBeLost(_ peer: RaftID) {
    guard self.leadership == nil, self.leaderContact?.leader == peer, self.leaderContact?.isLost == false else { return }
    self.leaderContact?.isLost = true
    guard self.campaign == nil else { return }
    let loss = self.configuration.leaderLossDelay
    let handicap = loss.upperBound * (2 * self.membership.handicap(of: self.id))
    let deadline = max(self.now + handicap + self.random.duration(in: loss), self.promisedUntil)
    self.campaignDeadline = min(self.campaignDeadline, deadline)
  }

  mutating func campaignIsDue() {
    guard self.canCampaign else {
      self.campaign = nil
      return self.scheduleCampaign()
    }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(11) { return self.startCampaign(isPreVote: false) }
    #endif
    guard self.now >= self.promisedUntil else {
      self.campaignDeadline = self.promisedUntil
      return
    }
    self.startCampaign(isPreVote: true)
  }

  /// Forgets who leads, so that this member may vote for another at once.
  ///
  /// For an operator (or a failure detector) that knows the leader to be gone; if it isn't, its next word is heeded as before.
  /// Does nothing on a leader, and nothing with ``RaftConfiguration/leaseReads``, whose promises must be kept.
  public mutating func forgetLeader(now: Duration) {
    guard self.begin(now), self.leadership == nil, self.configuration.leaseReads == nil else { return }
    self.leaderContact = nil
    guard self.leader != nil else { return }
    self.leader = nil
    self.failForwardedReads { _ in true }
  }

  // MARK: - Roles

  /// Follows, in this or a newer term.
  ///
  /// Whatever this member was before ends here.
  mutating func becomeFollower(term: Term, leader: RaftID?) {
    self.endLeadership()
    self.campaign = nil
    if term > self.term {
      self.term = term
      self.votedFor = nil
      self.leaderContact = nil
      self.held.removeAll()
    }
    self.follower = FollowerState()
    if leader != self.leader { self.failForwardedReads { _ in true } }
    self.leader = leader
    self.scheduleCampaign()
  }

  /// A leader of this term spoke.
  ///
  /// False when that can't be.
  mutating func follow(_ sender: RaftID) -> Bool {
    guard self.leadership == nil, self.leader == nil || self.leader == sender else {
      self.refuse()
      return false
    }
    if self.leader == nil || self.campaign != nil { self.becomeFollower(term: self.term, leader: sender) }
    self.leaderContact = LeaderContact(leader: sender, last: self.now)
    self.failedCampaigns = 0
    self.promise()
    if let patience = self.follower.patience {
      self.campaignDeadline = self.now + patience
    } else {
      self.scheduleCampaign()
      self.follower.patience = self.campaignDeadline - self.now
    }
    return true
  }

  // MARK: - Asking

  mutating func startCampaign(isPreVote: Bool, isTransfer: Bool = false) {
    self.endLeadership()
    self.failForwardedReads { _ in true }
    self.leader = nil
    self.campaign = Campaign(isPreVote: isPreVote, term: self.term.next)
    let timeout = self.configuration.electionTimeout
    self.campaignDeadline = self.now + self.random.duration(in: timeout...(timeout * 2))
    if isPreVote {
      self.failedCampaigns += 1
    } else {
      self.term = self.term.next
      self.votedFor = self.id
      self.leaderContact = nil
      self.held.removeAll()
      self.follower = FollowerState()
    }
    let candidacy = Message.Candidacy(
      term: isPreVote ? self.term.next : self.term,
      last: self.log.last,
      isTransfer: isTransfer
    )
    for member in self.membership.members where member.role.votes && member.id != self.id {
      if isPreVote {
        self.send(.preVoteRequest(candidacy), to: member.id)
      } else {
        self.sendVote(.voteRequest(candidacy), to: member.id)
      }
    }
    // The vote for itself counts once it is on the disk; a pre-vote needs no disk.
    if isPreVote { self.count(granted: true, from: self.id) }
  }

  /// Term and vote may have reached the disk.
  mutating func voteMayBeDurable() {
    self.releaseHeld()
    guard let campaign, !campaign.isPreVote, !campaign.votes.hasVote(of: self.id),
      self.storage.durableTerm == self.term, self.storage.durableVote == self.id
    else { return }
    self.count(granted: true, from: self.id)
  }

  private mutating func count(granted: Bool, from voter: RaftID) {
    self.campaign?.votes.record(granted, from: voter)
    guard let campaign else { return }
    switch campaign.votes.result(in: self.membership, silent: self.unreachable) {
    case .won where campaign.isPreVote:
      self.startCampaign(isPreVote: false)
    case .won:
      self.becomeLeader()
    case .lost:
      self.campaign = nil
      self.scheduleRetry()
    case .open:
      break
    }
  }

  mutating func handle(preVoteFor term: Term, granted: Bool, from voter: RaftID) {
    guard let campaign, campaign.isPreVote, campaign.term == term else { return }
    self.count(granted: granted, from: voter)
  }

  mutating func handle(voteGranted granted: Bool, from voter: RaftID) {
    guard let campaign, !campaign.isPreVote else { return }
    self.count(granted: granted, from: voter)
  }

  mutating func handleTimeoutNow(from sender: RaftID) {
    guard self.leader == sender, self.leadership == nil, self.canCampaign, !self.isWitness else { return }
    self.startCampaign(isPreVote: false, isTransfer: true)
  }

  // MARK: - Answering

  mutating func handle(preVote candidacy: Message.Candidacy, from candidate: RaftID) {
    let isGranted = candidacy.term > self.term && candidacy.last >= self.log.last && !self.hasLiveLeader
    self.send(.preVoteResponse(term: candidacy.term, granted: isGranted), to: candidate)
    // Let it have its try before ours; but never later than without it.
    if isGranted, self.campaign == nil, self.leaderContact?.isLost == true {
      let head = self.now + self.configuration.leaderLossDelay.upperBound
      let latest = (self.leaderContact?.last ?? self.now) + self.configuration.electionTimeout
      self.campaignDeadline = max(self.campaignDeadline, min(head, latest))
    }
  }

  mutating func handle(vote candidacy: Message.Candidacy, from candidate: RaftID) {
    guard candidacy.term == self.term else { return self.refuse() }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(6), self.memberships.membership(at: self.applying.applied)?.isVoter(self.id) != true {
        return self.send(.voteResponse(granted: false), to: candidate)
      }
    #endif
    let isFree = self.votedFor == candidate || (self.votedFor == nil && self.leader == nil)
    var isBound = self.now < self.promisedUntil && !candidacy.isTransfer
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(103) { isBound = false }
    #endif
    guard isFree, !isBound, candidacy.last >= self.log.last else {
      return self.send(.voteResponse(granted: false), to: candidate)
    }
    self.campaign = nil
    self.votedFor = candidate
    self.scheduleCampaign()
    self.sendVote(.voteResponse(granted: true), to: candidate)
  }
}
