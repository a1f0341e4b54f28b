// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// A Raft group in virtual time: everything that a run consists of.
struct RaftWorld {
  enum Event {
    case deliver(Message)
    case snapshotWord(SnapshotWord, from: Int, to: Int, transfer: Int)
    case snapshotRedial(Int)
    case snapshotTimer(Int, life: Int, transfer: Int)
    case peerLost(RaftID, by: RaftID)
    case tick(Int, life: Int)
    case turn(Int, life: Int)
    case disk(Int, life: Int, ticket: Int)
    case machine(Int, life: Int, ticket: Int)
    case snapshotWritten(Int, life: Int, SimulatedDisk.SnapshotImage)
    case resume(Int)
    case restart(Int, life: Int)
    case heal([(from: Int, to: Int)])
    case step(Int)
    case request(SimulatedRequest, to: Int)
    case reply(SimulatedRequest, SimulatedReply)
    case clientTimer(client: Int, number: Int, attempt: Int)
    case retry(client: Int, number: Int)
  }

  /// The streams of chance of a run.
  struct Chance {
    var network: SeededStream
    var disk: SeededStream
    var cores: SeededStream
    var clients: SeededStream

    init(seed: UInt64) {
      self.network = SeededStream(seed: seed, purpose: 2)
      self.disk = SeededStream(seed: seed, purpose: 3)
      self.cores = SeededStream(seed: seed, purpose: 4)
      self.clients = SeededStream(seed: seed, purpose: 5)
    }
  }

  static let clusterID = "simulated"
  /// Members that a group may ever have had.
  static let capacity = 20

  let plan: RaftPlan
  private(set) var knobs: RaftKnobs
  let trace: ((String) -> Void)?
  var chance: Chance
  var now: Nanoseconds = 0
  var events = EventQueue<Event>()
  var eventCount = 0
  var hash = TraceHash()
  var oracle = RaftOracle()
  /// In the order in which they came.
  var members: [SimulatedMember] = []
  /// Cuts of the link from one member to another: from · capacity + to.
  var cuts = [Int](repeating: 0, count: capacity * capacity)
  /// When the last message of a link arrives, for links that keep order.
  var lastArrival = [Nanoseconds](repeating: 0, count: capacity * capacity)
  var clients: [SimulatedClient] = []
  var history = OperationHistory()
  /// What clients asked for, sessions included.
  var lastRequest = 0
  var lastTransfer = 0
  /// Transfers of snapshots whose connection broke and isn't there again.
  var brokenTransfers: Set<Int> = []
  /// The member that leadership was last to go to, until somebody leads.
  var transferTarget: RaftID?
  /// The end has begun: nothing goes wrong any more.
  var isCalm = false

  init(_ plan: RaftPlan, trace: ((String) -> Void)? = nil) {
    self.plan = plan
    self.knobs = plan.knobs
    self.trace = trace
    self.chance = Chance(seed: plan.seed)
    do throws(RaftError) {
      let bootstrap = try Bootstrap(contexts: (0..<plan.knobs.members).map { [UInt8($0)] })
      for entry in bootstrap.entries { self.oracle.commit(entry.term, in: entry.term) }
      for id in 1...UInt64(plan.knobs.members) { try self.add(RaftID(id), bootstrap: bootstrap) }
    } catch {
      self.oracle.violate("a new group can't start: \(error)")
    }
    for number in 0..<plan.knobs.clients {
      self.clients.append(SimulatedClient(guess: number % plan.knobs.members))
    }
    for (position, step) in plan.steps.enumerated() { self.events.add(.step(position), at: step.time) }
  }

  // MARK: - Running

  /// Runs to the end, or to the first thing that is wrong.
  mutating func run() {
    self.run(until: self.knobs.trouble)
    guard self.oracle.violation == nil else { return }
    self.calmDown()
    guard self.oracle.violation == nil else { return }
    if let complaint = self.history.complaint(keys: self.knobs.keys) { self.oracle.violate(complaint) }
  }

  mutating func run(until end: Nanoseconds) {
    while self.oracle.violation == nil, let time = self.events.nextTime, time <= end, let (_, event) = self.events.popFirst() {
      self.now = max(self.now, time)
      self.eventCount += 1
      self.carryOut(event)
    }
    if self.oracle.violation == nil { self.now = max(self.now, end) }
  }

  func note(_ line: @autoclosure () -> String) {
    guard let trace else { return }
    trace("\(Double(self.now / 1000) / 1000) ms  \(line())")
  }

  /// The network and the disks are good from now on.
  mutating func endTrouble() {
    self.isCalm = true
    self.knobs.network.lossPerMille = 0
    self.knobs.network.duplicationPerMille = 0
    for position in self.cuts.indices { self.cuts[position] = 0 }
  }

  private mutating func carryOut(_ event: Event) {
    self.hash.mix(UInt64(bitPattern: self.now))
    switch event {
    case .deliver(let message): self.deliver(message)
    case .snapshotWord(let word, let from, let to, let transfer): self.hear(word, from: from, to: to, transfer: transfer)
    case .snapshotRedial(let transfer): self.redial(transfer)
    case .snapshotTimer(let slot, let life, let transfer):
      guard self.wakes(slot, life: life, event) else { return }
      self.sendPieces(of: transfer, from: slot)
    case .peerLost(let peer, let member): self.peerLost(peer, by: member)
    case .tick(let slot, let life): self.tick(slot, life: life)
    case .turn(let slot, let life):
      guard self.wakes(slot, life: life, event) else { return }
      self.members[slot].isTurnScheduled = false
      self.turn(slot)
    case .disk(let slot, let life, let ticket):
      guard self.members[slot].diskTicket == ticket, self.wakes(slot, life: life, event) else { return }
      self.diskIsDone(slot)
    case .machine(let slot, let life, let ticket):
      guard self.members[slot].machineTicket == ticket, self.wakes(slot, life: life, event) else { return }
      self.machineIsDone(slot)
    case .snapshotWritten(let slot, let life, let image):
      guard self.wakes(slot, life: life, event) else { return }
      self.snapshotIsWritten(image, by: slot)
    case .resume(let slot): self.resume(slot)
    case .restart(let slot, let life):
      if !self.members[slot].isUp, self.members[slot].life == life { self.restart(slot) }
    case .heal(let links):
      for link in links { self.cuts[link.from * Self.capacity + link.to] -= 1 }
    case .step(let position): self.carryOut(self.plan.steps[position].action)
    case .request(let request, let slot): self.receive(request, by: slot)
    case .reply(let request, let reply): self.receive(reply, to: request)
    case .clientTimer(let client, let number, let attempt): self.timeIsUp(client, number: number, attempt: attempt)
    case .retry(let client, let number): self.retry(client, number: number)
    }
  }

  /// Whether a member takes an event: one that is paused takes it later, one that died never.
  mutating func wakes(_ slot: Int, life: Int, _ event: Event) -> Bool {
    self.hash.mix(UInt64(slot))
    let member = self.members[slot]
    guard member.isUp, member.life == life, !member.isGone else { return false }
    guard member.pausedUntil > self.now else { return true }
    self.members[slot].deferred.append(event)
    return false
  }

  /// A pause is over: what waited is taken in any order.
  mutating func resume(_ slot: Int) {
    guard self.members[slot].pausedUntil <= self.now else { return }
    let deferred = self.members[slot].deferred
    self.members[slot].deferred = []
    for event in deferred { self.events.add(event, at: self.now + Nanoseconds(self.chance.network.below(1000))) }
    self.scheduleTurn(slot)
  }

  // MARK: - Members

  func slot(of id: RaftID) -> Int? { self.members.firstIndex { $0.id == id } }

  /// Members that take part now.
  var running: [Int] { self.members.indices.filter { self.members[$0].isRunning(at: self.now) } }

  /// The leader of the newest term.
  var leader: Int? {
    self.running.filter { self.members[$0].core.role == .leader }
      .max { self.members[$0].core.currentTerm < self.members[$1].core.currentTerm }
  }

  func choose(_ pick: RaftStep.Pick) -> Int? {
    switch pick {
    case .leader: self.leader
    case .oldestLeader:
      self.running.filter { self.members[$0].core.role == .leader }
        .min { self.members[$0].core.currentTerm < self.members[$1].core.currentTerm }
    case .any(let number): number % self.members.count
    }
  }

  /// A local time of a member.
  func clock(_ slot: Int) -> Duration { self.members[slot].clock.reading(at: self.now) }

  /// Feeds an event to a core; a turn follows.
  @discardableResult
  mutating func feed<Result>(
    _ slot: Int,
    _ event: (inout RaftCore, Duration) throws(RaftError) -> Result
  ) throws(RaftError) -> Result {
    let now = self.clock(slot)
    defer { self.scheduleTurn(slot) }
    return try event(&self.members[slot].core, now)
  }
}
