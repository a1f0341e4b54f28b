// SPDX-License-Identifier: Apache-2.0

import Raft

/// Three members in one state, and all that can happen to them next.
///
/// Time stands still: elections begin whenever they like.
struct SmallWorld {
  /// What may happen how often.
  struct Limits: Hashable {
    /// Elections, each of which begins a term.
    var campaigns: Int
    /// Commands, besides the entry with which every leader begins.
    var proposals: Int
    /// Losses of power, with all that is not on the disk.
    var crashes: Int
    /// Whether a write is done at any later time, and not at once.
    var hasSlowDisks: Bool
  }

  enum Event {
    case campaign(Int)
    case propose(Int)
    case deliver(Int)
    case sync(Int)
    case crash(Int)
  }

  private struct InFlight {
    var message: Message
    var fingerprint: Int
  }

  private let limits: Limits
  private var cores: [RaftCore] = []
  private var disks: [TestDisk] = []
  private var applied: [LogIndex]
  private var network: [InFlight] = []
  private var campaigns = 0
  private var proposals = 0
  private var crashes = 0
  private var leaders: [Term: RaftID] = [:]
  private var decided: [LogPosition] = []
  /// What must never be.
  private(set) var violation: String?

  init(_ limits: Limits, members: Int = 3) throws {
    self.limits = limits
    self.applied = Array(repeating: .zero, count: members)
    let bootstrap = try Bootstrap(contexts: Array(repeating: [], count: members))
    for position in 0..<members {
      var disk = TestDisk()
      disk.start(with: bootstrap)
      self.disks.append(disk)
      self.cores.append(try Self.core(position, disk))
    }
    for position in 0..<members { self.turn(position) }
  }

  private static func core(_ position: Int, _ disk: TestDisk) throws -> RaftCore {
    try RaftCore(id: RaftID(UInt64(position) + 1), restored: disk.restored(), seed: 1, now: .zero)
  }

  // MARK: - What can happen

  var events: [Event] {
    var events = self.network.indices.map { Event.deliver($0) }
    for position in self.cores.indices {
      let isLeader = self.cores[position].role == .leader
      // Until the first election all members are alike, so that it may as well be the first one's.
      if self.campaigns < self.limits.campaigns, !isLeader, self.campaigns > 0 || position == 0 {
        events.append(.campaign(position))
      }
      if self.proposals < self.limits.proposals, isLeader { events.append(.propose(position)) }
      if !self.disks[position].isIdle { events.append(.sync(position)) }
      if self.crashes < self.limits.crashes { events.append(.crash(position)) }
    }
    return events
  }

  func after(_ event: Event) throws -> SmallWorld {
    var world = self
    try world.perform(event)
    return world
  }

  private mutating func perform(_ event: Event) throws {
    switch event {
    case .campaign(let position):
      self.campaigns += 1
      self.cores[position].campaignAtOnce(now: .zero)
      self.turn(position)
    case .propose(let position):
      self.proposals += 1
      // Commands of two leaders differ.
      let payload = [UInt8(position), UInt8(self.proposals)][...]
      _ = try self.cores[position].propose([payload], now: .zero)
      self.turn(position)
    case .deliver(let number):
      let message = self.network.remove(at: number).message
      let position = Int(message.to.rawValue) - 1
      self.cores[position].receive(message, now: .zero)
      self.turn(position)
    case .sync(let position):
      self.sync(position)
      self.turn(position)
    case .crash(let position):
      self.crashes += 1
      self.disks[position].crash()
      self.applied[position] = .zero
      self.cores[position] = try Self.core(position, self.disks[position])
      self.turn(position)
    }
    self.checkLogs()
  }

  private mutating func sync(_ position: Int) {
    guard let write = self.disks[position].complete(.max) else { return }
    self.cores[position].storageCompleted(write, now: .zero)
  }

  /// A member does what there is to do.
  private mutating func turn(_ position: Int) {
    while true {
      let ready = self.cores[position].takeReady()
      var isIdle = ready.messages.isEmpty && ready.write == nil && ready.committed.isEmpty
      if let write = ready.write, let complaint = self.disks[position].enqueue(write) {
        self.fail("\(position + 1): \(complaint)")
      }
      for message in ready.messages { self.send(message, from: position) }
      if ready.roleChange?.role == .leader { self.checkLeader(position) }
      for entry in ready.committed { self.checkDecision(entry, position) }
      if let last = ready.committed.last {
        self.applied[position] = last.index
        self.cores[position].applied(upTo: last.index)
      }
      if let failure = ready.failure { self.fail("\(position + 1) stopped: \(failure)") }
      if !self.limits.hasSlowDisks, !self.disks[position].isIdle {
        self.sync(position)
        isIdle = false
      }
      if isIdle { return }
    }
  }

  private mutating func send(_ message: Message, from position: Int) {
    self.checkDurable(message, self.disks[position].durable)
    let fingerprint = message.hashValue
    // The same once more is the same as once: it may be delivered late or never.
    guard !self.network.contains(where: { $0.fingerprint == fingerprint }) else { return }
    self.network.append(InFlight(message: message, fingerprint: fingerprint))
  }

  // MARK: - What must never be

  private mutating func fail(_ message: String) { self.violation = self.violation ?? message }

  /// One leader per term, which holds all that was decided in earlier ones.
  private mutating func checkLeader(_ position: Int) {
    let id = RaftID(UInt64(position) + 1)
    let term = self.cores[position].status.term
    if let other = self.leaders.updateValue(id, forKey: term), other != id { self.fail("\(other) and \(id) lead term \(term)") }
    for decision in self.decided where decision.term < term && !self.disks[position].written.contains(decision) {
      self.fail("\(id) leads term \(term) without \(decision)")
    }
  }

  /// Nothing else is ever decided at an index.
  private mutating func checkDecision(_ entry: Entry, _ position: Int) {
    if entry.index != self.applied[position].next, entry.index.rawValue > UInt64(self.decided.count) + 1 {
      self.fail("\(position + 1) leaves out what stands before \(entry.index)")
    } else if entry.index.rawValue == UInt64(self.decided.count) + 1 {
      self.decided.append(entry.position)
    } else if self.decided[Int(entry.index.rawValue) - 1] != entry.position {
      self.fail("\(entry.position) is decided in place of \(self.decided[Int(entry.index.rawValue) - 1])")
    }
  }

  /// Nothing is said that the disk doesn't hold.
  private mutating func checkDurable(_ message: Message, _ disk: LogImage) {
    let isTrue =
      switch message.body {
      case .voteRequest: disk.hardState.votedFor == message.from
      case .voteResponse(granted: true): disk.hardState.votedFor == message.to
      case .appendAccepted(let match): match <= disk.last.index
      default: true
      }
    if message.term > disk.hardState.term || !isTrue { self.fail("\(message) isn't on the disk") }
  }

  /// Logs that agree on an entry agree on all before it, and what is decided is on a majority of disks.
  private mutating func checkLogs() {
    for first in self.disks.indices {
      for second in 0..<first {
        let (left, right) = (self.disks[first].written.entries, self.disks[second].written.entries)
        var agreed = false
        for index in (0..<min(left.count, right.count)).reversed() {
          let isSame = left[index].position == right[index].position
          if agreed, !isSame { self.fail("the logs of \(first + 1) and \(second + 1) differ before an entry they share") }
          agreed = agreed || isSame
        }
      }
    }
    if let last = self.decided.last, self.disks.filter({ $0.durable.contains(last) }).count * 2 <= self.disks.count {
      self.fail("\(last) is decided and not on a majority of disks")
    }
  }

  // MARK: - States

  /// Tells this state from others, as far as it matters for what comes next.
  var fingerprint: Int {
    var hasher = Hasher()
    for position in self.cores.indices {
      self.cores[position].hashEssence(into: &hasher)
      hasher.combine(self.disks[position].durable.hardState)
      hasher.combine(self.disks[position].durable.entries.map(\.position))
      hasher.combine(self.disks[position].pendingWrites)
    }
    // In whatever order messages were sent.
    hasher.combine(self.network.reduce(0) { $0 &+ $1.fingerprint })
    hasher.combine(self.campaigns)
    hasher.combine(self.proposals)
    hasher.combine(self.crashes)
    hasher.combine(self.decided)
    hasher.combine(self.leaders)
    return hasher.finalize()
  }

  /// Whether something was decided in the newest term that there may be.
  var isFar: Bool { self.decided.last?.term.rawValue == UInt64(self.limits.campaigns) + 1 }
  var leaderCount: Int { self.leaders.count }
  var decidedCount: Int { self.decided.count }
}
