// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// A member's turns: what the driver of a real node does, with the same order of effects.
extension RaftWorld {
  mutating func scheduleTurn(_ slot: Int) {
    guard !self.members[slot].isTurnScheduled else { return }
    let isAtOnce = self.knobs.turnDelay == 0 && !self.members[slot].isInTurn && self.members[slot].isRunning(at: self.now)
    if isAtOnce { self.turn(slot) } else { self.scheduleLaterTurn(slot) }
  }

  /// A turn, but not within this event.
  mutating func scheduleLaterTurn(_ slot: Int) {
    guard !self.members[slot].isTurnScheduled else { return }
    self.members[slot].isTurnScheduled = true
    self.events.add(.turn(slot, life: self.members[slot].life), at: self.now + self.knobs.turnDelay)
  }

  mutating func turn(_ slot: Int) {
    guard self.members[slot].isUp, self.oracle.violation == nil else { return }
    self.members[slot].isInTurn = true
    let ready = self.members[slot].core.takeReady()
    if let failure = ready.failure { return self.oracle.violate("member \(self.members[slot].id) stops: \(failure)") }
    self.carryOut(ready, by: slot)
    guard self.members[slot].isUp else { return }
    self.members[slot].isInTurn = false
    if let membership = ready.membershipChange { self.members[slot].membership = membership }
    if self.members[slot].role == .leader { self.observeLeader(slot) }
    self.checkApplying(slot)
    self.setTimer(slot)
  }

  private mutating func carryOut(_ ready: borrowing Ready, by slot: Int) {
    let lostLeadership = self.members[slot].role == .leader && ready.roleChange != nil
    if let change = ready.roleChange { self.adopt(change, by: slot) }
    self.observeCommit(slot)
    if let count = self.members[slot].diesAfterMessages, ready.write != nil || !ready.messages.isEmpty {
      self.send(ready.messages.prefix(count), from: slot)
      self.oracle.saw(.crashInsideTurn)
      return self.crash(slot, power: true, downFor: self.members[slot].downFor)
    }
    self.send(ready.messages[...], from: slot)
    if let write = ready.write { self.submit(write, by: slot) }
    if self.members[slot].offered.take() != nil { self.oracle.saw(.snapshotIgnored) }
    for read in ready.logReads {
      let id = self.members[slot].nextRead()
      self.members[slot].memberReads.append((id, read.member))
      self.queue(.read(id, read.range, maximumBytes: read.maximumBytes), by: slot)
    }
    for member in ready.snapshotsToSend { self.sendSnapshot(from: slot, to: member) }

    if let restore = ready.restore { self.replaceAll(by: restore, slot) }
    if let range = ready.committedRange { self.members[slot].queue.append(.range(range)) }
    if !ready.committed.isEmpty { self.members[slot].queue.append(.entries(ready.committed)) }
    self.applyQueued(slot)
    for read in ready.reads { self.confirm(read, by: slot) }
    self.answerReads(slot)
    for id in ready.failedReads { self.failRead(id, by: slot) }

    if lostLeadership { self.leadershipEnded(slot) }
    if ready.abandonedTransfer != nil { self.oracle.saw(.transferAbandoned) }
  }

  private mutating func adopt(_ change: Ready.RoleChange, by slot: Int) {
    self.check(change, by: slot)
    let was = self.members[slot].role
    self.members[slot].role = change.role
    self.hash.mix(change.term.rawValue << 8 | UInt64(slot))
    self.note("member \(self.members[slot].id) is \(change.role) in term \(change.term)")
    if change.role == .leader, was != .leader { self.tookOver(slot, term: change.term) }
    if was == .leader, change.role == .follower, change.leader == nil, change.term == self.members[slot].ledTerm {
      let limit = self.knobs.configuration.storageStallTimeout
      let isStalled = self.members[slot].writingSince.map { self.clock(slot) - $0 > limit } ?? false
      self.oracle.saw(isStalled ? .stepDownForStalledDisk : .stepDownForLackOfContact)
    }
  }

  // MARK: - Time

  mutating func setTimer(_ slot: Int) {
    let deadline = self.members[slot].clock.time(of: self.members[slot].core.nextDeadline)
    guard deadline < self.members[slot].tickAt else { return }
    self.members[slot].tickAt = max(deadline, self.now + 1)
    self.events.add(.tick(slot, life: self.members[slot].life), at: self.members[slot].tickAt)
  }

  mutating func tick(_ slot: Int, life: Int) {
    guard self.members[slot].life == life, self.members[slot].tickAt <= self.now else { return }
    guard self.wakes(slot, life: life, .tick(slot, life: life)) else { return }
    self.members[slot].tickAt = .max
    guard self.clock(slot) >= self.members[slot].core.nextDeadline else { return self.setTimer(slot) }
    let now = self.clock(slot)
    self.members[slot].core.tick(now: now)
    self.scheduleTurn(slot)
  }

  // MARK: - The log

  private mutating func submit(_ write: Ready.Write, by slot: Int) {
    let id = self.members[slot].id
    self.checkCut(write, by: slot)
    var received: SimulatedDisk.SnapshotImage?
    if let snapshot = write.snapshot {
      // A witness gets the description alone.
      let empty = self.members[slot].isWitness ? SimulatedDisk.SnapshotImage(snapshot, payload: []) : nil
      guard let offered = self.members[slot].offered.take() ?? empty, offered.metadata == snapshot else {
        return self.oracle.violate("member \(id) installs a snapshot that it didn't get")
      }
      received = offered
      self.members[slot].received.append(offered)
      self.oracle.saw(.snapshotInstalled)
      if self.members[slot].storage.written.last.index > .zero { self.oracle.saw(.snapshotInstalledOverEntries) }
      self.oracle.configurations.restart(id, from: snapshot)
    }
    if let last = write.truncateAfter {
      self.oracle.saw(.tailOverwritten)
      self.oracle.configurations.cut(id, after: last)
    }
    self.queue(.write(write, received: received), by: slot)
    for entry in write.entries {
      self.oracle.wrote(entry, after: self.members[slot].storage.written.terms.term(at: entry.index.previous), by: id)
      if entry.kind == .configuration { self.note(configuration: entry, by: id) }
    }
    if self.members[slot].writingSince == nil { self.members[slot].writingSince = self.clock(slot) }
  }

  mutating func queue(_ job: SimulatedStorage.Job, by slot: Int) {
    if let complaint = self.members[slot].storage.submit(job) {
      self.oracle.violate("R5: member \(self.members[slot].id): \(complaint)")
    }
    self.startDisk(slot)
  }

  private mutating func startDisk(_ slot: Int) {
    guard self.members[slot].storage.begin() else { return }
    self.waitForDisk(slot)
  }

  mutating func waitForDisk(_ slot: Int) {
    var delay = self.knobs.diskDelay / 2 + Nanoseconds(self.chance.disk.below(Int(self.knobs.diskDelay) + 1))
    // A snapshot's file is long.
    if case .publish? = self.members[slot].storage.step { delay *= 20 }
    var begin = max(self.now, self.members[slot].diskStalledUntil)
    if self.members[slot].storage.needsRoom, self.members[slot].diskFullUntil > begin {
      self.oracle.saw(.writeWaitedForRoom)
      begin = self.members[slot].diskFullUntil
    }
    if case .write(let write)? = self.members[slot].storage.step, write.startsSegment { self.oracle.saw(.segmentStarted) }
    if case .recycle? = self.members[slot].storage.step { self.oracle.saw(.segmentRecycled) }
    self.members[slot].diskTicket += 1
    let ticket = self.members[slot].diskTicket
    self.events.add(.disk(slot, life: self.members[slot].life, ticket: ticket), at: begin + delay)
  }

  /// The step that the disk was about is done.
  mutating func diskIsDone(_ slot: Int) {
    if self.members[slot].diskStalledUntil > self.now { return self.waitForDisk(slot) }
    if self.members[slot].storage.failsNext, case .write? = self.members[slot].storage.step {
      // Nothing is retried: the node ends, and what wasn't synced may be gone.
      self.oracle.saw(.syncFailed)
      return self.crash(slot, power: true, downFor: self.members[slot].downFor, syncFails: true)
    }
    let report = self.members[slot].storage.advance()
    self.noteVote(slot)
    guard let report else { return self.waitForDisk(slot) }
    self.members[slot].writingSince = nil
    if let completed = report.completed {
      let now = self.clock(slot)
      self.members[slot].core.storageCompleted(completed, now: now)
    }
    for read in report.reads { self.finishRead(read.id, read.entries, by: slot) }
    if self.members[slot].storage.hasWritesQueued { self.members[slot].writingSince = self.clock(slot) }
    self.startDisk(slot)
    self.scheduleTurn(slot)
  }

  private mutating func noteVote(_ slot: Int) {
    let state = self.members[slot].storage.durable.hardState
    guard let vote = state.votedFor else { return }
    self.oracle.voted(self.members[slot].id, for: vote, in: state.term)
  }

  private mutating func finishRead(_ id: UInt64, _ result: Result<[Entry], RaftError>, by slot: Int) {
    if case .failure(let error) = result, error.code != .compacted {
      return self.oracle.violate("R15: member \(self.members[slot].id) can't read its log: \(error)")
    }
    if let position = self.members[slot].memberReads.firstIndex(where: { $0.id == id }) {
      let member = self.members[slot].memberReads.remove(at: position).member
      self.oracle.saw(.logReadForMember)
      let now = self.clock(slot)
      self.members[slot].core.entriesRead((try? result.get()) ?? [], for: member, now: now)
    } else if self.members[slot].rangeRead == id {
      self.rangeIsRead(result, by: slot)
    }
  }
}
