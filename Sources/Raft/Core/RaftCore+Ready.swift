// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  /// What there is to do after the events since the last call.
  ///
  /// Carry it out, and feed back what comes of it.
  public mutating func takeReady() -> Ready {
    var ready = Ready()
    if self.failure == nil {
      if self.leadership != nil { self.advanceMembership() }
      ready.write = self.storage.takeWrite(self.hardState, log: self.log, now: self.now)
      if self.leadership != nil {
        self.serveReads()
        self.replicate(fresh: ready.write?.entries ?? [])
        self.handOverAsCaretaker()
        self.driveTransfer()
      } else {
        self.acknowledge()
        self.forwardReads()
      }
      self.handOutCommitted(&ready)
      self.log.trim(
        to: self.configuration.memory.tailBytes,
        notBehind: min(self.storage.durable, self.commit)
      )
    }
    self.handOutResults(&ready)
    self.reportChanges(&ready)
    ready.nextDeadline = self.nextDeadline
    return ready
  }

  private mutating func handOutCommitted(_ ready: inout Ready) {
    ready.restore = self.applying.takeRestore(durableSnapshot: self.storage.durableSnapshot)
    let limit = self.configuration.limits.applyingBytes
    guard self.applying.restoring == nil, self.applying.handed < self.commit, self.applying.bytes < limit else { return }
    let first = self.applying.handed.next
    if self.log.holds(first) {
      let entries = self.log.entries(from: first, through: self.commit, maximumBytes: limit - self.applying.bytes)
      let bytes = entries.encodedLength
      self.applying.handOut(through: entries.last?.index ?? self.applying.handed, bytes: bytes)
      ready.committed = entries
    } else {
      // How long these are isn't known here; nothing more is handed out before they are applied.
      let last = min(self.commit, self.log.firstInMemory.previous)
      self.applying.handOut(through: last, bytes: limit)
      ready.committedRange = first...last
    }
  }

  private mutating func handOutResults(_ ready: inout Ready) {
    swap(&ready.messages, &self.outbox)
    swap(&ready.logReads, &self.pending.logReads)
    swap(&ready.snapshotsToSend, &self.pending.snapshotsToSend)
    swap(&ready.reads, &self.pending.reads)
    swap(&ready.failedReads, &self.pending.failedReads)
    swap(&ready.abandonedTransfer, &self.pending.abandonedTransfer)
  }

  private mutating func reportChanges(_ ready: inout Ready) {
    let role = self.role
    if role != self.reported.role || self.term != self.reported.term || self.leader != self.reported.leader {
      self.reported.role = role
      self.reported.term = self.term
      self.reported.leader = self.leader
      ready.roleChange = Ready.RoleChange(role: role, term: self.term, leader: self.leader)
    }
    if self.memberships.version != self.reported.membershipVersion {
      self.reported.membershipVersion = self.memberships.version
      ready.membershipChange = self.membership
    }
    if let failure, !self.reported.hasFailed {
      self.reported.hasFailed = true
      ready.failure = failure
    }
  }

  /// What this member knows at this moment.
  public var status: RaftStatus {
    let active = self.now - self.configuration.electionTimeout
    let peers = self.leadership?.peers.filter { $0.id != self.id } ?? []
    return RaftStatus(
      id: self.id,
      role: self.role,
      term: self.term,
      leader: self.leader,
      commit: self.commit,
      applied: self.applying.applied,
      firstIndex: self.log.firstIndex,
      lastIndex: self.log.lastIndex,
      durableIndex: self.storage.durable,
      membership: self.membership,
      membershipIndex: self.memberships.current.index,
      transferTarget: self.leadership?.transfer?.target,
      uncommittedBytes: self.leadership?.uncommittedBytes ?? 0,
      memoryBytes: self.log.bytes,
      refusedMessages: self.refusedMessages,
      peers: peers.map { peer in
        RaftStatus.Peer(
          id: peer.id,
          replication: peer.replication,
          match: peer.match,
          inFlight: peer.inflights.count,
          isActive: peer.lastContact >= active
        )
      }
    )
  }
}

extension Progress {
  fileprivate var replication: RaftStatus.Replication {
    switch self.mode {
    case .probing: .probing
    case .streaming: .streaming
    case .snapshot: .snapshot
    }
  }
}
