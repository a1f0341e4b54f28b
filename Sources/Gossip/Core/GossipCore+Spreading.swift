// SPDX-License-Identifier: Apache-2.0

extension GossipCore {
  var ownFingerprint: UInt64 { self.members[self.members.own].card.fingerprint }

  /// How many members there are to talk to.
  ///
  /// A member that leaves isn't present itself, and still has its good-bye to tell.
  var othersPresent: Int { self.members.presentCount - (self.members[self.members.own].isPresent ? 1 : 0) }

  /// How often a rumour is passed on, each time to another member, so that everybody hears it with the wanted probability.
  ///
  /// A member is missed by all with probability e^(-r(1 - loss)) when each passes a rumour on r times; the budget makes the
  /// sum over all members and all rumours of one event small.
  package var budget: Int {
    let present = Double(max(2, self.othersPresent + 1))
    let wanted = 2 * Logarithm.natural(present) - Logarithm.natural(self.configuration.spreading.missProbability)
    let sent = Int((wanted / (1 - self.roundTrip.loss)).rounded(.up))
    return min(sent, 2 * (self.othersPresent + 1))
  }

  mutating func enqueue(
    _ subject: RumourQueue.Subject,
    _ urgency: RumourQueue.Urgency,
    accuser: UInt64 = 0,
    incarnation: UInt32 = 0
  ) {
    // A suspicion needs witnesses and its subject, which the accuser tells itself; the verdict needs everybody.
    let budget = urgency == .suspect ? self.budget / 3 + 1 : self.budget
    self.queue.enqueue(subject, urgency, budget: budget, accuser: accuser, incarnation: incarnation)
    guard self.spreadDue == .never else { return }
    // News after silence goes out at once, but together with what else arrives in the same moment.
    let gathering = self.random.duration(upTo: .milliseconds(10))
    self.spreadDue = max(self.now + gathering, self.lastSpread + self.configuration.spreading.interval)
  }

  /// One round: tells some members what is new.
  mutating func spread() {
    self.lastSpread = self.now
    var told: [Slot] = []
    for _ in 0..<min(self.configuration.spreading.fanout, self.othersPresent + 1) where !self.queue.isEmpty {
      guard let slot = self.nextPresent(.spreading, excluding: told.last) else { break }
      if told.contains(slot) { break }
      told.append(slot)
      let start = self.beginPacket(.rumours)
      let empty = self.writer.bytes.count
      self.fill(start)
      if self.writer.bytes.count == empty {
        self.writer.bytes.removeSubrange(start...)
      } else {
        self.finishPacket(start, to: self.members[slot].card.address)
      }
    }
    if told.isEmpty, self.othersPresent < 1 { self.queue.drain() }
    self.spreadDue = self.queue.isEmpty ? .never : self.now + self.configuration.spreading.interval
  }

  // MARK: - Packets

  var header: Header {
    Header(
      kind: 0,
      label: self.label,
      sender: self.ownFingerprint,
      digest: self.digest,
      count: UInt64(self.knowledge)
    )
  }

  /// Members and records in one number.
  package var digest: UInt64 { self.members.digest &+ self.table.digest }

  /// How much that number stands for.
  var knowledge: Int { self.members.presentCount + self.table.visibleCount }

  mutating func beginPacket(_ body: Packet.Body) -> Int {
    let start = self.writer.bytes.count
    var header = self.header
    header.kind = body.kind
    self.writer.header(header)
    self.writer.body(body)
    return start
  }

  /// Fills the rest of a packet with rumours and sends it.
  mutating func endPacket(_ start: Int, to receiver: GossipAddress) {
    self.fill(start)
    self.finishPacket(start, to: receiver)
  }

  private mutating func finishPacket(_ start: Int, to receiver: GossipAddress) {
    self.packets.append(OutgoingPacket(receiver: receiver, range: start..<self.writer.bytes.count))
  }

  private mutating func fill(_ start: Int) {
    if self.queue.isEmpty { return }
    let end = start + self.configuration.packetBytes
    var writer = WireWriter()
    swap(&writer, &self.writer)
    let members = self.members
    let table = self.table
    let broadcasts = self.broadcasts.waiting
    var finished: [UInt64] = []
    self.queue.take { subject, rumour in
      let room = end - writer.bytes.count
      if room < 40 { return .full }
      switch subject {
      case .member(let slot):
        guard let claim = members.rumour(slot, rumour) else { return .void }
        guard claim.encodedLength <= room else { return .tooLarge }
        writer.claim(claim)
      case .record(let slot):
        let record = table[slot]
        if record.isVacant { return .void }
        let claim = record.claim
        guard claim.encodedLength <= room else { return .tooLarge }
        writer.record(claim)
      case .broadcast(let fingerprint):
        guard let broadcast = broadcasts[fingerprint] else { return .void }
        guard broadcast.encodedLength <= room else { return .tooLarge }
        writer.broadcast(broadcast)
        if rumour.budget == 1 { finished.append(fingerprint) }
      }
      return .written
    }
    swap(&writer, &self.writer)
    for fingerprint in finished { self.broadcasts.drop(fingerprint) }
  }

  /// Sends a few claims to one address at once.
  mutating func send(_ claims: [Claim], to receiver: GossipAddress) {
    let start = self.beginPacket(.rumours)
    self.write(claims, from: start)
    self.endPacket(start, to: receiver)
  }

  /// Writes as many of the claims as fit.
  mutating func write(_ claims: [Claim], from start: Int) {
    let end = start + self.configuration.packetBytes
    for claim in claims where self.writer.bytes.count + claim.encodedLength <= end { self.writer.claim(claim) }
  }
}

extension MemberTable {
  /// The words of a rumour about a member, or nil when they no longer hold.
  func rumour(_ slot: Slot, _ rumour: RumourQueue.Rumour) -> Claim? {
    let record = self[slot]
    switch (record.status, rumour.urgency) {
    case (.suspect, .suspect): return record.claim(.suspect, incarnation: rumour.incarnation, accuser: rumour.accuser)
    case (.dead, .dead): return record.claim(.dead, incarnation: record.incarnation, accuser: rumour.accuser)
    case (.left, .left): return record.claim(.left, incarnation: record.incarnation)
    case (.alive, .alive), (.alive, .own), (.suspect, .alive): return record.claim(.alive, incarnation: record.incarnation)
    default: return nil
    }
  }
}
