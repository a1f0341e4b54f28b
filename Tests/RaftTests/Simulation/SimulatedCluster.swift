// SPDX-License-Identifier: Apache-2.0

import Raft

/// A group in virtual time: messages get lost, doubled and overtaken, disks take their time, members die and come back with
/// what their disks held, links are cut one way or both.
struct SimulatedCluster {
  enum Event {
    case deliver(Message)
    case snapshotArrives(Message, succeeded: Bool)
    case synced(RaftID, life: Int)
    case tick(RaftID, life: Int)
    case restart(RaftID)
    case heal
    case crash, partition, membership, transfer, snapshot, read, propose
  }

  struct Member {
    var node: TestNode
    var life = 0
    var isUp = true
    var tickAt: Duration = .zero
    /// Writes that the sync under way covers.
    var syncing = 0
  }

  let seed: UInt64
  let oracle = Oracle()
  let configuration: RaftConfiguration
  var plan: FaultPlan
  var random: SeededGenerator
  var now: Duration = .zero
  var events = EventQueue<Event>()
  /// Ordered by identity.
  var members: [Member] = []
  /// Directed links that are cut: from · 1000 + to.
  var cutLinks: Set<UInt64> = []
  var proposals = 0
  /// Reads under way, with what was decided when they began.
  var reads: [UInt64: LogIndex] = [:]
  var readCount: UInt64 = 0
  var isCalm = false

  init(seed: UInt64) throws {
    self.seed = seed
    var random = SeededGenerator(seed: seed)
    self.plan = FaultPlan(&random)
    self.configuration = RaftConfiguration(
      replication: .init(
        messageBytes: [100, 2_000, 100_000][random.next(below: 3)],
        inFlightMessages: [1, 4, 64][random.next(below: 3)],
        inFlightBytes: 20_000
      ),
      limits: .init(uncommittedBytes: 20_000, applyingBytes: [200, 100_000][random.next(below: 2)], promotionLag: 10),
      memory: .init(tailBytes: [300, 100_000][random.next(below: 2)], trailingEntries: random.next(below: 20)),
      leaseReads: self.plan.hasLeases ? .init() : nil
    )
    self.random = random
    let bootstrap = try Bootstrap(
      contexts: (0..<self.plan.initialMembers).map { [UInt8($0)] },
      witnesses: self.plan.initialWitnesses
    )
    for id in 1...UInt64(self.plan.initialMembers) {
      var disk = TestDisk()
      disk.start(with: bootstrap)
      try self.add(RaftID(id), disk: disk)
    }
    for event in [Event.crash, .partition, .membership, .transfer, .snapshot, .read, .propose] { self.schedule(event) }
  }

  // MARK: - Members

  func position(of id: RaftID) -> Int? { self.members.firstIndex { $0.node.id == id } }
  var upMembers: [Int] { self.members.indices.filter { self.members[$0].isUp } }
  var leaders: [Int] { self.upMembers.filter { self.members[$0].node.isLeader } }

  mutating func add(_ id: RaftID, disk: TestDisk = TestDisk()) throws {
    let seed = self.random.next()
    self.members.append(
      Member(node: try TestNode(id: id, disk: disk, configuration: self.configuration, seed: seed, now: self.now))
    )
    self.turn(self.members.count - 1)
  }

  mutating func crash(_ position: Int) {
    guard self.members[position].isUp else { return }
    self.oracle.count(.crash)
    if self.members[position].node.isLeader { self.oracle.count(.leaderCrash) }
    let pending = self.members[position].node.disk.pendingWrites
    if pending > 0 { self.oracle.count(.lostUnsynced) }
    self.members[position].node.disk.crash(keeping: self.random.next(below: pending + 1))
    self.members[position].isUp = false
    self.members[position].syncing = 0
    self.members[position].life += 1
    let id = self.members[position].node.id
    self.events.add(.restart(id), at: self.now + .milliseconds(self.random.next(below: 1_500)))
    guard self.plan.reportsLostPeers else { return }
    for other in self.upMembers {
      let now = self.now
      try? self.members[other].node.feed { $0.peerLost(id, now: now) }
      self.turn(other)
    }
  }

  mutating func restart(_ id: RaftID) {
    guard let position = self.position(of: id), !self.members[position].isUp else { return }
    let disk = self.members[position].node.disk
    do {
      self.members[position].node = try TestNode(
        id: id,
        disk: disk,
        configuration: self.configuration,
        seed: self.random.next(),
        now: self.now
      )
      self.members[position].isUp = true
      self.members[position].tickAt = .zero
      self.turn(position)
    } catch {
      self.oracle.violation("member \(id) can't start again: \(error)")
    }
  }

  // MARK: - One member's turn

  /// Feeds an event to a member and carries out what follows.
  @discardableResult
  mutating func feed<Result>(
    _ position: Int,
    _ event: (inout RaftCore, Duration) throws(RaftError) -> Result
  ) throws(RaftError) -> Result {
    let now = self.now
    defer { self.turn(position) }
    return try self.members[position].node.feed { core throws(RaftError) in try event(&core, now) }
  }

  mutating func turn(_ position: Int) {
    let messages = self.members[position].node.turn(now: self.now, oracle: self.oracle)
    let id = self.members[position].node.id
    let life = self.members[position].life
    self.startSync(position)
    for message in messages { self.send(message) }
    self.sendSnapshots(position)
    self.collectReads(position)
    let deadline = max(self.members[position].node.core.nextDeadline, self.now + .microseconds(1))
    if self.members[position].tickAt <= self.now || deadline < self.members[position].tickAt {
      self.members[position].tickAt = deadline
      self.events.add(.tick(id, life: life), at: deadline)
    }
    if let failure = self.members[position].node.failure { self.oracle.violation("member \(id) stopped: \(failure)") }
  }

  /// One sync covers all writes that gathered while the last one ran.
  mutating func startSync(_ position: Int) {
    let pending = self.members[position].node.disk.pendingWrites
    guard self.members[position].syncing == 0, pending > 0 else { return }
    self.members[position].syncing = pending
    let member = self.members[position]
    let end = self.now + .microseconds(1 + self.random.next(below: self.plan.diskDelay))
    self.events.add(.synced(member.node.id, life: member.life), at: end)
  }

  mutating func sendSnapshots(_ position: Int) {
    let receivers = self.members[position].node.snapshotsToSend
    guard !receivers.isEmpty else { return }
    self.members[position].node.snapshotsToSend = []
    guard let snapshot = self.members[position].node.disk.durable.snapshot else {
      return self.oracle.violation("a snapshot is wanted and there is none")
    }
    for receiver in receivers {
      let message = Message(
        from: self.members[position].node.id,
        to: receiver,
        term: self.members[position].node.status.term,
        body: .installSnapshot(snapshot)
      )
      let succeeded = self.isCalm || self.random.next(below: 4) != 0
      self.events.add(
        .snapshotArrives(message, succeeded: succeeded),
        at: self.now + .milliseconds(1 + self.random.next(below: 100))
      )
    }
  }

  /// A read is never older than what was decided when it was asked for (R10).
  mutating func collectReads(_ position: Int) {
    for read in self.members[position].node.reads {
      guard let decided = self.reads.removeValue(forKey: read.id.rawValue) else {
        self.oracle.violation("read \(read.id) is answered twice")
        continue
      }
      self.oracle.count(.readServed)
      if read.index < decided { self.oracle.violation("a read sees \(read.index) though \(decided) was decided") }
    }
    for read in self.members[position].node.failedReads {
      self.oracle.count(.readFailed)
      if self.reads.removeValue(forKey: read.rawValue) == nil { self.oracle.violation("read \(read) is answered twice") }
    }
    for _ in self.members[position].node.abandonedTransfers { self.oracle.count(.transferAbandoned) }
    self.members[position].node.reads = []
    self.members[position].node.failedReads = []
    self.members[position].node.abandonedTransfers = []
  }
}
