// SPDX-License-Identifier: Apache-2.0

/// One look at one member: direct, then through helpers and a stream at once.
struct Probe: Sendable {
  var slot: Slot
  var handle: UInt64
  var fingerprint: UInt64
  var sequence: UInt32
  var startedAt: Duration
  /// When others are asked.
  var helpAt: Duration
  /// When it has failed.
  var deadline: Duration
  var hasHelp = false
  /// Helpers that said neither "it answers" nor "I'm well, and it doesn't".
  var silentHelpers = 0
  var askedHelpers = 0
  var stream: StreamID?
}

/// A ping for somebody else.
struct Relay: Sendable {
  var sequence: UInt32
  var origin: GossipAddress
  var originSequence: UInt32
  /// When the origin is told that there is no answer.
  var silenceAt: Duration
  var hasReported = false
  var deadline: Duration
}

extension GossipCore {
  /// Whether this member watches others; one that leaves doesn't.
  var isWatching: Bool { self.leaving == nil }

  /// How much slower everything goes while this node is unwell.
  private var slowness: Int { self.health + 1 }

  mutating func raiseHealth(by amount: Int) {
    self.health = min(self.configuration.probing.healthLimit - 1, self.health + amount)
  }

  private mutating func lowerHealth() { self.health = max(0, self.health - 1) }

  mutating func takeSequence() -> UInt32 {
    self.nextSequence &+= 1
    return self.nextSequence
  }

  private var directTimeout: Duration {
    let probing = self.configuration.probing
    return self.roundTrip.timeout(in: probing.minimumTimeout...probing.timeout)
  }

  mutating func advanceProbe() {
    if let probe {
      let record = self.members[probe.slot]
      if !record.isPresent || record.card.handle != probe.handle {
        // It said good-bye, died or began a new life meanwhile: nothing is learned about anybody.
        if let stream = probe.stream { self.close(stream) }
        self.probe = nil
      } else if self.now >= probe.deadline {
        self.failProbe(probe)
      } else if !probe.hasHelp, self.now >= probe.helpAt {
        self.askForHelp(probe)
      }
    }
    if self.probe == nil, self.isWatching, self.now >= self.probeDue { self.startProbe() }
  }

  private mutating func startProbe() {
    let interval = self.configuration.probing.interval * self.slowness
    self.probeDue = self.now + interval
    guard let slot = self.nextToProbe() else { return }
    let card = self.members[slot].card
    let sequence = self.takeSequence()
    self.probe = Probe(
      slot: slot,
      handle: card.handle,
      fingerprint: card.fingerprint,
      sequence: sequence,
      startedAt: self.now,
      helpAt: self.now + self.directTimeout * self.slowness,
      deadline: self.now + interval * 0.8
    )
    self.counters.probes += 1
    self.sendPing(to: slot, sequence: sequence)
  }

  private mutating func nextToProbe() -> Slot? {
    while let slot = self.urgentProbes.popLast() {
      if self.members[slot].status == .suspect { return slot }
    }
    return self.nextPresent(.probing)
  }

  /// The next present member to watch or to tell news, or nil when there is none but the excluded ones.
  mutating func nextPresent(_ errand: Errand, excluding excluded: Slot? = nil) -> Slot? {
    guard self.othersPresent > 0 else { return nil }
    let count = self.members.records.count
    for _ in 0..<(2 * count) {
      let slot =
        switch errand {
        case .probing: self.probeCycle.next(below: count, &self.random)
        case .spreading: self.spreadCycle.next(below: count, &self.random)
        }
      if slot != excluded, slot != self.members.own, self.members[slot].isPresent { return slot }
    }
    return nil
  }

  /// What a member is chosen for; each errand has its own order.
  enum Errand { case probing, spreading }

  /// A ping, which tells its target first what it is accused of.
  mutating func sendPing(to slot: Slot, sequence: UInt32) {
    let record = self.members[slot]
    let start = self.beginPacket(.ping(sequence: sequence, target: record.card.handle))
    if let accusation = self.accusation(of: slot) { self.writer.claim(accusation) }
    self.endPacket(start, to: record.card.address)
  }

  private mutating func askForHelp(_ probe: Probe) {
    self.probe?.hasHelp = true
    self.counters.indirectProbes += 1
    let card = self.members[probe.slot].card
    let body = Packet.Body.pingRequest(sequence: probe.sequence, target: probe.handle, address: card.address)
    var asked: [Slot] = []
    for _ in 0..<max(0, min(self.configuration.probing.helpers, self.members.presentCount - 2)) {
      guard let helper = self.nextPresent(.spreading, excluding: probe.slot), !asked.contains(helper) else { continue }
      if self.members[helper].status == .suspect { continue }
      asked.append(helper)
      let start = self.beginPacket(body)
      self.endPacket(start, to: self.members[helper].card.address)
    }
    self.probe?.silentHelpers = asked.count
    self.probe?.askedHelpers = asked.count
    if self.configuration.probing.usesStreams {
      let stream = self.openProbeStream(to: probe.slot, deadline: probe.deadline, purpose: .probe)
      self.probe?.stream = stream
    }
  }

  private mutating func failProbe(_ probe: Probe) {
    self.probe = nil
    self.counters.failedProbes += 1
    self.roundTrip.note(lost: true)
    if let stream = probe.stream { self.close(stream) }
    // When most helpers are silent, too, the trouble is rather on this side (Lifeguard). It counts once: after a mass failure
    // many helpers are dead, and whoever is left must not slow down for it. Silence of a suspect was to be expected.
    let record = self.members[probe.slot]
    if record.status != .suspect, probe.silentHelpers * 2 >= probe.askedHelpers { self.raiseHealth(by: 1) }
    self.suspect(probe.slot, incarnation: record.incarnation, accuser: self.ownFingerprint)
  }

  // MARK: - Answers

  mutating func answered(_ sequence: UInt32, by sender: UInt64) {
    if let probe, probe.sequence == sequence, probe.fingerprint == sender {
      if !probe.hasHelp { self.roundTrip.note(self.now - probe.startedAt) }
      self.succeed(probe)
      return
    }
    guard let place = self.relays.firstIndex(where: { $0.sequence == sequence }) else { return }
    let relay = self.relays.remove(at: place)
    let start = self.beginPacket(.relayedAnswer(sequence: relay.originSequence))
    self.endPacket(start, to: relay.origin)
  }

  mutating func relayedAnswer(_ sequence: UInt32) {
    guard let probe, probe.sequence == sequence else { return }
    self.succeed(probe)
  }

  mutating func relayedSilence(_ sequence: UInt32) {
    guard let probe, probe.sequence == sequence, probe.silentHelpers > 0 else { return }
    self.probe?.silentHelpers -= 1
  }

  /// A stream that was opened for the probe at hand was answered.
  mutating func probeStreamAnswered(_ stream: StreamID) {
    guard let probe, probe.stream == stream else { return }
    self.probe?.stream = nil
    self.succeed(probe)
  }

  private mutating func succeed(_ probe: Probe) {
    self.lowerHealth()
    self.roundTrip.note(lost: probe.hasHelp)
    if probe.hasHelp { self.counters.rescuedProbes += 1 }
    if let stream = self.probe?.stream { self.close(stream) }
    self.probe = nil
  }

  // MARK: - Helping others

  mutating func help(_ origin: GossipAddress, sequence: UInt32, target: UInt64, at address: GossipAddress) {
    guard self.relays.count < 256 else { return }
    let interval = self.configuration.probing.interval
    let relay = Relay(
      sequence: self.takeSequence(),
      origin: origin,
      originSequence: sequence,
      silenceAt: self.now + interval / 4,
      deadline: self.now + interval
    )
    self.relays.append(relay)
    self.relaysDue = min(self.relaysDue, relay.silenceAt)
    let start = self.beginPacket(.ping(sequence: relay.sequence, target: target))
    self.endPacket(start, to: address)
  }

  mutating func advanceRelays() {
    for place in self.relays.indices where !self.relays[place].hasReported && self.now >= self.relays[place].silenceAt {
      self.relays[place].hasReported = true
      let start = self.beginPacket(.relayedSilence(sequence: self.relays[place].originSequence))
      self.endPacket(start, to: self.relays[place].origin)
    }
    let now = self.now
    self.relays.removeAll { now >= $0.deadline }
    self.relaysDue = .never
    for relay in self.relays {
      self.relaysDue = min(self.relaysDue, relay.hasReported ? relay.deadline : relay.silenceAt)
    }
  }
}
