// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

extension Control {
  /// How often one turn goes over what its own decisions made due.
  private static var roundsPerTurn: Int { 8 }

  /// Works off what the events left to do, within bounds, and tells what is to be proposed and sent.
  package mutating func turn(now: Duration, time: Timestamp) -> Turn {
    self.now = now
    self.time = time
    var turn = Turn()
    self.fireTimers()
    var isUnfinished = false
    if self.mayPropose {
      isUnfinished = self.decide()
      turn.proposals = self.takeProposals()
    }
    self.acceptSessions()
    turn.messages = self.sessions.takeOutput(withAssignments: !self.holdsAssignments(isUnfinished))
    turn.nextWake = self.nextWake(isUnfinished: isUnfinished)
    return turn
  }

  private var mayPropose: Bool {
    self.overlay.count < self.configuration.maximumInFlight && (self.holdUntil.map { $0 <= self.now } ?? true)
  }

  private func hasRoom() -> Bool {
    self.draft.size < self.configuration.maximumEntrySize * (self.configuration.maximumInFlight - self.overlay.count)
  }

  private mutating func nextWake(isUnfinished: Bool) -> Duration? {
    var timer = self.timers.next()
    if let due = self.scheduler.reasonsDue { timer = min(timer ?? due, max(due, self.now)) }
    if let since = self.holdingSince {
      let due = since + self.configuration.assignmentDelay
      timer = min(timer ?? due, due)
    }
    // With too much in flight the next commit is what wakes.
    guard isUnfinished, self.overlay.count < self.configuration.maximumInFlight else {
      guard let holdUntil = self.holdUntil, holdUntil > self.now else { return timer }
      return min(timer ?? holdUntil, holdUntil)
    }
    return self.now
  }

  /// Whether agents hear of their tasks later: while more is decided, or on its way into the log, most would be told again at once.
  ///
  /// SwarmKit's dispatcher gathers changes too, for 100 ms in any case.
  private mutating func holdsAssignments(_ isUnfinished: Bool) -> Bool {
    guard self.sessions.hasAssignments, isUnfinished || self.overlay.count > 0 else {
      self.holdingSince = nil
      return false
    }
    let since = self.holdingSince ?? self.now
    let holds = self.now < since + self.configuration.assignmentDelay
    self.holdingSince = holds ? since : nil
    return holds
  }

  private mutating func fireTimers() {
    for key in self.timers.popDue(now: self.now) {
      switch key {
      case .slot(let slot): self.services.enqueue(slot)
      case .update(let service): self.services.review(service)
      case .node(let node): self.sessionDeadlineCame(node)
      case .unheardNodes: self.reviewUnheardNodes()
      case .orphans(let node): self.orphanTasks(of: node)
      case .reaper: self.reaper.isDue = true
      case .schedule(let service): self.services.review(service)
      case .rebalance: self.rebalancer.isDue = true
      }
    }
  }

  /// Lets the parts decide until nothing is left to decide, or the bounds of a turn are reached.
  ///
  /// - Returns: Whether something is left for the next turn.
  private mutating func decide() -> Bool {
    self.planNodeStatuses()
    self.planReportedStatuses()
    // What has ended by now holds nothing, and isn't rejected any more.
    self.draftPlan()
    self.rejectOversized()
    self.planAllocations()
    self.planRebalance()
    self.draftPlan()
    var slots = self.configuration.slotsPerTurn
    for _ in 0..<Self.roundsPerTurn {
      self.planAllocations()
      self.wakeWaitingTasks()
      guard self.services.hasWork || self.scheduler.hasRetries, slots > 0, self.hasRoom() else { break }
      slots -= self.planServices(slots)
      self.draftPlan()
      self.draftCreations()
      self.assignWaitingTasks()
    }
    self.draftRemovals()
    return self.services.hasWork || self.scheduler.hasRetries || self.reaper.hasMore
  }

  // MARK: - Drafting

  /// Drafts changes: they are in the view at once, and in one of the turn's entries.
  ///
  /// - Returns: What they did.
  @discardableResult
  mutating func draftChanges(_ changes: [Change]) -> ViewDelta {
    var delta = ViewDelta()
    for change in changes {
      let piece = LogEntry(leaderTerm: self.term, time: self.time, changes: [change])
      delta.append(self.overlay.draft(piece, in: self.draft.append(change)))
    }
    self.absorb(delta)
    return delta
  }

  /// Drafts what was planned, except for the tasks to create.
  mutating func draftPlan() {
    var changes: [Change] = []
    changes += self.plan.statuses.pieces(of: Change.maximumItems).map(Change.taskStatuses)
    changes += self.plan.desired.pieces(of: Change.maximumItems).map(Change.desiredStates)
    changes += self.plan.others
    self.plan.statuses = []
    self.plan.desired = []
    self.plan.others = []
    self.draftChanges(changes)
  }

  private mutating func takeProposals() -> [Proposal] {
    guard !self.draft.isEmpty else { return [] }
    let proposals = self.draft.takeEntries().map { changes in
      self.proposalCount += 1
      let entry = LogEntry(leaderTerm: self.term, time: self.time, changes: changes)
      return Proposal(id: ProposalID(rawValue: self.proposalCount), entry: entry)
    }
    self.statuses.proposed(as: proposals.first?.id)
    self.overlay.propose(proposals)
    return proposals
  }
}
