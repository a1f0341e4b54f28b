// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  /// Asks for the index up to which must be applied for a linearizable read (thesis, section 6.4).
  ///
  /// Works on every member; a follower asks its leader. The answer comes in ``Ready/reads`` or ``Ready/failedReads``. A read
  /// that comes before its leader has committed in its term waits for that. With ``RaftConfiguration/leaseReads`` a leader
  /// whose lease holds answers in the same turn.
  ///
  /// - Throws: ``RaftError/Code/notLeader`` when there is no leader to ask; ``RaftError/Code/stopped``.
  public mutating func readIndex(_ request: ReadRequestID, now: Duration) throws(RaftError) {
    _ = self.begin(now)
    try self.checkRunning()
    if self.leadership != nil {
      self.leadership?.reads.waiting.append(.local(request))
    } else if self.leader != nil {
      self.forwardedReads.waiting.append(request)
    } else {
      throw self.notLeader
    }
  }

  // MARK: - On the leader

  /// Starts a round for the reads that wait; while one is under way, further reads gather for the next.
  mutating func serveReads() {
    guard self.leadership?.reads.hasWaiting == true, self.hasCommittedInTerm else { return }
    if self.leadership?.lease.holds(now: self.now, self.configuration) == true {
      let origins = self.leadership?.reads.takeWaiting() ?? []
      return self.answer(origins, at: self.commit)
    }
    guard self.leadership?.reads.rounds.isEmpty == true else { return }
    #if PLANTED_BUGS
      for position in self.leadership?.peers.indices ?? 0..<0 where PlantedBug.isPlanted(30) {
        self.leadership?.peers[position].confirm(.max)
      }
    #endif
    self.beginRound()
  }

  /// Asks everybody whether this member still leads; the reads that wait go along.
  mutating func beginRound() {
    guard self.leadership != nil else { return }
    if self.hasCommittedInTerm { self.leadership?.reads.join(at: self.commit) }
    let round = self.leadership?.reads.nextRound() ?? 0
    if self.configuration.leaseReads != nil { self.leadership?.lease.began(round, at: self.now) }
    self.sendHeartbeats(round: round)
    // A leader that is alone has its answer.
    self.confirmReads()
  }

  /// Answers the reads of rounds that a majority has confirmed: nobody else led when they began.
  mutating func confirmReads() {
    guard let leadership, !leadership.reads.rounds.isEmpty || self.configuration.leaseReads != nil else { return }
    let me = self.id
    guard let confirmed = leadership.agreed({ $0.id == me ? .max : $0.confirmedRound }) else { return }
    self.leadership?.lease.confirm(through: confirmed)
    for round in self.leadership?.reads.take(confirmed: confirmed) ?? [] { self.answer(round.origins, at: round.index) }
  }

  private mutating func answer(_ origins: [ReadQueue.Origin], at index: LogIndex) {
    for origin in origins {
      switch origin {
      case .local(let request):
        self.pending.reads.append(Ready.Read(id: request, index: index))
      case .remote(let member, let context):
        self.send(.readIndexResponse(context: context, index: index), to: member)
      }
    }
  }

  mutating func handle(readRequest context: UInt64, from sender: RaftID) {
    self.leadership?.reads.waiting.append(.remote(sender, context: context))
  }

  // MARK: - On a follower

  /// Asks the leader once for all reads that gathered in this turn.
  mutating func forwardReads() {
    guard let leader, self.leadership == nil else { return self.failForwardedReads { _ in true } }
    guard !self.forwardedReads.waiting.isEmpty else { return }
    let deadline = self.now + self.configuration.electionTimeout * 2
    guard let context = self.forwardedReads.ask(deadline: deadline) else { return }
    self.send(.readIndexRequest(context: context), to: leader)
  }

  mutating func handle(readResponse context: UInt64, index: LogIndex) {
    for request in self.forwardedReads.take(context: context) {
      self.pending.reads.append(Ready.Read(id: request, index: index))
    }
  }

  mutating func failForwardedReads(where fits: (ForwardedReads.Question) -> Bool) {
    self.pending.failedReads.append(contentsOf: self.forwardedReads.take(where: fits))
    if self.leader == nil || self.leadership != nil {
      self.pending.failedReads.append(contentsOf: self.forwardedReads.waiting)
      self.forwardedReads.waiting = []
    }
  }
}
