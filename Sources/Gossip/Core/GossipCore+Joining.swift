// SPDX-License-Identifier: Apache-2.0

/// A join under way.
struct Joining: Sendable {
  /// Addresses that weren't tried in this round.
  var untried: [GossipAddress]
  var attempts = 0
  var nextAttempt: Duration
}

extension GossipCore {
  /// Joins the cluster that one of these addresses belongs to, trying them in random order until one answers.
  ///
  /// The addresses are kept: when none of their nodes is present, they are tried again now and then, so that a cluster that
  /// came up in two halves grows together.
  ///
  /// - Parameters:
  ///   - seeds: addresses of members; this node's own one is passed over.
  ///   - now: the current time.
  public mutating func join(_ seeds: [GossipAddress], now: Duration) {
    self.begin(now)
    let own = self.members[self.members.own].card.address
    self.seeds = seeds.filter { $0 != own }
    guard !self.seeds.isEmpty, self.leaving == nil else { return }
    self.joining = Joining(untried: self.seeds, nextAttempt: self.now)
    self.attemptJoin()
    if self.healDue == .never { self.scheduleHealing() }
  }

  mutating func attemptJoin() {
    guard var joining else { return }
    if joining.untried.isEmpty { joining.untried = self.seeds }
    let seed = joining.untried.remove(at: self.random.number(below: joining.untried.count))
    joining.attempts += 1
    joining.nextAttempt = .never
    self.joining = joining
    self.beginSync(with: seed, purpose: .join)
  }

  mutating func joinCompleted(through peer: GossipAddress) {
    guard self.joining != nil else { return }
    self.joining = nil
    self.syncPause = self.configuration.synchronising.interval
    self.lastSync = self.now - self.syncPause
    self.hurry()
    self.events.append(.joinCompleted(through: peer))
  }

  /// The seed is away or has too much to do.
  mutating func joinBrokeOff() {
    guard let joining else { return }
    let rounds = joining.attempts / max(1, self.seeds.count)
    if rounds > 0, joining.attempts % max(1, self.seeds.count) == 0, rounds % 4 == 0 {
      self.events.append(.joinFailed(attempts: joining.attempts))
    }
    let pause = min(.seconds(5), Duration.milliseconds(100) * (1 << min(6, rounds / 2)))
    self.joining?.nextAttempt = self.now + pause * 0.5 + self.random.duration(upTo: pause)
  }

  // MARK: - Healing

  /// How often one node tries to reach somebody who is gone: all nodes together about twice per second, none more often than
  /// once per second or less than once per minute.
  mutating func scheduleHealing() {
    let hasReason = !self.seeds.isEmpty || self.departures.contains { self.members[$0.slot].status == .dead }
    guard hasReason, self.leaving == nil else {
      self.healDue = .never
      return
    }
    let interval = min(.seconds(60), max(.seconds(1), .milliseconds(500) * self.members.presentCount))
    self.healDue = self.now + interval * 0.5 + self.random.duration(upTo: interval)
  }

  /// Tells one dead member that it is held for dead, or asks one seed that no present member lives at.
  ///
  /// If it is there, both sides refute, compare their tables and are one again.
  mutating func heal() {
    self.scheduleHealing()
    guard self.joining == nil else { return }
    var dead: [Slot] = []
    for departure in self.departures where self.members[departure.slot].status == .dead { dead.append(departure.slot) }
    let missing = self.missingSeeds()
    guard !dead.isEmpty || !missing.isEmpty else { return }
    self.counters.healingAttempts += 1
    let choice = self.random.number(below: dead.count + missing.count)
    if choice < dead.count {
      self.sendPing(to: dead[choice], sequence: self.takeSequence())
    } else if !self.hasSync({ $0 == .heal }) {
      self.beginSync(with: missing[choice - dead.count], purpose: .heal)
    }
  }

  private func missingSeeds() -> [GossipAddress] {
    self.seeds.filter { seed in
      !self.members.records.contains { $0.isPresent && $0.card.address == seed }
    }
  }
}
