// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// What is checked after every event. What needs a memory is in ``RaftOracle``.
extension RaftWorld {
  /// After a leader's turn.
  mutating func observeLeader(_ slot: Int) {
    self.checkBounds(slot)
    self.checkStall(slot)
  }

  // MARK: - Commits

  /// In each turn, before its effects.
  mutating func observeCommit(_ slot: Int) {
    let commit = self.members[slot].core.commitIndex
    let seen = self.members[slot].seenCommit
    guard commit != seen else { return }
    guard commit > seen else { return self.oracle.violate("R5: the commit index of \(self.members[slot].id) goes back") }
    self.members[slot].seenCommit = commit
    let term = self.members[slot].core.term(at: commit)
    // It may have led until just now.
    let hasLed = self.members[slot].role == .leader || term == self.members[slot].ledTerm
    if hasLed, commit > self.oracle.lastCommitted.index { self.leaderCommitted(commit, slot) }
    // Log matching extends this to everything before.
    if let known = self.oracle.committedTerm(at: commit) {
      if let term, term != known {
        self.oracle.violate("R4: member \(self.members[slot].id) commits another entry at \(commit) than others")
      }
    } else {
      self.oracle.violate("R4: member \(self.members[slot].id) commits \(commit) before any leader does")
    }
  }

  private mutating func leaderCommitted(_ commit: LogIndex, _ slot: Int) {
    let member = self.members[slot]
    guard let term = member.core.term(at: commit) else {
      return self.oracle.violate("R4: the leader \(member.id) commits \(commit), which it doesn't have")
    }
    if term != member.ledTerm {
      self.oracle.violate("R7: the leader \(member.id) commits an entry of term \(term) by counting")
    }
    let position = LogPosition(index: commit, term: term)
    // A commit may bring the next configuration at once; what counted was the one before.
    let isHeld = [member.membership, member.core.membership].contains { membership in
      membership.hasQuorum { id in
        self.slot(of: id).map { self.members[$0].storage.durable.holds(position) } ?? false
      }
    }
    if !isHeld { self.oracle.violate("R8: \(position) is called committed, but isn't on the disks of a majority") }
    while self.oracle.lastCommitted.index < commit {
      let index = self.oracle.lastCommitted.index.next
      guard let next = member.core.term(at: index) else {
        return self.oracle.violate("R3: the leader \(member.id) lacks \(index)")
      }
      self.oracle.commit(next, in: member.ledTerm)
    }
  }

  /// What members say about leadership has an order: terms don't go back, a term's leader stays, and nothing is said twice (R17).
  mutating func check(_ change: Ready.RoleChange, by slot: Int) {
    let id = self.members[slot].id
    defer { self.members[slot].lastChange = change }
    guard let last = self.members[slot].lastChange else { return }
    if change == last { self.oracle.violate("R17: member \(id) tells twice that it is \(change.role) in term \(change.term)") }
    if change.term < last.term { self.oracle.violate("R17: member \(id) tells of term \(change.term) after \(last.term)") }
    if change.term == last.term, let leader = change.leader, leader != last.leader ?? leader {
      self.oracle.violate("R17: member \(id) tells of two leaders of term \(change.term)")
    }
  }

  /// A write may cut only what isn't committed (R3).
  mutating func checkCut(_ write: Ready.Write, by slot: Int) {
    guard let last = write.truncateAfter, let committed = self.oracle.committedTerm(at: last.next),
      self.members[slot].storage.written.terms.term(at: last.next) == committed
    else { return }
    self.oracle.violate("R3: member \(self.members[slot].id) cuts \(last.next), which is committed")
  }

  // MARK: - Leaders

  /// A member won an election: with the votes of a majority of its configuration (R1, R13), and with everything that is
  /// committed (R3, R8).
  mutating func tookOver(_ slot: Int, term: Term) {
    let member = self.members[slot]
    self.members[slot].ledTerm = term
    self.oracle.leads(member.id, in: term)
    if self.transferTarget.take() == member.id { self.oracle.saw(.transferDone) }
    let others = self.members.contains { $0.id != member.id && $0.role == .leader && $0.isUp }
    if others { self.oracle.saw(.staleLeaderBesideNewOne) }
    let isElected = member.core.membership.hasQuorum { self.oracle.hasVoted($0, for: member.id, in: term) }
    if !isElected {
      self.oracle.violate("R1: member \(member.id) leads term \(term) without the votes of a majority on their disks")
    }
    let isRemoved = member.core.membership[member.id] == nil && member.core.membershipIndex <= member.core.commitIndex
    if isRemoved { self.oracle.violate("R13: member \(member.id) leads term \(term) and isn't a member") }
    let last = self.oracle.lastCommitted(before: term)
    if last.index > .zero, member.core.firstIndex <= last.index, member.core.term(at: last.index) != last.term {
      self.oracle.violate("R3: the leader \(member.id) of term \(term) lacks \(last), which is committed")
    }
    self.countEarlierTerm(slot)
  }

  /// Figure 8 of the paper: an entry of an earlier term on a majority that still may not be committed.
  private mutating func countEarlierTerm(_ slot: Int) {
    let core = self.members[slot].core
    let own = core.lastPosition
    guard let term = core.term(at: own.index.previous), own.index.previous > core.commitIndex else { return }
    let last = LogPosition(index: own.index.previous, term: term)
    let isOnMajority = core.membership.hasQuorum { id in
      self.slot(of: id).map { self.members[$0].storage.durable.terms.contains(last) } ?? false
    }
    if isOnMajority { self.oracle.saw(.earlierTermOnMajority) }
  }

  /// Nothing waits without a bound (R16).
  private mutating func checkBounds(_ slot: Int) {
    let limits = self.knobs.configuration
    let core = self.members[slot].core
    let most = core.mostInFlight
    let entry = EntryCodec.headerLength + KeyValueCommand.length + self.knobs.padding + 1_000
    if most.messages > limits.replication.inFlightMessages + 1 {
      self.oracle.violate("R16: \(most.messages) messages are in flight to one member")
    }
    if most.bytes > limits.replication.inFlightBytes + max(limits.replication.messageBytes, entry) {
      self.oracle.violate("R16: \(most.bytes) bytes are in flight to one member")
    }
    if core.heldMessageCount > 256 { self.oracle.violate("R16: \(core.heldMessageCount) messages are held back") }
    if core.uncommittedBytes != core.bytesBehindCommit {
      self.oracle.violate("R16: \(core.bytesBehindCommit) bytes are uncommitted, but \(core.uncommittedBytes) are counted")
    }
  }

  /// What was handed out and isn't applied is bounded (R16): a range of unknown length counts as much as all there may be.
  mutating func checkApplying(_ slot: Int) {
    let limit = self.knobs.configuration.limits.applyingBytes
    let entry = EntryCodec.headerLength + KeyValueCommand.length + self.knobs.padding + 1_000
    let waiting = self.members[slot].core.bytesBeingApplied
    if waiting > limit * 2 + entry { self.oracle.violate("R16: \(waiting) bytes wait to be applied") }
  }

  /// A leader whose own disk hangs gives up (hashicorp/raft #503).
  private mutating func checkStall(_ slot: Int) {
    let member = self.members[slot]
    guard let since = member.writingSince, member.core.role == .leader else { return }
    let limit = self.knobs.configuration.storageStallTimeout + self.knobs.configuration.heartbeatInterval * 2
    let span = self.clock(slot) - since
    // A clock that jumped says nothing about the disk.
    guard span > limit, member.jumpedAt < since, !self.isCalm, member.resumedAt < since else { return }
    self.oracle.violate("R16: member \(member.id) leads on although its disk has hung for \(span)")
  }

  // MARK: - Messages

  /// Nothing is said that the disk doesn't hold (R6).
  mutating func check(sent message: Message, by slot: Int) {
    let durable = self.members[slot].storage.durable
    if message.term > durable.hardState.term {
      return self.oracle.violate("R6: \(message.from) speaks of term \(message.term) before storing it")
    }
    switch message.body {
    case .voteRequest, .voteResponse(granted: true):
      let candidate: RaftID = if case .voteRequest = message.body { message.from } else { message.to }
      if durable.hardState.votedFor != candidate || durable.hardState.term != message.term {
        self.oracle.violate("R6: \(message.from) votes for \(candidate) before storing it")
      }
    case .appendAccepted(let match): self.check(accepted: match, message, durable)
    default: break
    }
  }

  private mutating func check(accepted match: LogIndex, _ message: Message, _ durable: LogShadow) {
    guard match <= durable.last.index else {
      return self.oracle.violate("R6: \(message.from) acknowledges \(match) before storing it")
    }
    guard let leader = self.slot(of: message.to), self.members[leader].core.currentTerm == message.term,
      self.members[leader].role == .leader, let term = durable.terms.term(at: match),
      let right = self.members[leader].core.term(at: match)
    else { return }
    if term != right { self.oracle.violate("R6: \(message.from) acknowledges \(match), but its disk holds another entry") }
  }

  // MARK: - Configurations

  /// A configuration got into a log.
  mutating func note(configuration entry: Entry, by id: RaftID) {
    guard let membership = try? Membership(decoding: entry.payload) else {
      return self.oracle.violate("the configuration at \(entry.position) can't be read")
    }
    if let complaint = self.oracle.configurations.wrote(membership, at: entry.position, by: id) {
      self.oracle.violate(complaint)
    }
    guard let slot = self.slot(of: id), self.members[slot].role == .leader else { return }
    self.note("member \(id) proposes the configuration \(membership.summary) at \(entry.position)")
    if membership.isJoint { self.oracle.saw(.jointEntered) }
    for member in membership.members where member.role == .incoming { self.checkPromotion(of: member.id, by: slot) }
  }

  /// A member votes only after it has caught up: an empty log must not count for a majority.
  private mutating func checkPromotion(of id: RaftID, by leader: Int) {
    self.oracle.saw(.memberPromoted)
    let reached = self.slot(of: id).map { self.members[$0].storage.durable.last.index } ?? .zero
    let lag = self.members[leader].core.commitIndex - reached
    // A newer leader may have cut what an old one knew to be there.
    guard self.members[leader].core.currentTerm == self.oracle.newestLeaderTerm else { return }
    if lag > self.knobs.configuration.limits.promotionLag {
      self.oracle.violate("R13: member \(id) is promoted although it is \(lag) entries behind")
    }
  }
}

extension Membership {
  /// For traces.
  var summary: String { self.members.map { "\($0.id) \($0.role)" }.joined(separator: ", ") }
}
