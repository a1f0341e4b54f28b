// SPDX-License-Identifier: Apache-2.0

public import Gossip
internal import HeapModule

/// Many nodes that gossip in virtual time: the same cores as in production, a network that loses, doubles, delays and cuts,
/// nodes that crash, restart, leave and stand still.
///
/// Everything follows from the seed.
public struct GossipSimulation: Sendable {
  /// The network; change it at any time.
  public var network = GossipNetwork()
  /// What happened.
  public internal(set) var journal = GossipJournal()
  /// The virtual time.
  public var now: Duration { .nanoseconds(self.time) }
  /// What was found wrong; empty as long as every invariant holds.
  ///
  /// Filled only when ``checksInvariants`` is set.
  public var violations: [String] { self.invariants.violations }
  /// Whether every event is checked.
  public var checksInvariants = false

  let configuration: GossipConfiguration
  var nodes: [GossipNode] = []
  var world = GossipWorld()
  var invariants = GossipInvariants()
  private var steps = Heap<GossipStep>()
  private(set) var time: Int64 = 0
  private var order: UInt64 = 0
  var connections: [UInt64: GossipConnection] = [:]
  var nextConnection: UInt64 = 1
  var random: GossipChance

  /// Makes a simulation without nodes.
  ///
  /// - Parameters:
  ///   - configuration: the knobs of all nodes.
  ///   - seed: chance.
  public init(configuration: GossipConfiguration = .default, seed: UInt64) {
    self.configuration = configuration
    self.random = GossipChance(seed: seed)
  }

  // MARK: - Nodes

  /// How many nodes there are, running or not.
  public var nodeCount: Int { self.nodes.count }

  /// What a node sees; for reading.
  public func core(_ node: Int) -> GossipCore { self.nodes[node].core }

  /// Whether a node runs.
  public func isRunning(_ node: Int) -> Bool { self.nodes[node].isRunning }

  /// The nodes that run.
  public var runningNodes: [Int] { self.nodes.indices.filter { self.nodes[$0].isRunning } }

  /// Where a node listens.
  public static func address(of node: Int) -> GossipAddress {
    GossipAddress(ipv4: 10 << 24 | UInt32(truncatingIfNeeded: node), port: 7946)
  }

  /// What a node is called: 25 characters, as SwarmKit's ids.
  static func name(of node: Int) -> String {
    let digits = String(node)
    return "node" + String(repeating: "0", count: 21 - digits.count) + digits
  }

  /// Adds nodes that know nobody.
  ///
  /// - Throws: ``GossipError`` when the configuration contradicts itself.
  public mutating func addNodes(_ count: Int) throws(GossipError) {
    for _ in 0..<count {
      let node = self.nodes.count
      let core = try self.makeCore(node, epoch: 1)
      self.world.add(core.own.id, epoch: 1)
      self.nodes.append(GossipNode(core: core))
      self.planTimer(node)
    }
  }

  /// Adds nodes that know each other from the start, sharing one table.
  ///
  /// - Throws: ``GossipError`` when the configuration contradicts itself.
  public mutating func addAcquaintedNodes(_ count: Int) throws(GossipError) {
    let first = self.nodes.count
    try self.addNodes(count)
    guard count > 0 else { return }
    self.nodes[first].core.acquaint(with: self.nodes[first...].map { $0.core.own })
    for node in (first + 1)..<max(first + 1, self.nodes.count) {
      self.nodes[node].core.adopt(self.nodes[first].core)
    }
    for node in first..<self.nodes.count { self.planTimer(node) }
  }

  private mutating func makeCore(_ node: Int, epoch: UInt64) throws(GossipError) -> GossipCore {
    try GossipCore(
      id: try MemberID(Self.name(of: node)),
      epoch: epoch,
      address: Self.address(of: node),
      configuration: self.configuration,
      seed: self.random.next(),
      now: self.now
    )
  }

  /// Lets a host call something on its node.
  public mutating func with<Result, Failure: Error>(
    _ node: Int,
    _ body: (inout GossipCore, Duration) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result = try body(&self.nodes[node].core, self.now)
    self.carryOut(node)
    return result
  }

  /// The node is gone without a word: nothing answers at its address, not even a refusal.
  public mutating func crash(_ node: Int) {
    self.nodes[node].isRunning = false
    self.nodes[node].waiting = []
    self.nodes[node].connections = [:]
    self.nodes[node].timer = .max
    self.world.set(node, running: nil)
  }

  /// The node starts again at the same address with the next epoch, knowing nobody.
  ///
  /// - Throws: ``GossipError`` when the configuration contradicts itself.
  public mutating func restart(_ node: Int) throws(GossipError) {
    self.crash(node)
    let epoch = self.nodes[node].core.own.epoch + 1
    let life = self.nodes[node].life + 1
    self.nodes[node] = GossipNode(core: try self.makeCore(node, epoch: epoch), life: life)
    self.world.set(node, running: epoch)
    self.invariants.forget(observer: node)
    self.planTimer(node)
  }

  /// The node stands still; what arrives waits.
  public mutating func block(_ node: Int, for duration: Duration) {
    self.nodes[node].blockedUntil = self.time + Self.nanoseconds(duration)
    self.plan(self.nodes[node].blockedUntil, node, .resume)
  }

  /// Whether any running node stands still.
  public var hasBlockedNodes: Bool { self.nodes.contains { $0.isRunning && $0.blockedUntil > self.time } }

  // MARK: - Time

  /// Goes on for some virtual time.
  public mutating func run(for duration: Duration) {
    self.run(for: duration) { _ in false }
  }

  /// Goes on until something holds, asked every 10 ms, at most for some virtual time.
  ///
  /// - Returns: whether it came to hold.
  @discardableResult
  public mutating func run(for duration: Duration, until holds: (borrowing GossipSimulation) -> Bool) -> Bool {
    let end = self.time + Self.nanoseconds(duration)
    var question = self.time
    while true {
      if self.time >= question {
        if holds(self) { return true }
        question = self.time + 10_000_000
      }
      guard let next = self.steps.min, next.time <= min(end, question) else {
        guard question < end else {
          self.time = end
          return holds(self)
        }
        self.time = question
        continue
      }
      let step = self.steps.removeMin()
      self.time = step.time
      self.handle(step)
    }
  }

  static func nanoseconds(_ duration: Duration) -> Int64 {
    let parts = duration.components
    guard parts.seconds < 1 << 32 else { return .max }
    return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
  }

  mutating func plan(_ time: Int64, _ node: Int, _ action: GossipStep.Action) {
    self.order += 1
    self.steps.insert(
      GossipStep(time: time, order: self.order, node: node, life: self.nodes[node].life, action: action)
    )
  }

  private mutating func planTimer(_ node: Int) {
    let deadline = Self.nanoseconds(self.nodes[node].core.nextDeadline)
    guard deadline < .max else { return }
    // Deadlines have fractions of nanoseconds.
    let time = max(self.time, deadline + 1)
    guard time < self.nodes[node].timer else { return }
    self.nodes[node].timer = time
    self.plan(time, node, .timer)
  }

  private mutating func handle(_ step: GossipStep) {
    let node = step.node
    guard self.nodes[node].isRunning, step.life == self.nodes[node].life else { return }
    if case .resume = step.action {
      guard self.time >= self.nodes[node].blockedUntil else { return }
      let waiting = self.nodes[node].waiting
      self.nodes[node].waiting = []
      for step in waiting { self.handle(step) }
      return
    }
    if self.time < self.nodes[node].blockedUntil {
      if case .timer = step.action { self.nodes[node].timer = step.time }
      self.nodes[node].waiting.append(step)
      return
    }
    self.journal.steps += 1
    switch step.action {
    case .resume:
      return
    case .timer:
      guard step.time == self.nodes[node].timer else { return }
      self.nodes[node].timer = .max
      self.nodes[node].core.tick(now: self.now)
    case .packet(let bytes, let sender):
      self.receive(bytes, from: sender, at: node)
    case .streamOpened(let connection):
      self.accept(connection, at: node)
    case .frame(let bytes, let connection):
      self.receive(bytes, on: connection, at: node)
    case .streamClosed(let connection):
      guard let stream = self.stream(connection, at: node) else { return }
      self.nodes[node].connections[stream] = nil
      self.connections[connection] = nil
      self.nodes[node].core.streamClosed(stream, now: self.now)
    }
    self.carryOut(node)
  }

  private mutating func receive(_ bytes: [UInt8], from sender: Int, at node: Int) {
    do {
      try self.nodes[node].core.receive(packet: bytes[...], from: Self.address(of: sender), now: self.now)
    } catch {
      self.invariants.violations.append("node \(node) refuses a packet of node \(sender): \(error)")
    }
  }

  // MARK: - Carrying out

  private mutating func carryOut(_ node: Int) {
    if self.nodes[node].core.hasReady {
      let ready = self.nodes[node].core.takeReady()
      for packet in ready.packets { self.send(ready.bytes[packet.range], from: node, to: packet.receiver) }
      for action in ready.streams { self.carryOut(action, of: node) }
      for event in ready.events {
        self.journal.note(event, at: self.now, by: node, self.world)
        if self.checksInvariants { self.invariants.check(event, by: node, at: self.now, self.nodes, self.world) }
      }
      self.nodes[node].core.recycle(ready)
    }
    if self.checksInvariants { self.invariants.check(node, self.nodes) }
    self.planTimer(node)
  }

  mutating func delay() -> Int64 {
    Self.nanoseconds(self.network.latency) + Int64(self.random.number(below: Int(Self.nanoseconds(self.network.jitter)) + 1))
  }

  func node(at address: GossipAddress) -> Int? {
    guard let ipv4 = address.ipv4, ipv4 >> 24 == 10, address.port == 7946 else { return nil }
    let node = Int(ipv4 & 0xFF_FFFF)
    return node < self.nodes.count ? node : nil
  }

  private mutating func send(_ bytes: ArraySlice<UInt8>, from sender: Int, to address: GossipAddress) {
    self.journal.packets += 1
    self.journal.packetBytes += bytes.count
    if bytes.count > self.configuration.packetBytes {
      self.invariants.violations.append("node \(sender) sends a packet of \(bytes.count) bytes")
    }
    guard let receiver = self.node(at: address), self.nodes[receiver].isRunning,
      self.network.isOpen(from: sender, to: receiver)
    else { return }
    if self.network.loss > 0, self.random.fraction() < self.network.loss {
      self.journal.lost += 1
      return
    }
    let packet = Array(bytes)
    self.plan(self.time + self.delay(), receiver, .packet(packet, from: sender))
    if self.network.duplication > 0, self.random.fraction() < self.network.duplication {
      self.journal.duplicated += 1
      self.plan(self.time + self.delay(), receiver, .packet(packet, from: sender))
    }
  }
}
