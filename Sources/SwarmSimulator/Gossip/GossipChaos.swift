// SPDX-License-Identifier: Apache-2.0

public import Gossip

/// Chaos, then calm: faults that a seed chooses, and afterwards everybody must agree.
public struct GossipChaos: Sendable {
  /// What a run did and found.
  public struct Report: Sendable {
    /// What was found wrong; empty when every invariant held and calm led to agreement.
    public var violations: [String] = []
    /// How long after the last fault all agreed.
    public var timeToAgreement: Duration?
    /// How often each thing happened; a thing that never happens in many runs isn't tested.
    public var coverage: [String: Int] = [:]
    /// Equal for equal runs.
    public var fingerprint: UInt64 = 0
  }

  /// Calm may last so long before all agree.
  ///
  /// A crash in the last moment still has to be noticed.
  public static let calm = Duration.seconds(40)

  private var simulation: GossipSimulation
  private var chance: GossipChance
  private var report = Report()
  private let seeds: [GossipAddress]
  private var keys = 0

  /// Runs one seed.
  ///
  /// - Parameters:
  ///   - seed: decides on the number of nodes (4 to 20), the faults and their times.
  ///   - seconds: how long faults happen.
  ///   - configuration: the knobs of all nodes.
  /// - Throws: ``GossipError`` when the configuration contradicts itself.
  public static func run(
    seed: UInt64,
    seconds: Int = 40,
    configuration: GossipConfiguration = .default
  ) throws(GossipError) -> Report {
    var chaos = try GossipChaos(seed: seed, configuration: configuration)
    try chaos.run(seconds: seconds)
    return chaos.report
  }

  private init(seed: UInt64, configuration: GossipConfiguration) throws(GossipError) {
    self.chance = GossipChance(seed: seed ^ 0x6368_616F_7300_0001)
    var configuration = configuration
    if self.chance.chance(0.25) { configuration.probing.usesStreams = false }
    self.simulation = GossipSimulation(configuration: configuration, seed: seed)
    self.simulation.checksInvariants = true
    self.seeds = (0..<3).map { GossipSimulation.address(of: $0) }
    try self.simulation.addNodes(4 + self.chance.number(below: 17))
    for node in 0..<self.simulation.nodeCount { self.join(node) }
  }

  private mutating func join(_ node: Int) {
    let seeds = self.seeds
    self.simulation.with(node) { core, now in core.join(seeds, now: now) }
  }

  private mutating func count(_ name: String, _ amount: Int = 1) { self.report.coverage[name, default: 0] += amount }

  private mutating func run(seconds: Int) throws(GossipError) {
    self.simulation.run(for: .seconds(2))
    // Each seed has its own kinds of faults.
    let faults = Fault.allCases.filter { _ in self.chance.chance(0.5) }
    for _ in 0..<(seconds * 2) {
      if !faults.isEmpty, self.chance.chance(0.4) { try self.commit(faults[self.chance.number(below: faults.count)]) }
      if self.chance.chance(0.5) { self.use() }
      self.simulation.run(for: .milliseconds(500))
    }
    try self.calmDown()
    self.conclude()
  }

  private enum Fault: CaseIterable {
    case loss, duplication, jitter, halves, thirds, cut, block, crash, restart, leave, heal
  }

  private mutating func commit(_ fault: Fault) throws(GossipError) {
    let count = self.simulation.nodeCount
    let node = self.chance.number(below: count)
    self.count("\(fault)")
    switch fault {
    case .loss: self.simulation.network.loss = Double(self.chance.number(below: 5)) / 10
    case .duplication: self.simulation.network.duplication = Double(self.chance.number(below: 3)) / 10
    case .jitter: self.simulation.network.jitter = .milliseconds(Int64(self.chance.number(below: 200)))
    case .halves, .thirds:
      let groups = fault == .halves ? 2 : 3
      self.simulation.network.groups = (0..<count).map { _ in self.chance.number(below: groups) }
    case .cut:
      let other = self.chance.number(below: count)
      self.simulation.network.cuts.insert(GossipNetwork.Link(from: node, to: other))
    case .heal:
      self.simulation.network.groups = []
      self.simulation.network.cuts = []
    case .block:
      if self.simulation.isRunning(node) {
        self.simulation.block(node, for: .milliseconds(Int64(500 + self.chance.number(below: 8000))))
      }
    case .crash:
      if self.simulation.runningNodes.count > 2 { self.simulation.crash(node) }
    case .restart:
      try self.simulation.restart(node)
      self.join(node)
    case .leave:
      if self.simulation.isRunning(node) { self.simulation.with(node) { core, now in core.leave(now: now) } }
    }
  }

  /// What hosts do meanwhile.
  private mutating func use() {
    let running = self.simulation.runningNodes
    let node = running[self.chance.number(below: running.count)]
    let key = [UInt8(truncatingIfNeeded: self.chance.number(below: 6))]
    let value = self.chance.next()
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    let choice = self.chance.number(below: 4)
    // A node that has left refuses; that is its right.
    self.simulation.with(node) { core, now in
      switch choice {
      case 0: try? core.setMetadata(bytes, now: now)
      case 1: try? core.broadcast(bytes, now: now)
      case 2: try? core.publish(key: key, value: bytes, now: now)
      default: core.withdraw(key: key, now: now)
      }
    }
  }

  private mutating func calmDown() throws(GossipError) {
    self.simulation.network = GossipNetwork()
    // Who left is stopped; half of who is gone comes back.
    for node in 0..<self.simulation.nodeCount {
      if self.simulation.isRunning(node), self.simulation.core(node).own.status == .left { self.simulation.crash(node) }
      if !self.simulation.isRunning(node), self.chance.chance(0.5) || self.simulation.runningNodes.isEmpty {
        try self.simulation.restart(node)
        self.join(node)
      }
    }
    // Somebody whom newcomers know must be there.
    if !(0..<3).contains(where: { self.simulation.isRunning($0) }) {
      try self.simulation.restart(0)
      self.join(0)
    }
    // Standing still is a fault, too; the last one ends by itself.
    self.simulation.run(for: .seconds(10)) { !$0.hasBlockedNodes }
    let start = self.simulation.now
    if self.simulation.run(for: Self.calm, until: { $0.isCalm }) {
      self.report.timeToAgreement = self.simulation.now - start
    } else {
      let reasons = self.simulation.disagreements.prefix(5).joined(separator: "; ")
      self.report.violations.append("no agreement after \(Self.calm): \(reasons)")
    }
    // Agreement lasts.
    let before = self.simulation.journal.falseDeaths.count
    self.simulation.run(for: .seconds(10))
    if self.simulation.journal.falseDeaths.count > before {
      self.report.violations.append("a verdict about a running node in calm")
    }
  }

  private mutating func conclude() {
    let journal = self.simulation.journal
    self.report.violations += self.simulation.violations
    self.count("lost", journal.lost)
    self.count("duplicated", journal.duplicated)
    self.count("broadcasts", journal.broadcasts)
    self.count("recordChanges", journal.recordChanges)
    self.count("hidden", journal.hidden)
    for entry in journal.entries { self.count("\(entry.kind)") }
    self.count("falseDeaths", journal.falseDeaths.count)
    for node in 0..<self.simulation.nodeCount {
      let statistics = self.simulation.core(node).statistics
      self.count("rescuedProbes", statistics.rescuedProbes)
      self.count("failedProbes", statistics.failedProbes)
      self.count("secondChancesTaken", statistics.secondChancesTaken)
      self.count("refutations", statistics.refutations)
      self.count("confirmations", statistics.confirmations)
      self.count("pauses", statistics.pauses)
      self.count("exchanges", statistics.exchanges)
      self.count("failedExchanges", statistics.failedExchanges)
      self.count("healingAttempts", statistics.healingAttempts)
      self.count("retiredRumours", statistics.retiredRumours)
    }
    self.report.fingerprint = UInt64(journal.packetBytes) << 32 ^ UInt64(journal.steps) << 8 ^ UInt64(journal.entries.count)
  }
}
