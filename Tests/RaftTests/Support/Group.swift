// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

/// A few members in one place, for tests that tell a story: messages arrive at once and in order, disks finish at once, unless
/// a test says otherwise.
///
/// Time passes only when told.
struct Group {
  let oracle = Oracle()
  let configuration: RaftConfiguration
  private(set) var now: Duration = .zero
  private(set) var nodes: [TestNode] = []
  private(set) var inbox: [Message] = []
  /// Everything that was sent, also what didn't arrive.
  var sent: [Message] = []
  /// Members whose writes don't finish by themselves.
  var slowDisks: Set<RaftID> = []
  /// Members that neither send nor receive.
  var isolated: Set<RaftID> = []
  /// Members that are down.
  private(set) var down: Set<RaftID> = []
  /// Messages for which this is false are lost.
  var passes: (Message) -> Bool = { _ in true }
  private var seed: UInt64

  /// A group of voters 1…`voters`, none of which leads yet.
  init(
    voters: Int = 3,
    witnesses: Int = 0,
    configuration: RaftConfiguration = RaftConfiguration(),
    seed: UInt64 = 1
  ) throws {
    self.configuration = configuration
    self.seed = seed
    let bootstrap = try Bootstrap(contexts: (0..<voters).map { [UInt8($0)] }, witnesses: witnesses)
    for id in 1...UInt64(voters) {
      var disk = TestDisk()
      disk.start(with: bootstrap)
      try self.start(RaftID(id), disk: disk)
    }
  }

  subscript(_ id: UInt64) -> TestNode {
    get { self.nodes[self.position(id)] }
    set { self.nodes[self.position(id)] = newValue }
  }

  private func position(_ id: UInt64) -> Int {
    guard let position = self.nodes.firstIndex(where: { $0.id.rawValue == id }) else {
      preconditionFailure("there is no member \(id)")
    }
    return position
  }

  var leader: RaftID? {
    self.nodes.filter { $0.isLeader && !self.down.contains($0.id) }.max { $0.status.term < $1.status.term }?.id
  }

  // MARK: - Members

  mutating func start(_ id: RaftID, disk: TestDisk = TestDisk()) throws {
    self.seed += 1
    self.nodes.append(
      try TestNode(id: id, disk: disk, configuration: self.configuration, seed: self.seed * 7919 + id.rawValue, now: self.now)
    )
  }

  /// The power of a member goes; nobody is told.
  mutating func crash(_ id: UInt64, keepingWrites count: Int = 0) {
    self[id].disk.crash(keeping: count)
    self.down.insert(RaftID(id))
  }

  mutating func restart(_ id: UInt64) throws {
    if !self.down.contains(RaftID(id)) { self.crash(id) }
    self.down.remove(RaftID(id))
    self.seed += 1
    let disk = self[id].disk
    self[id] = try TestNode(id: RaftID(id), disk: disk, configuration: self.configuration, seed: self.seed, now: self.now)
  }

  // MARK: - Events

  /// Feeds an event to one member; what follows waits for ``settle()``.
  @discardableResult
  mutating func feed<Result>(
    _ id: UInt64,
    _ event: (inout RaftCore, Duration) throws(RaftError) -> Result
  ) throws(RaftError) -> Result {
    let now = self.now
    return try self.nodes[self.position(id)].feed { core throws(RaftError) in try event(&core, now) }
  }

  @discardableResult
  mutating func propose(_ id: UInt64, _ texts: String...) throws(RaftError) -> ClosedRange<LogIndex> {
    let payloads = texts.map { Array($0.utf8)[...] }
    return try self.feed(id) { core, now throws(RaftError) in try core.propose(payloads, now: now) }
  }

  @discardableResult
  mutating func change(_ id: UInt64, _ change: MembershipChange) throws(RaftError) -> LogIndex {
    try self.feed(id) { core, now throws(RaftError) in try core.proposeMembership(change, now: now) }
  }

  mutating func read(_ id: UInt64, as request: UInt64) throws(RaftError) {
    try self.feed(id) { core, now throws(RaftError) in
      try core.readIndex(ReadRequestID(rawValue: request), now: now)
    }
  }

  mutating func receive(_ message: Message) {
    try? self.feed(message.to.rawValue) { core, now in core.receive(message, now: now) }
  }

  mutating func peerLost(_ peer: UInt64, by id: UInt64) {
    try? self.feed(id) { core, now in core.peerLost(RaftID(peer), now: now) }
  }

  // MARK: - Running

  /// Lets every member do what there is to do, until nothing moves any more.
  mutating func settle() {
    for _ in 0..<10_000 {
      var isQuiet = true
      for position in self.nodes.indices where !self.down.contains(self.nodes[position].id) {
        if self.step(position) { isQuiet = false }
      }
      if isQuiet { return }
    }
    Issue.record("the group doesn't come to rest")
  }

  /// One member takes its messages and does what there is to do; false when that is nothing.
  private mutating func step(_ position: Int) -> Bool {
    let id = self.nodes[position].id
    let arrived = self.inbox.filter { $0.to == id }
    self.inbox.removeAll { $0.to == id }
    let now = self.now
    for message in arrived { try? self.nodes[position].feed { $0.receive(message, now: now) } }
    let messages = self.nodes[position].turn(now: now, oracle: self.oracle)
    self.sent.append(contentsOf: messages)
    for message in messages where self.arrives(message) { self.inbox.append(message) }
    let syncs = !self.slowDisks.contains(id) && !self.nodes[position].disk.isIdle
    if syncs { self.nodes[position].sync(now: now) }
    return !arrived.isEmpty || !messages.isEmpty || syncs
  }

  private func arrives(_ message: Message) -> Bool {
    let ends: Set<RaftID> = [message.from, message.to]
    return self.isolated.isDisjoint(with: ends) && self.down.isDisjoint(with: ends) && self.passes(message)
      && self.nodes.contains { $0.id == message.to }
  }

  /// The oldest writes of a member with a slow disk finish.
  mutating func sync(_ id: UInt64, writes count: Int = .max) {
    let now = self.now
    self[id].sync(count, now: now)
  }

  /// Time passes for everybody, step by step.
  mutating func advance(_ duration: Duration, step: Duration = .milliseconds(10)) {
    let end = self.now + duration
    while self.now < end {
      self.now = min(end, self.now + step)
      for position in self.nodes.indices where !self.down.contains(self.nodes[position].id) {
        let now = self.now
        if self.nodes[position].core.nextDeadline <= now { try? self.nodes[position].feed { $0.tick(now: now) } }
      }
      self.settle()
    }
  }

  /// Time passes until a condition holds; gives how long that took, or nil when it takes longer than `limit`.
  mutating func advance(atMost limit: Duration, until condition: (Group) -> Bool) -> Duration? {
    let start = self.now
    while !condition(self) {
      guard self.now - start < limit else { return nil }
      self.advance(.milliseconds(1), step: .milliseconds(1))
    }
    return self.now - start
  }

  /// Makes a member campaign: the others forget their leader, only this one's time is up.
  mutating func campaign(_ id: UInt64) {
    self.now += self.configuration.electionTimeout * 3
    try? self.feed(id) { core, now in core.tick(now: now) }
    self.settle()
  }

  /// Makes the member the leader; it may have to learn a newer term first.
  mutating func elect(_ id: UInt64) {
    for _ in 0..<3 where self.leader != RaftID(id) { self.campaign(id) }
    #expect(self.leader == RaftID(id))
  }

  /// Checks that nothing was wrong on the way.
  func check(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(self.oracle.violations.isEmpty, sourceLocation: sourceLocation)
  }
}

extension RaftConfiguration {
  /// A configuration with a change, for tests that are about one knob.
  static func with(_ change: (inout RaftConfiguration) -> Void) -> RaftConfiguration {
    var configuration = RaftConfiguration()
    change(&configuration)
    return configuration
  }
}
