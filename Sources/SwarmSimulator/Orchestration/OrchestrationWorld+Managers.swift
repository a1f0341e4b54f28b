// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationWorld {
  // MARK: - Terms

  /// Another leader is elected, or the same one again: it has a leading part of what the last one proposed.
  ///
  /// - Parameter isCrash: Whether the last leader knows at once, because it is no more.
  mutating func elect(_ next: Int, keeping kept: Int, isCrash: Bool = false) {
    let last = self.leader
    let tail = self.log.tail
    self.log.tail = []
    self.log.isCommitting = false
    self.oracle.coverage.saw(kept > 0 ? .tailKept : tail.isEmpty ? .leaderChanged : .tailLost)
    self.oracle.coverage.saw(.leaderChanged)
    if self.oracle.isAnyUpdateUnderWay { self.oracle.coverage.saw(.leaderChangedInUpdate) }
    for proposed in tail.prefix(kept) { self.enter(proposed) }
    self.log.term += 1
    self.leader = next
    let term = self.managers[last].term
    if !isCrash, self.managers[last].control != nil {
      let after = self.wait(upTo: 400_000_000, \.log, in: &self.chance)
      self.events.add(.deposed(manager: last, term: term), at: self.now + after)
    }
    let after = self.wait(upTo: 1_500_000_000, \.log, in: &self.chance)
    self.say("manager \(next) is elected in term \(self.log.term); \(kept) of \(tail.count) proposals survive")
    self.events.add(.lead(term: self.log.term), at: self.now + 400_000_000 + after)
    self.users.leaderChanged(losing: tail.dropFirst(kept).map(\.bytes))
  }

  /// The new leader's own first entry is committed and applied.
  mutating func beginTerm(_ term: UInt64) {
    guard term == self.log.term, self.managers[self.leader].isUp else { return }
    let manager = self.leader
    self.endTerm(manager)
    self.enterOwnEntry()
    self.catchUp(manager)
    self.managers[manager].term = term
    self.managers[manager].termBegan = self.now
    var configuration = self.knobs.control
    configuration.leader = self.managers[manager].node
    self.managers[manager].control = Control(
      term: term,
      store: self.managers[manager].store,
      configuration: configuration,
      seed: self.ids.next(),
      now: self.elapsed,
      time: self.time(of: manager)
    )
    self.say("manager \(manager) leads in term \(term)")
    self.tellMembers()
    self.wakeTurn(manager)
    self.retryRequests()
  }

  /// A deposed leader learns that it is: everything that only a leader does ends here.
  mutating func learnOfDeposition(_ manager: Int, _ term: UInt64) {
    guard self.managers[manager].term == term, self.managers[manager].control != nil, self.log.term > term else { return }
    self.oracle.coverage.saw(.deposedLeaderStopped)
    self.say("manager \(manager) learns that term \(term) is over")
    #if PLANTED_BUGS
      if SwarmControl.PlantedBug.isPlanted(33), let control = self.managers[manager].control {
        self.managers[manager].undead.append(control)
      }
    #endif
    self.endTerm(manager)
  }

  /// Drops the control loop and the connections of a manager.
  mutating func endTerm(_ manager: Int) {
    self.managers[manager].endTerm()
    for agent in self.agents.indices where self.agents[agent].manager == manager { self.breakLink(agent) }
  }

  /// Tells the leader what its consensus module sees.
  mutating func tellMembers() {
    let observations = self.managers.indices.map { index in
      ManagerObservation(
        node: self.managers[index].node,
        raftID: UInt64(index + 1),
        address: "10.0.0.\(index):2377",
        isLeader: index == self.leader,
        reachability: self.managers[index].isUp ? .reachable : .unreachable
      )
    }
    self.tellControl(self.leader, .members(observations))
  }

  // MARK: - Turns

  mutating func tellControl(_ manager: Int, _ event: Control.Event) {
    guard self.managers[manager].control != nil else { return }
    let (now, time) = (self.elapsed, self.time(of: manager))
    self.managers[manager].control?.handle(event, now: now, time: time)
    self.wakeTurn(manager)
  }

  /// Has the control loop of a manager take a turn soon.
  mutating func wakeTurn(_ manager: Int, at time: Nanoseconds? = nil) {
    guard self.managers[manager].control != nil else { return }
    var due = max(time ?? self.now, self.now) + self.wait(upTo: 2_000_000, \.log, in: &self.chance)
    // What happens in one moment is one turn's work then, as it is in plans.
    if self.isExact { due = (due / 100_000 + 1) * 100_000 }
    if let turnAt = self.managers[manager].turnAt, turnAt <= due { return }
    self.managers[manager].turnAt = due
    self.events.add(.turn(manager: manager), at: due)
  }

  mutating func turn(_ manager: Int) {
    guard self.managers[manager].turnAt == self.now else { return }
    self.managers[manager].turnAt = nil
    self.countTurn(manager)
    let (now, time) = (self.elapsed, self.time(of: manager))
    guard let turn = self.managers[manager].control?.turn(now: now, time: time) else { return }
    if self.managers[manager].control?.wantsStore == true {
      let store = self.managers[manager].store
      self.managers[manager].control?.share(store)
    }
    if manager != self.leader || self.managers[manager].term != self.log.term { self.oracle.coverage.saw(.deposedLeaderTurned) }
    for proposal in turn.proposals { self.propose(proposal, of: manager, term: self.managers[manager].term) }
    for output in turn.messages { self.send(output, from: manager) }
    #if PLANTED_BUGS
      for index in self.managers[manager].undead.indices {
        let turn = self.managers[manager].undead[index].turn(now: now, time: time)
        for proposal in turn.proposals { self.propose(proposal, of: manager, term: self.log.term) }
      }
    #endif
    guard let next = turn.nextWake else { return }
    let due = Nanoseconds((next / .nanoseconds(1)).rounded(.up))
    if due <= self.now { self.oracle.coverage.saw(.turnCut) }
    self.countIdleTurn(manager, isIdle: due <= self.now && turn.proposals.isEmpty && turn.messages.isEmpty)
    self.wakeTurn(manager, at: due <= self.now ? self.now + 100_000 : due)
  }

  private mutating func propose(_ proposal: Proposal, of manager: Int, term: UInt64) {
    // What a deposed leader proposes goes nowhere, and it doesn't hear of that.
    guard manager == self.leader, term == self.log.term else { return }
    if proposal.entry.leaderTerm != self.log.term {
      self.oracle.fail("O9: a control loop of term \(proposal.entry.leaderTerm) works in term \(self.log.term)")
    }
    if self.managers[manager].refusesUntil > self.now {
      self.oracle.coverage.saw(.proposalRefused)
      return self.tellControl(manager, .proposalFailed(proposal.id))
    }
    self.append(proposal.entry, proposal.id)
  }

  /// The leader's log takes an entry.
  mutating func append(_ entry: LogEntry, _ proposal: ProposalID?) {
    let manager = self.managers[self.leader]
    self.log.tail.append(
      SimulatedSwarmLog.Proposed(
        bytes: entry.encode(),
        proposal: proposal,
        decision: SimulatedSwarmLog.Decision(
          store: manager.store,
          time: self.now,
          term: self.log.term,
          clockJumps: manager.clockJumps
        )
      )
    )
    self.commitSoon()
  }

  private mutating func commitSoon() {
    guard !self.log.isCommitting, !self.log.tail.isEmpty else { return }
    self.log.isCommitting = true
    let after = self.wait(upTo: self.knobs.commitDelay, \.log, in: &self.chance)
    self.events.add(.commit(term: self.log.term), at: self.now + after)
  }

  // MARK: - Committing and applying

  mutating func commit(_ term: UInt64) {
    guard term == self.log.term, self.log.isCommitting else { return }
    self.log.isCommitting = false
    let count = self.isExact ? self.log.tail.count : 1 + self.chance.log.below(self.log.tail.count)
    let batch = self.log.tail.prefix(count)
    self.log.tail.removeFirst(min(count, self.log.tail.count))
    for proposed in batch {
      self.enter(proposed)
      guard self.managers[self.leader].term == term else { continue }
      self.catchUp(self.leader)
    }
    self.commitSoon()
  }

  /// An entry is committed for good.
  mutating func enter(_ proposed: SimulatedSwarmLog.Proposed) {
    self.log.append(proposed.bytes)
    self.users.committed(proposed.bytes)
    guard let entry = try? LogEntry(decoding: proposed.bytes) else { return self.oracle.fail("an entry can't be read back") }
    for byte in proposed.bytes { self.hash.mix(UInt64(byte)) }
    let applied = self.oracle.committed(entry, at: self.log.lastIndex, proposed.decision, now: self.now)
    self.say("entry \(self.log.lastIndex): \(entry.inFewWords)")
    if let (_, since) = self.recorder { self.recorder?.recorder.record(applied, after: .nanoseconds(self.now - since)) }
    self.checkDownNodes(applied, proposed.decision)
    for change in applied.changes.nodes where change.new == nil {
      if let agent = change.old.flatMap({ self.agentByNode[$0.id] }) { self.dismiss(agent) }
    }
    for manager in self.managers.indices where manager != self.leader && !self.managers[manager].isApplying {
      self.managers[manager].isApplying = true
      let after = self.wait(upTo: self.knobs.applyDelay, \.log, in: &self.chance)
      self.events.add(.apply(manager: manager), at: self.now + after)
    }
  }

  /// An entry without changes, as a new leader makes one.
  private mutating func enterOwnEntry() { self.log.append(nil) }

  mutating func applyAsFollower(_ manager: Int) {
    self.managers[manager].isApplying = false
    guard self.managers[manager].isUp else { return }
    // A deposed leader that doesn't know it is cut off from the others.
    guard self.managers[manager].control == nil else { return }
    self.catchUp(manager)
  }

  /// Applies what is committed.
  mutating func catchUp(_ manager: Int) {
    var index = self.managers[manager].store.version
    while index < self.log.lastIndex, self.oracle.violation == nil {
      index += 1
      guard let bytes = self.log[index] else { continue }
      guard let entry = try? LogEntry(decoding: bytes) else { return self.oracle.fail("an entry can't be read back") }
      let applied = self.managers[manager].store.apply(entry, index: index)
      if manager == self.leader, self.managers[manager].term == self.log.term {
        self.tellControl(manager, .committed(entry: entry, applied: applied))
      }
      if index % self.knobs.snapshotInterval == 0 {
        self.managers[manager].snapshot = self.managers[manager].store
      }
      self.oracle.compare(self.managers[manager].store, at: index)
    }
  }

  // MARK: - Lives of managers

  mutating func crashManager(_ manager: Int) {
    guard self.managers.allSatisfy(\.isUp) else { return }
    self.say("manager \(manager) crashes")
    self.managers[manager].isUp = false
    self.endTerm(manager)
    if manager == self.leader {
      let kept = self.chance.log.below(self.log.tail.count + 1)
      self.elect(
        (manager + 1 + self.chance.log.below(self.managers.count - 1)) % self.managers.count,
        keeping: kept,
        isCrash: true
      )
    } else {
      self.tellMembers()
    }
    self.events.add(
      .restart(manager: manager),
      at: self.now + 500_000_000 + Nanoseconds(self.chance.log.below(8_000)) * 1_000_000
    )
  }

  mutating func restartManager(_ manager: Int) {
    guard !self.managers[manager].isUp else { return }
    self.oracle.coverage.saw(.managerRestarted)
    self.managers[manager].isUp = true
    self.restore(manager, self.managers[manager].snapshot)
    self.catchUp(manager)
    self.tellMembers()
  }

  /// A follower's state is replaced by a snapshot, its own or another manager's.
  mutating func restore(_ manager: Int, _ snapshot: Store?) {
    guard let snapshot else { return self.managers[manager].store = Store() }
    guard let store = try? Store(snapshot: snapshot.encodeSnapshot()) else {
      return self.oracle.fail("a snapshot can't be read back")
    }
    self.oracle.coverage.saw(.snapshotInstalled)
    self.managers[manager].store = store
  }

  mutating func installSnapshot() {
    let follower = (self.leader + 1) % self.managers.count
    guard self.managers[follower].isUp, self.managers[follower].control == nil else { return }
    self.restore(follower, self.managers[self.leader].store)
  }
}
