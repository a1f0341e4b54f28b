// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  // MARK: - Answers

  mutating func handle(accepted match: LogIndex, from sender: RaftID) {
    guard let position = self.leadership?.position(of: sender) else { return }
    guard match <= self.log.lastIndex else { return self.refuse() }
    let isInLog = self.log.terms.term(at: match) != nil
    self.leadership?.peers[position].heard(now: self.now)
    self.leadership?.peers[position].accepted(through: match, isInLog: isInLog)
    if match > self.commit { self.advanceCommit() }
  }

  mutating func handle(_ rejection: Message.AppendRejection, from sender: RaftID) {
    guard let position = self.leadership?.position(of: sender) else { return }
    guard rejection.previous <= self.log.lastIndex, rejection.hint.index <= rejection.previous else { return self.refuse() }
    self.leadership?.peers[position].heard(now: self.now)
    guard self.leadership?.peers[position].isCurrent(rejectionOf: rejection.previous) == true else { return }
    // Skip all entries of terms that the follower can't have there, instead of trying one by one.
    let hint = rejection.hint
    let agreed = self.log.terms.lastPosition(notAbove: hint.term, at: hint.index)?.index ?? hint.index
    self.leadership?.peers[position].probe(after: min(agreed, rejection.previous.previous))
  }

  // MARK: - Sending

  /// Sends every member what it lacks and may get now.
  ///
  /// - Parameter fresh: the entries that are being written in this turn; most members need exactly these, so that one array
  ///   serves all.
  mutating func replicate(fresh: [Entry]) {
    // Taken out and put back, so that it is changed in place.
    guard var leadership = self.leadership.take() else { return }
    let shared = fresh.encodedLength <= self.configuration.replication.messageBytes ? fresh : []
    for position in leadership.peers.indices where leadership.peers[position].id != self.id {
      self.replicate(to: &leadership.peers[position], shared: shared)
    }
    let known = self.memberships.current.index
    leadership.peers.removeAll { $0.departsAt != nil && $0.toldCommit >= known }
    self.leadership = leadership
  }

  private mutating func replicate(to peer: inout Progress, shared: [Entry]) {
    let limits = self.configuration.replication
    while peer.canSend(limits) {
      guard let previous = self.previous(of: peer) else {
        self.beginSnapshot(for: &peer)
        break
      }
      if peer.next > self.log.lastIndex {
        guard case .probing = peer.mode else { break }
      } else if !self.log.holds(peer.next), peer.mode == .streaming {
        self.readLog(for: &peer)
        break
      }
      let entries =
        peer.next == shared.first?.index
        ? shared
        : self.log.entries(from: peer.next, through: self.log.lastIndex, maximumBytes: limits.messageBytes)
      self.send(entries, after: previous, to: &peer)
    }
    guard peer.mode == .streaming else { return }
    if peer.needsCheck {
      peer.needsCheck = false
      // What was sent may be gone from the log by now; then only a snapshot helps.
      guard let previous = self.previous(of: peer) else { return self.beginSnapshot(for: &peer) }
      self.send([], after: previous, to: &peer)
    }
    // With nothing to send along, the commit index goes alone.
    let known = min(self.commit, peer.match)
    if known > peer.toldCommit {
      peer.toldCommit = known
      self.send(.heartbeat(commit: known, round: 0), to: peer.id)
    }
  }

  private func previous(of peer: Progress) -> LogPosition? {
    let index = peer.next.previous
    return self.log.terms.term(at: index).map { LogPosition(index: index, term: $0) }
  }

  private mutating func send(_ entries: [Entry], after previous: LogPosition, to peer: inout Progress) {
    let bytes = entries.encodedLength
    let last = entries.last?.index ?? previous.index
    let append = Message.Append(previous: previous, commit: self.commit, entries: entries)
    self.send(.append(append), to: peer.id)
    if peer.mode == .streaming { peer.toldCommit = max(peer.toldCommit, min(self.commit, last)) }
    peer.sent(through: last, bytes: bytes)
  }

  // MARK: - Members that are far behind

  private mutating func readLog(for peer: inout Progress) {
    peer.isReadingLog = true
    self.pending.logReads.append(
      Ready.LogRead(
        member: peer.id,
        range: peer.next...min(self.log.lastIndex, self.log.firstInMemory.previous),
        maximumBytes: self.configuration.replication.messageBytes
      )
    )
  }

  /// The answer to a ``Ready/LogRead``: entries from the start of its range on, without a gap; none when they can't be had.
  public mutating func entriesRead(_ entries: [Entry], for member: RaftID, now: Duration) {
    guard self.begin(now), var leadership = self.leadership.take() else { return }
    defer { self.leadership = leadership }
    guard let position = leadership.position(of: member), leadership.peers[position].isReadingLog else { return }
    leadership.peers[position].isReadingLog = false
    let peer = leadership.peers[position]
    guard peer.mode == .streaming, let first = entries.first, first.index == peer.next, let previous = self.previous(of: peer)
    else { return }
    // The log may have moved on since the read began.
    guard entries.allSatisfy({ self.log.terms.contains($0.position) }) else { return }
    self.send(entries, after: previous, to: &leadership.peers[position])
  }

  private mutating func beginSnapshot(for peer: inout Progress) {
    // A member that isn't there can't take one.
    guard self.snapshot != nil, self.now - peer.lastContact < self.configuration.electionTimeout * 2 else {
      return peer.pause()
    }
    if self.membership[peer.id]?.isWitness == true, let snapshot = self.snapshot {
      // It has no state to replace: where the log goes on is all it needs.
      peer.snapshotBegan(now: self.now)
      self.send(.installSnapshot(snapshot), to: peer.id)
      return peer.snapshotEnded(at: snapshot.index)
    }
    // A caretaker has no state to send.
    guard !self.isWitness else { return peer.pause() }
    peer.snapshotBegan(now: self.now)
    self.pending.snapshotsToSend.append(peer.id)
  }

  /// A snapshot that was asked for with ``Ready/snapshotsToSend`` reached the member (or failed to).
  ///
  /// - Parameters:
  ///   - member: the receiver.
  ///   - index: the last entry that the snapshot covers.
  ///   - succeeded: whether all its bytes went out, with ``Message/Body/installSnapshot(_:)`` as the last thing.
  public mutating func snapshotSent(to member: RaftID, upTo index: LogIndex, succeeded: Bool, now: Duration) {
    guard self.begin(now), let position = self.leadership?.position(of: member) else { return }
    let isPossible = succeeded && index <= self.commit
    self.leadership?.peers[position].snapshotEnded(at: isPossible ? index : nil)
  }
}
