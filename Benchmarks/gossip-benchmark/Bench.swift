// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BenchmarkKit
internal import Gossip
internal import SwarmSimulator

/// What is measured.
enum Scenario: String, ExpressibleByArgument, CaseIterable {
  /// A node is gone without a word; until all others hold it for dead.
  case crash
  /// Nothing happens but loss and slow nodes; verdicts about running nodes are counted.
  case watch
  /// All nodes but one join that one at once; until everybody knows everybody.
  case join
  /// Two halves don't reach each other for 5 min; from then until everybody holds everybody for alive.
  case partition
  /// Half of the nodes are gone at once; until all survivors know it of all.
  case massFailure = "mass-failure"
  /// A node says good-bye; until all others know.
  case leave
  /// Faults that each seed chooses, then calm; until all agree. Seeds with a broken invariant are named and count as incomplete.
  case chaos
  /// A million packets and frames per trial, mutated before and after sealing with a valid key.
  case fuzz
}

/// What came of it.
struct Row {
  var times = Percentiles([])
  var trials = 0
  /// Trials that didn't come to their end within the time given.
  var incomplete = 0
  var falseDeaths = 0
  /// Those about healthy nodes, at healthy observers.
  var falseDeathsAmongHealthy = 0
  /// False verdicts that weren't taken back.
  var unhealed = 0
  var longestHealing = Duration.zero
  var packets = 0
  var bytes = 0
  var streamBytes = 0
  var nodeSeconds = 0.0
}

struct Bench {
  let nodes: Int
  let loss: Double
  let seconds: Int
  let slow: Int
  let configuration: GossipConfiguration

  func run(_ scenario: Scenario, seeds: [UInt64]) throws -> Row {
    var row = Row()
    var times: [Duration] = []
    for seed in seeds {
      let time =
        switch scenario {
        case .crash: try self.crash(seed, &row)
        case .watch: try self.watch(seed, &row)
        case .join: try self.join(seed, &row)
        case .partition: try self.partition(seed, &row)
        case .massFailure: try self.massFailure(seed, &row)
        case .leave: try self.leave(seed, &row)
        case .chaos: try self.chaos(seed)
        case .fuzz: try self.fuzz(seed)
        }
      row.trials += 1
      if let time { times.append(time) } else { row.incomplete += 1 }
    }
    row.times = Percentiles(times)
    return row
  }

  private func acquainted(_ seed: UInt64) throws -> GossipSimulation {
    var simulation = GossipSimulation(configuration: self.configuration, seed: seed)
    try simulation.addAcquaintedNodes(self.nodes)
    simulation.network.loss = self.loss
    return simulation
  }

  private func account(_ simulation: GossipSimulation, _ row: inout Row) {
    row.packets += simulation.journal.packets
    row.bytes += simulation.journal.packetBytes
    row.streamBytes += simulation.journal.streamBytes
    row.nodeSeconds += Double(self.nodes) * (simulation.now / .seconds(1))
    let entries = simulation.journal.entries
    for (place, entry) in entries.enumerated() where entry.kind == .failed && entry.isSubjectRunning {
      row.falseDeaths += 1
      if entry.observer >= self.slow, entry.subject >= self.slow { row.falseDeathsAmongHealthy += 1 }
      let back = entries[place...].first { later in
        later.observer == entry.observer && later.subject == entry.subject
          && (later.kind == .returned || later.kind == .restarted)
      }
      if let back { row.longestHealing = max(row.longestHealing, back.time - entry.time) } else { row.unhealed += 1 }
    }
  }

  private func crash(_ seed: UInt64, _ row: inout Row) throws -> Duration? {
    var simulation = try self.acquainted(seed)
    simulation.run(for: .seconds(5) + .milliseconds(Int64(seed % 10) * 97))
    let start = simulation.now
    simulation.crash(0)
    let others = self.nodes - 1
    let done = simulation.run(for: .seconds(120)) {
      $0.journal.entries.count >= others && $0.journal.times(.failed, about: 0).count == others
    }
    self.account(simulation, &row)
    return done ? simulation.now - start : nil
  }

  private func watch(_ seed: UInt64, _ row: inout Row) throws -> Duration? {
    var simulation = try self.acquainted(seed)
    simulation.run(for: .seconds(5))
    let slots = self.seconds * 10
    for slot in 0..<slots {
      for node in 0..<self.slow where (slot + node * 13) % 81 == 0 { simulation.block(node, for: .seconds(8)) }
      simulation.run(for: .milliseconds(100))
    }
    // What is wrong now gets time to heal.
    if self.slow == 0 { simulation.run(for: .seconds(6)) }
    self.account(simulation, &row)
    return .zero
  }

  private func join(_ seed: UInt64, _ row: inout Row) throws -> Duration? {
    var simulation = GossipSimulation(configuration: self.configuration, seed: seed)
    try simulation.addNodes(self.nodes)
    simulation.network.loss = self.loss
    for node in 1..<self.nodes {
      simulation.with(node) { core, now in core.join([GossipSimulation.address(of: 0)], now: now) }
    }
    let pairs = self.nodes * (self.nodes - 1)
    let done = simulation.run(for: .seconds(60)) { $0.journal.joined >= pairs }
    self.account(simulation, &row)
    return done ? simulation.now : nil
  }

  private func partition(_ seed: UInt64, _ row: inout Row) throws -> Duration? {
    var simulation = try self.acquainted(seed)
    simulation.run(for: .seconds(5))
    simulation.network.groups = (0..<self.nodes).map { $0 * 2 / self.nodes }
    simulation.run(for: .seconds(300))
    simulation.network.groups = []
    let start = simulation.now
    let done = simulation.run(for: .seconds(120)) { $0.isWhole }
    // While the network is cut it's right to give up the other side; afterwards nobody may die of that.
    row.falseDeaths += simulation.journal.falseDeaths.count { $0.time > start }
    row.packets += simulation.journal.packets
    row.bytes += simulation.journal.packetBytes
    row.streamBytes += simulation.journal.streamBytes
    row.nodeSeconds += Double(self.nodes) * (simulation.now / .seconds(1))
    return done ? simulation.now - start : nil
  }

  private func massFailure(_ seed: UInt64, _ row: inout Row) throws -> Duration? {
    var simulation = try self.acquainted(seed)
    simulation.run(for: .seconds(5))
    let start = simulation.now
    for node in 0..<(self.nodes / 2) { simulation.crash(node) }
    let done = simulation.run(for: .seconds(120)) { $0.isWhole }
    self.account(simulation, &row)
    return done ? simulation.now - start : nil
  }

  private func leave(_ seed: UInt64, _ row: inout Row) throws -> Duration? {
    var simulation = try self.acquainted(seed)
    simulation.run(for: .seconds(5))
    let start = simulation.now
    simulation.with(0) { core, now in core.leave(now: now) }
    var known: Duration?
    let others = self.nodes - 1
    simulation.run(for: .seconds(30)) { $0.journal.times(.left, about: 0).count == others }
    if simulation.journal.times(.left, about: 0).count == others { known = simulation.now - start }
    simulation.run(for: .seconds(2))
    simulation.crash(0)
    simulation.run(for: .seconds(20))
    row.falseDeaths += simulation.journal.times(.failed, about: 0).count
    self.account(simulation, &row)
    return known
  }

  private func chaos(_ seed: UInt64) throws -> Duration? {
    let report = try GossipChaos.run(seed: seed, configuration: self.configuration)
    for violation in report.violations.prefix(3) { print("seed \(seed): \(violation)") }
    return report.violations.isEmpty ? report.timeToAgreement : nil
  }

  private func fuzz(_ seed: UInt64) throws -> Duration? {
    var fuzz = try Fuzz(configuration: self.configuration, seed: seed)
    return try fuzz.run()
  }
}
