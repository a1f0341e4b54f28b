// SPDX-License-Identifier: Apache-2.0

/// A member that is gone and not yet forgotten.
struct Departure: Sendable {
  var slot: Slot
  var forgetAt: Duration
}

// What is said about a member is ordered by (epoch, incarnation, rank), rank being alive < suspect < dead < left, and the
// greater always wins, so that all nodes end with the same whatever they hear in whatever order. Two rules are added: only a
// member itself answers for its incarnation, and a death learned by comparing tables counts as a suspicion.
extension GossipCore {
  /// Takes over what somebody says about a member.
  ///
  /// - Parameter isHistory: it comes from a table, not from a rumour: somebody's view from before a partition, maybe.
  mutating func take(_ claim: Claim, from sender: UInt64, isHistory: Bool = false) {
    let fingerprint = claim.id.fingerprint
    guard let slot = self.members.slot(of: fingerprint) else {
      self.takeUnknown(claim, fingerprint)
      return
    }
    let record = self.members[slot]
    guard record.card.id == claim.id else {
      self.counters.conflicts += 1
      return
    }
    if slot == self.members.own {
      self.takeOwn(claim)
    } else if claim.epoch > record.card.epoch {
      self.takeNewLife(claim, slot, fingerprint)
    } else if claim.epoch == record.card.epoch {
      switch claim.kind {
      case .alive: self.takeAlive(claim, slot)
      case .suspect: self.takeSuspicion(claim, slot)
      case .dead: self.takeDeath(claim, slot, from: sender, isHistory: isHistory)
      case .left: self.takeGoodbye(claim, slot)
      }
    }
  }

  private func card(_ claim: Claim, _ fingerprint: UInt64, _ address: GossipAddress) -> MemberCard {
    MemberCard(
      id: claim.id,
      fingerprint: fingerprint,
      epoch: claim.epoch,
      address: address,
      metadata: Array(claim.metadata)
    )
  }

  private mutating func takeUnknown(_ claim: Claim, _ fingerprint: UInt64) {
    guard let address = claim.address, self.members.count < self.configuration.limits.members else { return }
    let card = self.card(claim, fingerprint, address)
    let status: GossipMember.Status =
      switch claim.kind {
      case .dead: .dead
      case .left: .left
      case .alive, .suspect: .alive
      }
    // Also who is gone is noted, so that an older word about it that comes later doesn't bring it to life.
    let slot = self.members.insert(card, incarnation: claim.incarnation, status: status)
    if status == .alive {
      self.tableChanged()
      self.events.append(.joined(self.members[slot].member))
      self.showRecords(of: card)
      self.enqueue(.member(slot), .alive)
    } else {
      self.depart(slot, status)
    }
  }

  private mutating func takeNewLife(_ claim: Claim, _ slot: Slot, _ fingerprint: UInt64) {
    guard let address = claim.address else { return }
    let wasPresent = self.members[slot].isPresent
    let card = self.card(claim, fingerprint, address)
    self.endSuspicion(slot)
    switch claim.kind {
    case .alive:
      self.setStatus(slot, card: card, incarnation: claim.incarnation, .alive)
      self.events.append(wasPresent ? .restarted(self.members[slot].member) : .returned(self.members[slot].member))
      self.enqueue(.member(slot), .alive)
    case .dead, .left:
      let status: GossipMember.Status = claim.kind == .dead ? .dead : .left
      self.setStatus(slot, card: card, incarnation: claim.incarnation, status)
      let member = self.members[slot].member
      if wasPresent { self.events.append(status == .dead ? .failed(member) : .left(member)) }
      self.enqueue(.member(slot), status == .dead ? .dead : .left, accuser: claim.accuser)
    case .suspect:
      break
    }
  }

  private mutating func takeAlive(_ claim: Claim, _ slot: Slot) {
    let record = self.members[slot]
    if let address = claim.address, address != record.card.address {
      guard !record.isPresent, claim.incarnation > record.incarnation else {
        self.counters.conflicts += 1
        if record.isPresent { self.events.append(.conflict(record.member, claimedBy: address)) }
        return
      }
    }
    guard claim.incarnation > record.incarnation else { return }
    var card: MemberCard?
    let address = claim.address ?? record.card.address
    let isChanged = claim.metadata != record.card.metadata[...]
    if isChanged || address != record.card.address { card = self.card(claim, record.card.fingerprint, address) }
    let accused = self.suspicions.first { $0.slot == slot }?.incarnation
    if let accused, record.status == .suspect, claim.incarnation <= accused {
      // Newer words, but not new enough to refute.
      self.setStatus(slot, card: card, incarnation: claim.incarnation, .suspect)
      return
    }
    self.endSuspicion(slot)
    self.setStatus(slot, card: card, incarnation: claim.incarnation, .alive)
    let member = self.members[slot].member
    if record.status == .suspect { self.events.append(.refuted(member)) }
    if !record.isPresent { self.events.append(.returned(member)) }
    if isChanged { self.events.append(.updated(member)) }
    self.enqueue(.member(slot), .alive)
  }

  private mutating func takeSuspicion(_ claim: Claim, _ slot: Slot) {
    let record = self.members[slot]
    guard record.isPresent, claim.incarnation >= record.incarnation else {
      // The accuser doesn't know yet what is known here. A death isn't told: it may be the view from before a partition.
      if record.status != .dead, self.replies.isEmpty { self.replies.append(record.claim) }
      return
    }
    self.suspect(slot, incarnation: claim.incarnation, accuser: claim.accuser)
  }

  private mutating func takeDeath(_ claim: Claim, _ slot: Slot, from sender: UInt64, isHistory: Bool) {
    let record = self.members[slot]
    guard claim.incarnation >= record.incarnation else {
      if record.isPresent, self.replies.isEmpty { self.replies.append(record.claim) }
      return
    }
    guard record.isPresent else {
      // Even where nothing changes the highest incarnation is kept, so that nothing older brings it to life.
      if claim.incarnation > record.incarnation { self.setStatus(slot, incarnation: claim.incarnation, .dead) }
      return
    }
    if isHistory {
      self.suspect(slot, incarnation: claim.incarnation, accuser: sender)
      if let accusation = self.accusation(of: slot) { self.send([accusation], to: record.card.address) }
    } else {
      self.die(slot, incarnation: claim.incarnation, accuser: claim.accuser)
    }
  }

  private mutating func takeGoodbye(_ claim: Claim, _ slot: Slot) {
    let record = self.members[slot]
    guard claim.incarnation >= record.incarnation else { return }
    guard record.status != .left else {
      self.members.update(slot, incarnation: claim.incarnation, status: .left)
      return
    }
    self.endSuspicion(slot)
    self.setStatus(slot, incarnation: claim.incarnation, .left)
    self.events.append(.left(self.members[slot].member))
    self.enqueue(.member(slot), .left)
  }

  // MARK: - What follows from a change

  /// Changes a line, and everything that hangs on whether its member is present.
  mutating func setStatus(_ slot: Slot, card: MemberCard? = nil, incarnation: UInt32, _ status: GossipMember.Status) {
    let before = self.members[slot]
    self.members.update(slot, card: card, incarnation: incarnation, status: status)
    let after = self.members[slot]
    if before.digest != after.digest { self.tableChanged() }
    if after.isPresent {
      if !before.isPresent {
        self.departures.removeAll { $0.slot == slot }
        self.showRecords(of: after.card)
      }
    } else if status != before.status || card != nil {
      self.depart(slot, status)
      if before.isPresent, self.table.setPresence(of: after.card.fingerprint, false) {
        self.events.append(.recordsHidden(owner: after.card.id))
      }
    }
  }

  private mutating func showRecords(of card: MemberCard) {
    if self.table.setPresence(of: card.fingerprint, true) { self.events.append(.recordsShown(owner: card.id)) }
  }

  mutating func tableChanged() { self.agreements = 0 }

  private mutating func depart(_ slot: Slot, _ status: GossipMember.Status) {
    self.departures.removeAll { $0.slot == slot }
    let retention = self.configuration.retention
    let forgetAt = self.now + (status == .left ? retention.left : retention.dead)
    self.departures.append(Departure(slot: slot, forgetAt: forgetAt))
    if self.healDue == .never { self.scheduleHealing() }
  }

  var departuresDue: Duration {
    var due = Duration.never
    for departure in self.departures { due = min(due, departure.forgetAt) }
    return due
  }

  mutating func forgetDeparted() {
    for departure in self.departures where self.now >= departure.forgetAt {
      let card = self.members[departure.slot].card
      self.queue.remove(.member(departure.slot))
      self.table.forget(owner: card.fingerprint)
      self.members.remove(departure.slot)
      self.events.append(.forgotten(card.id))
    }
    let now = self.now
    self.departures.removeAll { now >= $0.forgetAt }
  }
}
