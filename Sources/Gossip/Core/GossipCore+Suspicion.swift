// SPDX-License-Identifier: Apache-2.0

extension GossipCore {
  /// The last stream to a suspect is opened this long before the verdict.
  private var secondChanceLead: Duration { min(.milliseconds(500), self.configuration.probing.interval / 2) }

  /// Suspects a present member, or notes one more witness.
  mutating func suspect(_ slot: Slot, incarnation: UInt32, accuser: UInt64) {
    let isOwn = accuser == self.ownFingerprint
    if let place = self.suspicions.firstIndex(where: { $0.slot == slot }) {
      self.confirm(place, incarnation: incarnation, accuser: accuser)
    } else {
      let record = self.members[slot]
      guard record.status == .alive, incarnation >= record.incarnation else { return }
      self.setStatus(slot, incarnation: record.incarnation, .suspect)
      self.events.append(.suspected(self.members[slot].member))
      self.suspicions.append(self.newSuspicion(slot, incarnation: incarnation, accuser: accuser))
      self.spreadSuspicion(slot, incarnation: incarnation, accuser: accuser)
      if !isOwn, self.urgentProbes.count < 8, self.random.number(below: self.members.presentCount) < 4 {
        self.urgentProbes.append(slot)
      }
    }
    self.scheduleSuspicions()
  }

  private mutating func confirm(_ place: Int, incarnation: UInt32, accuser: UInt64) {
    let slot = self.suspicions[place].slot
    if accuser == self.ownFingerprint { self.suspicions[place].isOwn = true }
    if incarnation > self.suspicions[place].incarnation {
      self.suspicions[place].incarnation = incarnation
      self.suspicions[place].accusers = [accuser]
    } else if incarnation == self.suspicions[place].incarnation {
      let suspicion = self.suspicions[place]
      guard suspicion.accusers.count <= suspicion.needed, !suspicion.accusers.contains(accuser) else { return }
      self.suspicions[place].accusers.append(accuser)
      self.counters.confirmations += 1
    } else {
      return
    }
    self.spreadSuspicion(slot, incarnation: incarnation, accuser: accuser)
  }

  private mutating func newSuspicion(_ slot: Slot, incarnation: UInt32, accuser: UInt64) -> Suspicion {
    let knobs = self.configuration.suspicion
    let present = self.members.presentCount
    let scaled = self.configuration.probing.interval * (knobs.multiplier * Logarithm.decimal(Double(max(1, present))))
    let minimum = max(knobs.minimum, scaled)
    let lead = self.secondChanceLead
    return Suspicion(
      slot: slot,
      incarnation: incarnation,
      startedAt: self.now,
      minimum: minimum,
      maximum: minimum * knobs.maximumFactor,
      needed: max(0, min(knobs.confirmations, present - 2)),
      accusers: [accuser],
      isOwn: accuser == self.ownFingerprint,
      patience: lead + self.random.duration(upTo: lead),
      reminderDue: self.now + self.configuration.spreading.interval,
      reminderInterval: self.configuration.spreading.interval
    )
  }

  private mutating func spreadSuspicion(_ slot: Slot, incarnation: UInt32, accuser: UInt64) {
    self.enqueue(.member(slot), .suspect, accuser: accuser, incarnation: incarnation)
  }

  mutating func advanceSuspicions() {
    for place in self.suspicions.indices.reversed() {
      let suspicion = self.suspicions[place]
      let deadline = suspicion.deadline
      let usesStreams = self.configuration.probing.usesStreams
      if usesStreams, !suspicion.hadSecondChance, self.now >= deadline - self.secondChanceLead {
        self.giveSecondChance(place)
      } else if self.now >= deadline {
        self.suspicions.remove(at: place)
        self.declareDead(suspicion)
        continue
      }
      if suspicion.isOwn, self.now >= suspicion.reminderDue {
        // Over a lossy network the accusation itself is what gets lost; who accuses also insists.
        let next = min(self.configuration.probing.interval, suspicion.reminderInterval * 1.5)
        self.suspicions[place].reminderInterval = next
        self.suspicions[place].reminderDue = self.now + next
        self.sendPing(to: suspicion.slot, sequence: self.takeSequence())
      }
    }
    self.scheduleSuspicions()
  }

  private mutating func giveSecondChance(_ place: Int) {
    self.counters.secondChances += 1
    self.suspicions[place].hadSecondChance = true
    let verdict = max(self.suspicions[place].deadline, self.now + self.secondChanceLead)
    self.suspicions[place].postponedTo = verdict
    _ = self.openProbeStream(to: self.suspicions[place].slot, deadline: verdict, purpose: .secondChance)
  }

  private mutating func declareDead(_ suspicion: Suspicion) {
    let record = self.members[suspicion.slot]
    guard record.status == .suspect else { return }
    self.die(
      suspicion.slot,
      incarnation: max(record.incarnation, suspicion.incarnation),
      accuser: self.ownFingerprint
    )
  }

  /// Holds a present member for dead and says so.
  mutating func die(_ slot: Slot, incarnation: UInt32, accuser: UInt64) {
    self.endSuspicion(slot)
    self.setStatus(slot, incarnation: incarnation, .dead)
    self.events.append(.failed(self.members[slot].member))
    self.enqueue(.member(slot), .dead, accuser: accuser)
  }

  mutating func endSuspicion(_ slot: Slot) {
    guard let place = self.suspicions.firstIndex(where: { $0.slot == slot }) else { return }
    self.suspicions.remove(at: place)
    self.scheduleSuspicions()
  }

  mutating func scheduleSuspicions() {
    self.suspicionsDue = .never
    for suspicion in self.suspicions {
      var due = suspicion.deadline
      if self.configuration.probing.usesStreams, !suspicion.hadSecondChance { due -= self.secondChanceLead }
      if suspicion.isOwn { due = min(due, suspicion.reminderDue) }
      self.suspicionsDue = min(self.suspicionsDue, due)
    }
  }

  /// What a member that isn't alive is accused of.
  func accusation(of slot: Slot) -> Claim? {
    let record = self.members[slot]
    switch record.status {
    case .suspect:
      guard let suspicion = self.suspicions.first(where: { $0.slot == slot }) else { return nil }
      return record.claim(.suspect, incarnation: suspicion.incarnation, accuser: suspicion.accusers.last ?? 0)
    case .dead:
      return record.claim(.dead, incarnation: record.incarnation, accuser: self.ownFingerprint)
    case .alive, .left, nil:
      return nil
    }
  }
}

extension MemberRecord {
  func claim(_ kind: Claim.Kind, incarnation: UInt32, accuser: UInt64 = 0) -> Claim {
    Claim(
      kind: kind,
      id: self.card.id,
      epoch: self.card.epoch,
      incarnation: incarnation,
      address: kind == .suspect ? nil : self.card.address,
      metadata: kind == .alive ? self.card.metadata[...] : [],
      accuser: accuser
    )
  }

  /// The member as it is, in one claim.
  ///
  /// A suspect counts as alive: suspicions spread by themselves.
  var claim: Claim {
    switch self.status {
    case .dead: self.claim(.dead, incarnation: self.incarnation)
    case .left: self.claim(.left, incarnation: self.incarnation)
    case .alive, .suspect, nil: self.claim(.alive, incarnation: self.incarnation)
    }
  }
}
