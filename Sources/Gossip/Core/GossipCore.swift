// SPDX-License-Identifier: Apache-2.0

/// One member of a gossiping cluster, as a pure value: fed with events, it hands back what to do.
///
/// The core has no clock, no I/O and no chance of its own. Whoever drives it calls the event methods (``tick(now:)``,
/// ``receive(packet:from:now:)``, ``receive(frame:on:now:)`` …), then takes **one** ``GossipReady`` per turn and carries it out.
/// `now` is a monotonic time since any origin; a time that goes back counts as the last one.
///
/// Methods throw typed errors and never trap on what comes from outside; an event that throws has changed nothing.
public struct GossipCore: Sendable {
  /// The knobs.
  public let configuration: GossipConfiguration
  let label: UInt32

  // MARK: What is known
  package var members: MemberTable
  package var table: GossipTable
  var departures: [Departure] = []

  // MARK: Watching
  /// Lifeguard's local health multiplier: 0 is healthy.
  package var health = 0
  var probe: Probe?
  var probeDue: Duration
  var probeCycle = SlotCycle()
  /// Suspects to probe before others, so that suspicions are confirmed by independent witnesses.
  var urgentProbes: [Slot] = []
  var suspicions: [Suspicion] = []
  var suspicionsDue = Duration.never
  var relays: [Relay] = []
  var relaysDue = Duration.never
  var roundTrip = RoundTrip()
  var nextSequence: UInt32

  // MARK: Spreading
  var queue = RumourQueue()
  var broadcasts = BroadcastStore()
  var spreadDue = Duration.never
  var lastSpread: Duration
  var spreadCycle = SlotCycle()

  // MARK: Comparing
  var exchanges: [Exchange] = []
  var exchangesDue = Duration.never
  var nextStream: UInt64 = 1
  /// When the last exchange that this node began was over.
  var lastSync: Duration
  /// How long to wait after that while much differs.
  var syncPause: Duration
  /// Until when differences are repaired without waiting for rumours to settle.
  var hurryUntil: Duration
  /// Since when every digest seen differed from the own one.
  var differsSince: Duration?
  /// Digests of probes and answers in a row that were equal to the own one.
  var agreements = 0

  // MARK: Coming, healing and going
  var joining: Joining?
  var seeds: [GossipAddress] = []
  var healDue = Duration.never
  var leaving: Leaving?

  // MARK: For the next batch
  var writer = WireWriter()
  var packets: [OutgoingPacket] = []
  var streams: [StreamAction] = []
  var events: [GossipEvent] = []
  /// What the sender of the packet at hand should be told.
  var replies: [Claim] = []
  var counters = GossipCounters()

  var now: Duration
  var random: SplitMix64

  /// Starts a member that knows nobody but itself.
  ///
  /// - Parameters:
  ///   - id: its stable name.
  ///   - epoch: which life of the member this is: higher than at any start before. A counter on disk or the seconds since 1970
  ///     will do; a value that is too low is corrected (``GossipEvent/renewed(epoch:)``).
  ///   - address: where the others reach it.
  ///   - metadata: what it says about itself, at most 512 bytes.
  ///   - configuration: the knobs.
  ///   - seed: chance; give every start another one.
  ///   - now: the current time.
  /// - Throws: ``GossipError/Code/invalidConfiguration``, ``GossipError/Code/invalidIdentity`` or ``GossipError/Code/tooLarge``.
  public init(
    id: MemberID,
    epoch: UInt64,
    address: GossipAddress,
    metadata: [UInt8] = [],
    configuration: GossipConfiguration = .default,
    seed: UInt64,
    now: Duration
  ) throws(GossipError) {
    try configuration.validate()
    guard epoch < Claim.largestEpoch else { throw GossipError(.invalidIdentity, "an epoch is below 2^56") }
    guard metadata.count <= GossipConfiguration.maximumMetadataBytes else {
      throw GossipError(.tooLarge, "metadata has at most \(GossipConfiguration.maximumMetadataBytes) bytes")
    }
    let fingerprint = id.fingerprint
    self.configuration = configuration
    self.label = Header.tag(configuration.label)
    let card = MemberCard(id: id, fingerprint: fingerprint, epoch: epoch, address: address, metadata: metadata)
    self.members = MemberTable(own: card)
    self.table = GossipTable(limit: configuration.limits.records)
    _ = self.table.setPresence(of: fingerprint, true)
    self.random = SplitMix64(seed: Mixing.mix(seed) ^ fingerprint)
    self.nextSequence = UInt32(truncatingIfNeeded: self.random.next())
    self.now = now
    self.probeDue = now + self.random.duration(upTo: configuration.probing.interval)
    self.lastSpread = now - configuration.spreading.interval
    self.lastSync = now - configuration.synchronising.interval
    self.syncPause = configuration.synchronising.interval
    self.hurryUntil = now
  }

  // MARK: - What everybody asks

  /// This member's own line.
  public var own: GossipMember { self.members[self.members.own].member }

  /// Everybody known, this member too, whatever they are held for.
  public var allMembers: [GossipMember] {
    self.members.records.compactMap { $0.status == nil ? nil : $0.member }.sorted { $0.id < $1.id }
  }

  /// Where other members are that are alive or suspect, at most so many.
  package func otherAddresses(limit: Int) -> [GossipAddress] {
    let own = self.members[self.members.own].card
    return self.members.records.lazy.filter { $0.isPresent && $0.card !== own }.prefix(limit).map(\.card.address)
  }

  /// How many members are alive or suspect, this one among them.
  public var presentCount: Int { self.members.presentCount }

  /// What is known about a member.
  public func member(_ id: MemberID) -> GossipMember? {
    guard let slot = self.members.slot(of: id.fingerprint), self.members[slot].card.id == id else { return nil }
    return self.members[slot].member
  }

  /// Counts of what happened since the start.
  public var statistics: GossipCounters { self.counters }

  /// When ``tick(now:)`` wants to be called at the latest.
  ///
  /// Ask again after every event.
  public var nextDeadline: Duration {
    var due = min(self.spreadDue, self.suspicionsDue)
    due = min(due, self.relaysDue)
    due = min(due, self.exchangesDue)
    due = min(due, self.healDue)
    if let probe {
      due = min(due, probe.hasHelp ? probe.deadline : probe.helpAt)
    } else if self.isWatching {
      due = min(due, self.probeDue)
    }
    if let joining { due = min(due, joining.nextAttempt) }
    if let leaving { due = min(due, leaving.deadline) }
    if !self.departures.isEmpty { due = min(due, self.departuresDue) }
    if let forget = self.table.nextDeadline { due = min(due, forget) }
    return due
  }

  /// Time passed.
  public mutating func tick(now: Duration) {
    self.begin(now)
    let now = self.now
    if now >= self.relaysDue { self.advanceRelays() }
    self.advanceProbe()
    if now >= self.suspicionsDue { self.advanceSuspicions() }
    if now >= self.exchangesDue { self.expireExchanges() }
    if let joining, now >= joining.nextAttempt { self.attemptJoin() }
    if now >= self.healDue { self.heal() }
    if !self.departures.isEmpty, now >= self.departuresDue { self.forgetDeparted() }
    if let forget = self.table.nextDeadline, now >= forget { self.table.forgetWithdrawn(now: now) }
    if now >= self.spreadDue { self.spread() }
    if let leaving, now >= leaving.deadline || self.queue.isEmpty { self.finishLeaving() }
  }

  /// Every event starts here.
  mutating func begin(_ now: Duration) {
    if now <= self.now { return }
    let lateness = now - self.nextDeadline
    self.now = now
    if lateness > self.configuration.probing.interval * 2 { self.resume(after: lateness) }
  }

  /// This node stood still: what it waited for may have come long ago, so nobody is blamed for the silence.
  private mutating func resume(after lateness: Duration) {
    self.counters.pauses += 1
    self.events.append(.paused(lateness))
    self.raiseHealth(by: 1)
    self.probe = nil
    self.probeDue = self.now + self.random.duration(upTo: self.configuration.probing.interval)
    self.relays.removeAll(keepingCapacity: true)
    self.relaysDue = .never
    for index in self.suspicions.indices { self.suspicions[index].postpone(by: lateness) }
    self.scheduleSuspicions()
    for index in self.exchanges.indices { self.exchanges[index].deadline += lateness }
    self.scheduleExchanges()
  }

  // MARK: - The batch

  /// What there is to do after the events since the last call.
  ///
  /// Carry it out and give it back to ``recycle(_:)``.
  public mutating func takeReady() -> GossipReady {
    var ready = GossipReady()
    swap(&ready.bytes, &self.writer.bytes)
    swap(&ready.packets, &self.packets)
    swap(&ready.streams, &self.streams)
    swap(&ready.events, &self.events)
    return ready
  }

  /// Gives the memory of a batch that was carried out back to the core.
  public mutating func recycle(_ ready: consuming GossipReady) {
    guard self.writer.bytes.isEmpty, self.packets.isEmpty, self.streams.isEmpty, self.events.isEmpty else { return }
    ready.bytes.removeAll(keepingCapacity: true)
    ready.packets.removeAll(keepingCapacity: true)
    ready.streams.removeAll(keepingCapacity: true)
    ready.events.removeAll(keepingCapacity: true)
    swap(&ready.bytes, &self.writer.bytes)
    swap(&ready.packets, &self.packets)
    swap(&ready.streams, &self.streams)
    swap(&ready.events, &self.events)
  }

  /// Whether ``takeReady()`` would give anything.
  public var hasReady: Bool { !(self.packets.isEmpty && self.streams.isEmpty && self.events.isEmpty) }
}

extension Duration {
  /// Later than any time that comes.
  static let never = Duration.seconds(Int64.max >> 4)
}
