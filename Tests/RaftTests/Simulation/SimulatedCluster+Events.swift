// SPDX-License-Identifier: Apache-2.0

import Raft

extension SimulatedCluster {
  // MARK: - Time

  mutating func run(until end: Duration) {
    while let time = self.events.nextTime, time <= end, let (_, event) = self.events.popFirst() {
      self.now = max(self.now, time)
      self.carryOut(event)
      guard self.oracle.violations.isEmpty else { return }
    }
    self.now = end
  }

  /// Runs until a condition holds; false when it doesn't by then.
  mutating func run(until end: Duration, _ condition: (Self) -> Bool) -> Bool {
    while self.now < end {
      self.run(until: self.now + .milliseconds(20))
      if condition(self) { return true }
      guard self.oracle.violations.isEmpty else { return false }
    }
    return false
  }

  private mutating func carryOut(_ event: Event) {
    switch event {
    case .deliver(let message):
      self.deliver(message)
    case .snapshotArrives(let message, let succeeded):
      if succeeded, !self.isCut(message) { self.deliver(message) }
      guard let position = self.position(of: message.from), self.members[position].isUp,
        case .installSnapshot(let snapshot) = message.body
      else { return }
      try? self.feed(position) { core, now in
        core.snapshotSent(to: message.to, upTo: snapshot.index, succeeded: succeeded, now: now)
      }
    case .synced(let id, let life):
      guard let position = self.position(of: id), self.members[position].life == life else { return }
      self.members[position].node.sync(self.members[position].syncing, now: self.now)
      self.members[position].syncing = 0
      self.turn(position)
    case .tick(let id, let life):
      guard let position = self.position(of: id), self.members[position].life == life, self.members[position].isUp else { return }
      guard self.members[position].tickAt <= self.now else { return }
      try? self.feed(position) { core, now in core.tick(now: now) }
    case .restart(let id): self.restart(id)
    case .heal: self.cutLinks = []
    case .crash, .partition, .membership, .transfer, .snapshot, .read, .propose:
      guard !self.isCalm else { return }
      self.disturb(event)
      self.schedule(event)
    }
  }

  // MARK: - The network

  func isCut(_ message: Message) -> Bool {
    self.cutLinks.contains(message.from.rawValue * 1000 + message.to.rawValue)
  }

  mutating func send(_ message: Message) {
    guard !self.isCut(message), self.random.next(below: 100) >= self.plan.loss else { return }
    let copies = self.random.next(below: 100) < self.plan.duplication ? 2 : 1
    for _ in 0..<copies {
      self.events.add(.deliver(message), at: self.now + .microseconds(50 + self.random.next(below: self.plan.messageDelay)))
    }
  }

  private mutating func deliver(_ message: Message) {
    guard let position = self.position(of: message.to), self.members[position].isUp, !self.isCut(message) else { return }
    try? self.feed(position) { core, now in core.receive(message, now: now) }
  }

  // MARK: - Disturbances and work

  mutating func schedule(_ event: Event) {
    let interval =
      switch event {
      case .crash: self.plan.crashEvery
      case .partition: self.plan.partitionEvery
      case .membership: self.plan.membershipEvery
      case .transfer: self.plan.transferEvery
      case .snapshot: self.plan.snapshotEvery
      case .read: self.plan.readEvery
      case .propose: self.plan.proposalEvery
      default: 0
      }
    guard interval > 0 else { return }
    self.events.add(event, at: self.now + .microseconds(1 + self.random.next(below: interval * 2_000)))
  }

  private mutating func disturb(_ event: Event) {
    let up = self.upMembers
    guard !up.isEmpty else { return }
    let somebody = up[self.random.next(below: up.count)]
    switch event {
    case .crash: self.crash(self.leaders.first.flatMap { self.random.next(below: 2) == 0 ? $0 : nil } ?? somebody)
    case .partition: self.cutSomething()
    case .membership: self.changeMembership()
    case .transfer: self.transfer()
    case .snapshot: try? self.members[somebody].node.snapshot()
    case .read: self.read(somebody)
    case .propose: for leader in self.leaders { self.propose(leader) }
    default: break
    }
  }

  private mutating func cutSomething() {
    let victim = self.members[self.random.next(below: self.members.count)].node.id.rawValue
    for other in self.members.map(\.node.id.rawValue) where other != victim {
      let kind = self.random.next(below: 4)
      if kind != 0 { self.cutLinks.insert(victim * 1000 + other) }
      if kind != 1 { self.cutLinks.insert(other * 1000 + victim) }
    }
    self.events.add(.heal, at: self.now + .milliseconds(self.random.next(below: 2_000)))
  }

  mutating func propose(_ position: Int) {
    let payloads = (0...self.random.next(below: 4)).map { _ -> ArraySlice<UInt8> in
      self.proposals += 1
      return Array("\(self.proposals)".utf8)[...] + [UInt8](repeating: 0, count: self.random.next(below: 60))
    }
    do {
      try self.feed(position) { core, now throws(RaftError) in try core.propose(payloads, now: now) }
    } catch {
      if error.code == .busy { self.oracle.count(.refusedProposal) }
    }
  }

  private mutating func read(_ position: Int) {
    self.readCount += 1
    let id = self.readCount
    self.reads[id] = self.oracle.lastDecided
    do {
      try self.feed(position) { core, now throws(RaftError) in
        try core.readIndex(ReadRequestID(rawValue: id), now: now)
      }
    } catch {
      self.reads[id] = nil
    }
  }

  private mutating func transfer() {
    guard let leader = self.leaders.first else { return }
    let term = self.members[leader].node.status.term
    try? self.feed(leader) { core, now throws(RaftError) in try core.transferLeadership(to: nil, now: now) }
    if self.members[leader].node.status.transferTarget != nil, term > .zero { self.oracle.count(.transferDone) }
  }

  private mutating func changeMembership() {
    guard let leader = self.leaders.last else { return }
    let status = self.members[leader].node.status
    let ids = status.membership.members.map(\.id)
    guard let any = ids.isEmpty ? nil : ids[self.random.next(below: ids.count)] else { return }
    let change: MembershipChange =
      switch self.random.next(below: 9) {
      case 0, 1: ids.count < 6 ? .addVoter(context: [1]) : .remove(any)
      case 2: ids.count < 6 ? .addLearner(context: [2]) : .remove(any)
      case 3: .promote(any)
      case 4: .remove(any)
      case 5: ids.count < 6 ? .addWitness(context: [4]) : .remove(any)
      case 6: ids.count < 5 ? .several([.addVoter(context: [5]), .remove(any), .addVoter(context: [6])]) : .remove(any)
      case 7: .prioritize(any, UInt8(self.random.next(below: 3)))
      default: .update(any, context: [3])
      }
    guard
      let index = try? self.feed(
        leader,
        { core, now throws(RaftError) in try core.proposeMembership(change, now: now) }
      )
    else { return }
    if case .remove(status.id) = change { self.oracle.count(.removedLeader) }
    // The new member starts empty; should its entry be lost, it stays alone. Its identity can come back with another entry at
    // that index: then it is the same member all the same.
    for id in change.newMembers(at: index) { try? self.addIfNew(id) }
  }

  private mutating func addIfNew(_ id: RaftID) throws {
    if self.position(of: id) == nil { try self.add(id) }
  }
}
