// SPDX-License-Identifier: Apache-2.0

/// A good-bye under way.
struct Leaving: Sendable {
  /// When this member stops waiting for it to spread.
  var deadline: Duration
  var isOver = false
}

extension GossipCore {
  /// Somebody says something about this member.
  mutating func takeOwn(_ claim: Claim) {
    let record = self.members[self.members.own]
    let own = record.card
    if claim.epoch < own.epoch {
      // Somebody remembers an earlier life.
      self.replies.append(record.claim)
      return
    }
    if claim.kind == .alive, let address = claim.address, address != own.address {
      self.counters.conflicts += 1
      self.events.append(.superseded(by: address))
      return
    }
    if claim.epoch > own.epoch {
      self.renew(beyond: claim.epoch)
      return
    }
    switch claim.kind {
    case .alive:
      guard claim.incarnation > record.incarnation else { return }
    case .suspect, .dead:
      if self.leaving != nil {
        // The good-bye outranks an accusation of the same incarnation.
        guard claim.incarnation > record.incarnation else {
          self.replies.append(record.claim)
          return
        }
        self.members.update(self.members.own, incarnation: claim.incarnation, status: .left)
        self.enqueue(.member(self.members.own), .left)
        return
      }
      if claim.incarnation >= record.incarnation { self.raiseHealth(by: 1) }
    case .left:
      if self.leaving != nil { return }
    }
    guard claim.kind == .alive || claim.incarnation >= record.incarnation else {
      // It was refuted already; the sender doesn't know yet.
      self.replies.append(record.claim)
      return
    }
    self.counters.refutations += 1
    self.announce(above: claim.incarnation)
    self.replies.append(self.members[self.members.own].claim)
    if let slot = self.members.slot(of: claim.accuser), self.members[slot].isPresent, slot != self.members.own {
      self.send([self.members[self.members.own].claim], to: self.members[slot].card.address)
    }
  }

  /// Raises the own incarnation and tells everybody; when incarnations run out, a new epoch begins.
  mutating func announce(above incarnation: UInt32, metadata: [UInt8]? = nil) {
    let record = self.members[self.members.own]
    guard incarnation < Claim.largestIncarnation - 1 else {
      self.renew(beyond: record.card.epoch)
      return
    }
    var card: MemberCard?
    if let metadata { card = self.ownCard(metadata: metadata) }
    let raised = max(incarnation, record.incarnation) + 1
    self.members.update(self.members.own, card: card, incarnation: raised, status: .alive)
    self.tableChanged()
    self.enqueue(.member(self.members.own), .own)
  }

  private func ownCard(epoch: UInt64? = nil, address: GossipAddress? = nil, metadata: [UInt8]? = nil) -> MemberCard {
    let card = self.members[self.members.own].card
    return MemberCard(
      id: card.id,
      fingerprint: card.fingerprint,
      epoch: epoch ?? card.epoch,
      address: address ?? card.address,
      metadata: metadata ?? card.metadata
    )
  }

  /// Begins a new life that outranks everything said about earlier ones.
  private mutating func renew(beyond epoch: UInt64, address: GossipAddress? = nil) {
    guard epoch < Claim.largestEpoch - 1, self.leaving == nil else { return }
    let card = self.ownCard(epoch: epoch + 1, address: address)
    self.members.update(self.members.own, card: card, incarnation: 0, status: .alive)
    self.tableChanged()
    self.events.append(.renewed(epoch: epoch + 1))
    self.enqueue(.member(self.members.own), .own)
    self.republish()
  }

  // MARK: - What a host says

  /// Replaces what this member says about itself.
  ///
  /// - Throws: ``GossipError/Code/tooLarge`` beyond 512 bytes, ``GossipError/Code/left`` after ``leave(now:)``.
  public mutating func setMetadata(_ metadata: [UInt8], now: Duration) throws(GossipError) {
    try self.checkPresent()
    guard metadata.count <= GossipConfiguration.maximumMetadataBytes else {
      throw GossipError(.tooLarge, "metadata has at most \(GossipConfiguration.maximumMetadataBytes) bytes")
    }
    self.begin(now)
    self.announce(above: self.members[self.members.own].incarnation, metadata: metadata)
  }

  /// This member listens at another address from now on.
  ///
  /// It takes a new epoch, so that everybody finds it again (moby#41043).
  ///
  /// - Throws: ``GossipError/Code/left`` after ``leave(now:)``.
  public mutating func setAddress(_ address: GossipAddress, now: Duration) throws(GossipError) {
    try self.checkPresent()
    self.begin(now)
    let card = self.members[self.members.own].card
    if address != card.address { self.renew(beyond: card.epoch, address: address) }
  }

  /// Sends some bytes to all members.
  ///
  /// Each gets them once, in no particular order, unless it is away for longer than rumours last.
  ///
  /// - Parameters:
  ///   - payload: at most 512 bytes.
  ///   - name: a later broadcast of this member with the same name replaces this one where it wasn't passed on yet; empty for
  ///     one that must not be replaced. At most 64 bytes.
  ///   - now: the current time.
  /// - Throws: ``GossipError/Code/tooLarge``, ``GossipError/Code/full``, ``GossipError/Code/left``.
  public mutating func broadcast(_ payload: [UInt8], name: [UInt8] = [], now: Duration) throws(GossipError) {
    try self.checkPresent()
    guard payload.count <= GossipConfiguration.maximumBroadcastBytes, name.count <= BroadcastClaim.maximumNameBytes else {
      throw GossipError(.tooLarge, "a broadcast has at most 512 bytes and its name 64")
    }
    guard self.broadcasts.waiting.count < self.configuration.limits.broadcasts else {
      throw GossipError(.full, "\(self.broadcasts.waiting.count) broadcasts wait already")
    }
    self.begin(now)
    let own = self.members[self.members.own].card
    let number = self.broadcasts.takeNumber()
    self.passOn(
      BroadcastClaim(origin: own.fingerprint, epoch: own.epoch, number: number, name: name[...], payload: payload[...])
    )
  }

  func checkPresent() throws(GossipError) {
    if self.leaving != nil { throw GossipError(.left, "this member has left") }
  }

  /// Says good-bye: the others hold this member for left, never for failed.
  ///
  /// ``GossipEvent/leaveCompleted`` follows within 2 s; until then the driver goes on.
  public mutating func leave(now: Duration) {
    guard self.leaving == nil else { return }
    self.begin(now)
    let own = self.members.own
    self.leaving = Leaving(deadline: self.now + .seconds(2))
    self.members.update(own, incarnation: self.members[own].incarnation, status: .left)
    self.joining = nil
    self.probe = nil
    self.suspicions.removeAll()
    self.suspicionsDue = .never
    self.enqueue(.member(own), .left)
    self.spreadDue = self.now
  }

  mutating func finishLeaving() {
    guard let leaving, !leaving.isOver else { return }
    self.leaving = Leaving(deadline: .never, isOver: true)
    self.events.append(.leaveCompleted)
  }
}
