// SPDX-License-Identifier: Apache-2.0

extension GossipCore {
  /// A datagram arrived and was opened.
  ///
  /// - Parameters:
  ///   - packet: its bytes.
  ///   - source: the address it came from; answers go there.
  ///   - now: the current time.
  /// - Throws: ``GossipError/Code/malformed``, ``GossipError/Code/unsupportedFormat`` or ``GossipError/Code/wrongLabel``; nothing
  ///   was changed.
  public mutating func receive(packet bytes: ArraySlice<UInt8>, from source: GossipAddress, now: Duration) throws(GossipError) {
    let packet: Packet
    do {
      var reader = WireReader(bytes)
      packet = try reader.packet(label: self.label)
    } catch {
      self.counters.refused += 1
      throw error
    }
    self.begin(now)
    // A node that hears itself has joined its own address.
    if packet.header.sender == self.ownFingerprint, source == self.own.address { return }
    self.replies.removeAll(keepingCapacity: true)
    self.take(packet.rumours, from: packet.header.sender)
    self.judgeSender(packet.header.sender)
    self.handle(packet, from: source)
    if !self.replies.isEmpty { self.send(self.replies, to: source) }
    var isProbe = false
    switch packet.body {
    case .ping, .answer: isProbe = true
    case .rumours, .pingRequest, .relayedAnswer, .relayedSilence: break
    }
    self.compare(packet.header, with: source, isProbe: isProbe)
  }

  private mutating func handle(_ packet: Packet, from source: GossipAddress) {
    switch packet.body {
    case .rumours:
      break
    case .ping(let sequence, let target):
      guard target == self.members[self.members.own].card.handle else {
        // It looks for somebody else at this address, or for an earlier life of this member.
        self.replies.append(self.members[self.members.own].claim)
        return
      }
      let start = self.beginPacket(.answer(sequence: sequence))
      self.write(self.replies, from: start)
      self.replies.removeAll(keepingCapacity: true)
      self.endPacket(start, to: source)
    case .answer(let sequence):
      self.answered(sequence, by: packet.header.sender)
    case .pingRequest(let sequence, let target, let address):
      self.help(source, sequence: sequence, target: target, at: address)
    case .relayedAnswer(let sequence):
      self.relayedAnswer(sequence)
    case .relayedSilence(let sequence):
      self.relayedSilence(sequence)
    }
  }

  /// Whoever speaks and is held for dead or suspect is told so, and refutes.
  private mutating func judgeSender(_ sender: UInt64) {
    guard let slot = self.members.slot(of: sender), slot != self.members.own else { return }
    if let accusation = self.accusation(of: slot) { self.replies.append(accusation) }
  }

  /// Takes over what somebody says.
  mutating func take(_ rumours: Rumours, from sender: UInt64) {
    for claim in rumours.claims { self.take(claim, from: sender) }
    for record in rumours.records { self.take(record) }
    for broadcast in rumours.broadcasts { self.take(broadcast) }
  }

  private mutating func take(_ broadcast: BroadcastClaim) {
    guard broadcast.origin != self.ownFingerprint, self.broadcasts.hear(broadcast.fingerprint) else { return }
    let sender = self.members.slot(of: broadcast.origin).map { self.members[$0].card.id }
    if self.broadcasts.isOutdated(broadcast) { return }
    self.events.append(.broadcast(from: sender, name: Array(broadcast.name), payload: Array(broadcast.payload)))
    self.passOn(broadcast)
  }

  mutating func passOn(_ broadcast: BroadcastClaim) {
    guard self.broadcasts.waiting.count < self.configuration.limits.broadcasts else { return }
    if let replaced = self.broadcasts.keep(broadcast) { self.queue.remove(.broadcast(replaced)) }
    self.enqueue(.broadcast(broadcast.fingerprint), .broadcast)
  }

  // MARK: - Digests

  /// Compares the sender's tables with the own ones, after its rumours were taken.
  private mutating func compare(_ header: Header, with address: GossipAddress, isProbe: Bool) {
    if header.digest == self.digest {
      self.differsSince = nil
      self.syncPause = self.configuration.synchronising.interval
      if isProbe { self.agree() }
      return
    }
    self.agreements = 0
    let since = self.differsSince ?? self.now
    self.differsSince = since
    let difference = (Int(clamping: header.count) - self.knowledge).magnitude
    let differsMuch = difference > 8
    let pause = differsMuch ? self.syncPause : self.configuration.synchronising.interval
    guard self.leaving == nil, self.now - self.lastSync >= pause, !self.isSynchronising else { return }
    if differsMuch { self.hurry() }
    if self.now < self.hurryUntil || self.now - since >= self.configuration.synchronising.settling {
      self.beginSync(with: address, purpose: .repair)
    }
  }

  /// Much has changed: for a while every difference is repaired at once, down to the last one.
  mutating func hurry() { self.hurryUntil = self.now + self.configuration.synchronising.settling * 2 }

  /// Probes meet members at random; when many in a row agree, everybody knows, and what is left of the rumours is dropped.
  private mutating func agree() {
    self.agreements += 1
    guard self.agreements >= 8, !self.queue.isEmpty else { return }
    self.agreements = 0
    let before = self.queue.count
    if self.leaving == nil { self.queue.retire() }
    self.counters.retiredRumours += before - self.queue.count
  }
}
