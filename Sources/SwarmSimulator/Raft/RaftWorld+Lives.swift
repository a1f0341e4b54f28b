// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// How members come to life, die and come back.
extension RaftWorld {
  /// A new member with an empty disk, or with what a group begins with.
  mutating func add(_ id: RaftID, bootstrap: Bootstrap? = nil, isWitness: Bool = false) throws(RaftError) {
    let offset = Nanoseconds(self.chance.cores.below(1_000_000_000))
    let drift = self.chance.cores.within(-self.knobs.drift...self.knobs.drift)
    let clock = LocalClock(offset: offset, drift: Nanoseconds(drift))
    var log = LogAppender(
      creating: LogIdentity(clusterID: Self.clusterID, member: id),
      segmentSize: self.knobs.segmentSize
    )
    var shadow = LogShadow()
    var restored = RestoredState(tailBytes: self.knobs.configuration.memory.tailBytes)
    if let bootstrap {
      log.append(LogRecord(entries: bootstrap.entries, hardState: bootstrap.hardState))
      shadow = LogShadow(bootstrap)
      restored.hardState = bootstrap.hardState
      for entry in bootstrap.entries {
        try restored.append(entry)
        self.oracle.wrote(entry, after: nil, by: id)
        if entry.kind == .configuration { self.note(configuration: entry, by: id) }
      }
    }
    let core = try RaftCore(
      id: id,
      configuration: self.knobs.configuration,
      restored: restored,
      seed: self.chance.cores.next(),
      now: clock.reading(at: self.now)
    )
    let storage = SimulatedStorage(
      disk: SimulatedDisk(),
      appender: log,
      segmentSize: self.knobs.segmentSize,
      shadow: shadow
    )
    self.members.append(
      SimulatedMember(
        id: id,
        core: core,
        clock: clock,
        storage: storage,
        machine: KeyValueMachine(keys: self.knobs.keys, sessionLifetime: self.knobs.sessionLifetime),
        isWitness: isWitness
      )
    )
    self.note("member \(id) starts for the first time")
    self.scheduleLaterTurn(self.members.count - 1)
  }

  /// The process ends at once; what wasn't synced is in the disk's hands.
  mutating func crash(_ slot: Int, power: Bool, downFor: Nanoseconds, syncFails: Bool = false) {
    guard self.members[slot].isUp, !self.members[slot].isGone else { return }
    self.note("member \(self.members[slot].id) dies")
    self.count(crashOf: slot, power: power)
    let (shadows, tear) = self.members[slot].storage.crash(power: power || syncFails, using: &self.chance.disk)
    switch tear {
    case .kept: self.oracle.saw(.writeKeptUnacknowledged)
    case .lost: self.oracle.saw(.writeLost)
    case .torn: self.oracle.saw(.writeTorn)
    case nil: break
    }
    self.members[slot].isUp = false
    self.members[slot].life += 1
    self.members[slot].candidates = shadows
    self.members[slot].diesAfterMessages = nil
    self.events.add(.restart(slot, life: self.members[slot].life), at: self.now + downFor)
    self.closeConnections(of: slot, power: power)
  }

  private mutating func count(crashOf slot: Int, power: Bool) {
    if !power { self.oracle.saw(.processKilled) }
    guard self.members[slot].storage.isBusy else { return self.oracle.saw(.crashWhileIdle) }
    switch self.members[slot].storage.step {
    case .write(let write)?: self.oracle.saw(write.startsSegment ? .crashDuringSegmentStart : .crashDuringWrite)
    case .publish?: self.oracle.saw(.crashDuringPublish)
    case .recycle?: self.oracle.saw(.crashDuringRecycle)
    case nil: break
    }
  }

  private mutating func closeConnections(of slot: Int, power: Bool) {
    guard self.knobs.network.reportsLostPeers, !power else { return }
    let id = self.members[slot].id
    for other in self.members.indices where other != slot && self.members[other].isUp {
      self.events.add(.peerLost(id, by: self.members[other].id), at: self.now + self.delay())
    }
  }

  /// The member starts with what its disk holds.
  mutating func restart(_ slot: Int) {
    let member = self.members[slot]
    let identity = LogIdentity(clusterID: Self.clusterID, member: member.id)
    do throws(RaftError) {
      let (log, snapshot) = try member.storage.disk.recover(identity, tailBytes: self.knobs.configuration.memory.tailBytes)
      guard member.rot == nil else {
        return self.oracle.violate("R15: member \(member.id) starts although something that was synced is damaged")
      }
      let shadow = try self.check(log, snapshot: snapshot?.metadata, of: member)
      let core = try RaftCore(
        id: member.id,
        configuration: self.knobs.configuration,
        restored: log.restored,
        seed: self.chance.cores.next(),
        now: self.clock(slot)
      )
      let appender = LogAppender(continuing: log, identity: identity, segmentSize: self.knobs.segmentSize)
      let storage = SimulatedStorage(
        disk: member.storage.disk,
        appender: appender,
        segmentSize: self.knobs.segmentSize,
        shadow: shadow
      )
      var machine = KeyValueMachine(keys: self.knobs.keys, sessionLifetime: self.knobs.sessionLifetime)
      if let snapshot, !member.isWitness { machine = KeyValueMachine(snapshot.payload) }
      var next = SimulatedMember(
        id: member.id,
        core: core,
        clock: member.clock,
        storage: storage,
        machine: machine,
        isWitness: member.isWitness
      )
      next.life = member.life
      self.keepUnfinishedSnapshot(of: member, in: &next)
      self.members[slot] = next
      self.adopt(shadow, snapshot: snapshot?.metadata, of: slot)
      if log.tornTail != nil { self.oracle.saw(.tornTailCut) }
      self.note("member \(member.id) starts again: \(shadow.hardState), log up to \(shadow.last)")
      self.scheduleTurn(slot)
    } catch {
      self.couldNotStart(slot, error)
    }
  }

  /// As much as was synced of a snapshot that was being received is still there.
  private mutating func keepUnfinishedSnapshot(of member: SimulatedMember, in next: inout SimulatedMember) {
    guard let identity = member.receiving.identity, !member.unfinished.isEmpty else { return }
    next.unfinished = Array(member.unfinished.prefix(self.chance.disk.below(member.unfinished.count + 1)))
    next.receiving = SnapshotReceiving((identity, received: next.unfinished.count))
  }

  /// Refusing to start is right only when something that was synced is damaged.
  private mutating func couldNotStart(_ slot: Int, _ error: RaftError) {
    guard let rot = self.members[slot].rot, error.code == .corrupt else {
      return self.oracle.violate("R15: member \(self.members[slot].id) can't start again: \(error)")
    }
    self.note("member \(self.members[slot].id) refuses to start: \(error)")
    self.oracle.saw(.damageRefused)
    // Its operator finds the bit and turns it back.
    self.members[slot].storage.disk.repair(rot)
    self.members[slot].rot = nil
    self.restart(slot)
  }

  /// What recovery found must be what was synced, or that and a part of what was being written (R15).
  private mutating func check(
    _ log: RecoveredLog,
    snapshot: SnapshotMetadata?,
    of member: SimulatedMember
  ) throws(RaftError) -> LogShadow {
    let found = log.restored
    let candidates = member.candidates.map { $0.joined(with: snapshot) }
    let match = candidates.first {
      $0.last == found.last && $0.hardState.term == found.hardState.term && $0.hardState.votedFor == found.hardState.votedFor
    }
    guard let match else {
      self.oracle.violate(
        "R15: member \(member.id) finds \(found.hardState) up to \(found.last), after it synced "
          + "\(candidates[0].hardState) up to \(candidates[0].last)"
      )
      throw RaftError(.corrupt, "the log lost something")
    }
    return match
  }

  /// What was being written and survived counts as written.
  private mutating func adopt(
    _ shadow: LogShadow,
    snapshot: SnapshotMetadata?,
    of slot: Int
  ) {
    let member = self.members[slot].id
    if let vote = shadow.hardState.votedFor { self.oracle.voted(member, for: vote, in: shadow.hardState.term) }
    if let snapshot {
      self.oracle.saw(.startedFromSnapshot)
      self.oracle.check(snapshot, state: self.members[slot].stateDigest, of: member)
    }
    self.oracle.configurations.recover(member, log: shadow, snapshot: snapshot)
    let known = self.oracle.configurations.newest(of: member)
    if let known, known != self.members[slot].core.membership {
      self.oracle.violate("R12: member \(member) starts with another configuration than its log says")
    }
  }
}
