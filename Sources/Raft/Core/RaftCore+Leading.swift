// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  // MARK: - Beginning and end

  mutating func becomeLeader() {
    self.campaign = nil
    self.leader = self.id
    self.failedCampaigns = 0
    let last = self.log.lastIndex
    var leadership = Leadership(
      firstIndex: last.next,
      uncommittedBytes: self.log.bytes(from: self.commit.next, through: last),
      heartbeatDue: self.now + self.configuration.heartbeatInterval,
      isCaretaker: self.isWitness
    )
    leadership.adopt(self.membership, last: last, now: self.now, patience: self.departurePatience)
    self.leadership = leadership
    self.ownLogAdvanced()
    // Entries of earlier terms are committed only behind one of its own (Raft paper, section 5.4.2).
    self.appendOwn(.noop, payload: [])
  }

  /// What only a leader knows is forgotten; whoever waits for it is told.
  mutating func endLeadership() {
    guard let leadership = self.leadership.take() else { return }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(14), leadership.transfer != nil { self.hasForgottenTransfer = true }
    #endif
    self.pending.failedReads.append(contentsOf: leadership.reads.localRequests)
    self.leaderContact = nil
  }

  mutating func stepDown() {
    self.becomeFollower(term: self.term, leader: nil)
  }

  /// Appends an entry of the leader itself, which no limit holds back.
  mutating func appendOwn(_ kind: Entry.Kind, payload: [UInt8]) {
    do throws(RaftError) {
      let entries = try EntryCodec.encode([payload[...]], kind: kind, term: self.term, startingAt: self.log.lastIndex.next)
      self.append(entries)
    } catch {
      self.fail(error)
    }
  }

  private mutating func append(_ entries: [Entry]) {
    let bytes = entries.encodedLength
    self.log.append(entries)
    self.leadership?.uncommittedBytes += bytes
  }

  // MARK: - Proposing

  /// Proposes commands; they are in the log when this returns, and committed when ``Ready/committed`` brings them.
  ///
  /// Propose many at once: they are encoded into one buffer, stored with one sync and sent in one message.
  ///
  /// - Returns: their indexes. An entry of another term that is committed at one of them means that this one is lost.
  /// - Throws: ``RaftError/Code/notLeader``; ``RaftError/Code/busy`` when too much is uncommitted or leadership is being handed
  ///   over (always so on a witness that leads); ``RaftError/Code/payloadTooLarge``; ``RaftError/Code/stopped``. Nothing was accepted then.
  public mutating func propose(_ payloads: [ArraySlice<UInt8>], now: Duration) throws(RaftError) -> ClosedRange<LogIndex> {
    _ = self.begin(now)
    try self.checkRunning()
    guard let uncommitted = self.leadership?.uncommittedBytes else { throw self.notLeader }
    #if PLANTED_BUGS
      if self.hasForgottenTransfer { throw RaftError(.busy, "leadership is being handed over") }
    #endif
    guard self.leadership?.transfer == nil, !self.isCaretaker else { throw RaftError(.busy, "leadership is being handed over") }
    var bytes = 0
    for payload in payloads {
      guard payload.count <= self.configuration.limits.payloadBytes else {
        throw RaftError(.payloadTooLarge, "a payload has \(payload.count) bytes")
      }
      bytes += EntryCodec.headerLength + payload.count
    }
    let limit = self.configuration.limits.uncommittedBytes
    // However little waits, one write of the log must be able to hold it.
    guard uncommitted == 0 ? bytes <= LogFormat.maximumBodyLength / 2 : uncommitted + bytes <= limit else {
      throw RaftError(.busy, "\(uncommitted) bytes wait to be committed")
    }
    let first = self.log.lastIndex.next
    guard !payloads.isEmpty else { throw RaftError(.invalidProposal, "there is nothing to propose") }
    self.append(try EntryCodec.encode(payloads, term: self.term, startingAt: first))
    return first...self.log.lastIndex
  }

  // MARK: - Committing

  /// This member's disk or log moved on.
  mutating func ownLogAdvanced() {
    guard let position = self.leadership?.position(of: self.id) else { return }
    self.leadership?.peers[position].ownLogIsDurable(through: self.storage.durable)
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(17) { self.leadership?.peers[position].ownLogIsDurable(through: self.log.lastIndex) }
    #endif
    self.advanceCommit()
  }

  /// Commits what a majority has on its disks, when the last of it is of this term: entries of earlier terms are never
  /// committed by counting (Raft paper, figure 8).
  mutating func advanceCommit() {
    guard let agreed = self.leadership?.agreed({ $0.match.rawValue }) else { return }
    let index = LogIndex(agreed)
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(31) { self.commit = max(self.commit, index) }
    #endif
    guard index > self.commit, self.log.terms.term(at: index) == self.term else { return }
    let bytes = self.log.bytes(from: self.commit.next, through: index)
    let uncommitted = self.leadership?.uncommittedBytes ?? 0
    self.leadership?.uncommittedBytes = max(0, uncommitted - bytes)
    self.commit = index
  }

  /// Whether an entry of this leader's own term is committed.
  ///
  /// Before that it doesn't know what is.
  var hasCommittedInTerm: Bool {
    // Without taking the whole leadership out: this is asked in every turn.
    guard let first = self.leadership?.firstIndex else { return false }
    return self.commit >= first
  }

  // MARK: - Time

  mutating func leaderTick() {
    if let transfer = self.leadership?.transfer, self.now >= transfer.deadline {
      self.leadership?.transfer = nil
      self.pending.abandonedTransfer = transfer.target
    }
    guard let due = self.leadership?.heartbeatDue, self.now >= due else { return }
    self.leadership?.heartbeatDue = self.now + self.configuration.heartbeatInterval
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(28) { return self.sendHeartbeats(round: self.leadership?.reads.nextRound() ?? 0) }
    #endif
    guard self.hasQuorumContact,
      !self.storage.isStalled(now: self.now, limit: self.configuration.storageStallTimeout)
    else { return self.stepDown() }
    self.expirePeers()
    self.beginRound()
  }

  /// Whether a majority was heard of lately (check-quorum, thesis section 6.2).
  private var hasQuorumContact: Bool {
    self.leadership != nil && self.membership.hasQuorum(self.isInContact)
  }

  /// Whether this leader heard of a member lately.
  func isInContact(_ id: RaftID) -> Bool {
    let oldest = self.now - self.configuration.electionTimeout * 2
    return id == self.id || self.leadership?.peers.contains { $0.id == id && $0.lastContact >= oldest } == true
  }

  private mutating func expirePeers() {
    guard var leadership = self.leadership.take() else { return }
    leadership.peers.removeAll { $0.departsAt.map { $0 <= self.now } ?? false }
    for position in leadership.peers.indices {
      if case .snapshot(let since) = leadership.peers[position].mode,
        self.now - since > self.configuration.snapshotTimeout
      {
        leadership.peers[position].snapshotEnded(at: nil)
      }
    }
    self.leadership = leadership
  }

  mutating func sendHeartbeats(round: UInt64) {
    guard var leadership = self.leadership.take() else { return }
    for position in leadership.peers.indices where leadership.peers[position].id != self.id {
      let known = min(self.commit, leadership.peers[position].match)
      self.send(.heartbeat(commit: known, round: round), to: leadership.peers[position].id)
      leadership.peers[position].toldCommit = max(leadership.peers[position].toldCommit, known)
    }
    self.leadership = leadership
  }

  mutating func handle(heartbeatResponse round: UInt64, from sender: RaftID) {
    guard let position = self.leadership?.position(of: sender), round != 0 else { return }
    guard round <= self.leadership?.reads.round ?? 0 else { return self.refuse() }
    self.leadership?.peers[position].heard(now: self.now)
    self.leadership?.peers[position].heartbeatAnswered()
    self.leadership?.peers[position].confirm(round)
    self.confirmReads()
    if self.leadership?.transfer?.target == sender { self.leadership?.transfer?.isTargetTold = false }
  }

  /// How long a removed member is kept up to date.
  var departurePatience: Duration { self.configuration.electionTimeout * 2 }
}
