// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

// MARK: - Connections

extension OrchestrationWorld {
  /// An agent gives its connection up and looks for a manager again, a moment later.
  mutating func reconnect(_ agent: Int, after pause: Nanoseconds) {
    guard self.agents[agent].isUp else { return }
    self.closeConnection(agent)
    let link = AgentLink(agent: agent, connection: self.agents[agent].connection)
    let jitter = self.wait(upTo: 300_000_000, \.network, in: &self.chance)
    self.events.add(.connect(link), at: self.now + pause + jitter)
  }

  private mutating func closeConnection(_ agent: Int) {
    let link = AgentLink(agent: agent, connection: self.agents[agent].connection)
    self.agents[agent].connection += 1
    guard let session = self.agents[agent].session else { return }
    self.agents[agent].session = nil
    self.agents[agent].formerSessions.append(session)
    self.tell(agent, .sessionClosed)
    guard !self.agents[agent].isCut else { return }
    let arrival = max(self.agents[agent].arrivals.there, self.now + self.knobs.delay)
    self.events.add(.streamLost(manager: self.agents[agent].manager, session, link), at: arrival)
  }

  mutating func connect(_ link: AgentLink) {
    let agent = link.agent
    guard self.agents[agent].connection == link.connection, self.agents[agent].isUp else { return }
    let manager =
      self.managers[self.leader].control == nil || self.chance.network.perMille(100)
      ? self.chance.network.below(self.managers.count) : self.leader
    self.agents[agent].manager = manager
    let former = self.chance.network.perMille(300) ? self.agents[agent].formerSessions.last : nil
    let request = SessionRequest(
      nodeID: self.agents[agent].node,
      description: self.agents[agent].description,
      sessionID: former,
      remoteAddress: "10.0.1.\(agent)"
    )
    self.sendToManager(.register(request), agent)
    // Who gets no answer tries again.
    self.events.add(.brokenLink(link), at: self.now + 3_000_000_000)
  }

  mutating func sendToManager(_ message: Message, _ agent: Int) {
    guard self.agents[agent].isUp, !self.agents[agent].isCut else { return }
    let arrival = self.now + self.wait(upTo: self.knobs.delay, \.network, in: &self.chance)
    self.agents[agent].arrivals.there = max(self.agents[agent].arrivals.there, arrival)
    let link = AgentLink(agent: agent, connection: self.agents[agent].connection)
    self.events.add(.arrive(message, link, manager: self.agents[agent].manager), at: self.agents[agent].arrivals.there)
  }

  private mutating func sendToAgent(_ answer: Answer, _ link: AgentLink) {
    guard !self.agents[link.agent].isCut, self.agents[link.agent].connection == link.connection else { return }
    let arrival = self.now + self.wait(upTo: self.knobs.delay, \.network, in: &self.chance)
    self.agents[link.agent].arrivals.here = max(self.agents[link.agent].arrivals.here, arrival)
    self.events.add(.answer(answer, link), at: self.agents[link.agent].arrivals.here)
  }

  /// What the control loop says finds its way to the connection that it is for.
  mutating func send(_ output: SessionOutput, from manager: Int) {
    switch output {
    case .accepted(let registration, let message):
      guard let link = self.managers[manager].registrations.removeValue(forKey: registration) else { return }
      self.managers[manager].sessions[message.sessionID] = link
      self.managers[manager].accepted[self.agents[link.agent].node] = message.sessionID
      self.managers[manager].lastHeard[self.agents[link.agent].node] = self.now
      self.sendToAgent(.output(output), link)
    case .refused(let registration, _):
      guard let link = self.managers[manager].registrations.removeValue(forKey: registration) else { return }
      self.sendToAgent(.refused, link)
    case .session(let session, _):
      guard let link = self.managers[manager].sessions[session] else { return }
      self.sendToAgent(.output(output), link)
    case .assignments(let session, let message):
      guard let link = self.managers[manager].streams[session] else { return }
      self.oracle.checkSent(message, to: self.agents[link.agent].node, from: self.managers[manager].store)
      self.sendToAgent(.output(output), link)
    case .close(let session, _):
      self.managers[manager].streams[session] = nil
      guard let link = self.managers[manager].sessions.removeValue(forKey: session) else { return }
      if self.managers[manager].accepted[self.agents[link.agent].node] == session {
        self.managers[manager].accepted[self.agents[link.agent].node] = nil
      }
      self.sendToAgent(.output(output), link)
    }
  }

  /// The connection is dead; the agent notices after a while.
  mutating func breakLink(_ agent: Int) {
    let link = AgentLink(agent: agent, connection: self.agents[agent].connection)
    let after = self.wait(upTo: 3_000_000_000, \.network, in: &self.chance)
    guard self.agents[agent].session != nil else { return }
    self.agents[agent].formerSessions.append(contentsOf: self.agents[agent].session.map { [$0] } ?? [])
    self.agents[agent].session = nil
    self.tell(agent, .sessionClosed)
    self.events.add(.brokenLink(link), at: self.now + after)
  }

  mutating func noticeBrokenLink(_ link: AgentLink) {
    guard self.agents[link.agent].connection == link.connection, self.agents[link.agent].session == nil else { return }
    self.reconnect(link.agent, after: 0)
  }

  mutating func loseStream(_ session: SessionID, _ link: AgentLink, at manager: Int) {
    // Another connection may go on with the session.
    guard self.managers[manager].sessions[session] == link else { return }
    self.managers[manager].sessions[session] = nil
    self.oracle.coverage.saw(.streamLost)
    self.tellControl(manager, .streamLost(session))
  }
}

// MARK: - What managers hear

extension OrchestrationWorld {
  mutating func hear(_ message: Message, _ link: AgentLink, at manager: Int) {
    guard !self.agents[link.agent].isCut else { return }
    guard self.managers[manager].isUp, self.managers[manager].control != nil else {
      if case .register = message { return self.sendToAgent(.refused, link) }
      return self.sendToAgent(.failed, link)
    }
    let node = self.agents[link.agent].node
    switch message {
    case .register(let request):
      self.managers[manager].lastRegistration += 1
      let registration = RegistrationID(rawValue: self.managers[manager].lastRegistration)
      self.managers[manager].registrations[registration] = link
      if self.managers[manager].accepted[node] != nil { self.oracle.coverage.saw(.sessionSuperseded) }
      self.tellControl(manager, .registered(registration, request))
    case .openAssignments(let session):
      let isTaken = self.call(manager, link, answer: nil) { control, now, _ throws(SwarmError) in
        try control.openAssignments(node: node, session: session, now: now)
      }
      if isTaken { self.managers[manager].streams[session] = link }
    case .heartbeat(let session):
      var next = Duration.zero
      let isTaken = self.call(manager, link, answer: nil) { control, now, _ throws(SwarmError) in
        next = try control.heartbeat(node: node, session: session, now: now)
      }
      if isTaken { self.sendToAgent(.nextHeartbeat(next), link) }
    case .statuses(let session, let number, let updates):
      let term = self.managers[manager].term
      for update in updates { self.oracle.said(update, by: node, now: self.now, term: term) }
      self.call(manager, link, answer: .reported(number)) { control, now, time throws(SwarmError) in
        try control.updateStatuses(updates, node: node, session: session, now: now, time: time)
      }
    }
  }

  /// Calls the control loop on behalf of a connection.
  @discardableResult
  private mutating func call(
    _ manager: Int,
    _ link: AgentLink,
    answer: Answer?,
    _ body: (inout Control, Duration, Timestamp) throws(SwarmError) -> Void
  ) -> Bool {
    guard var control = self.managers[manager].control.take() else { return false }
    var isTaken = true
    do throws(SwarmError) {
      try body(&control, self.elapsed, self.time(of: manager))
    } catch {
      isTaken = false
    }
    self.managers[manager].control = control
    if isTaken { self.managers[manager].lastHeard[self.agents[link.agent].node] = self.now }
    if let answer = isTaken ? answer : .failed { self.sendToAgent(answer, link) }
    self.wakeTurn(manager)
    return isTaken
  }

  /// A node is given up only after its time.
  mutating func checkDownNodes(_ applied: Applied, _ decision: SimulatedSwarmLog.Decision) {
    for change in applied.changes.nodes {
      guard let old = change.old, let new = change.new, old.status.state != new.status.state else { continue }
      if new.status.state == .ready, old.status.state == .down { self.oracle.coverage.saw(.nodeBack) }
      if new.status.state == .unknown { self.oracle.coverage.saw(.nodeUnknown) }
      guard new.status.state == .down else { continue }
      self.oracle.coverage.saw(.nodeDown)
      let manager = self.managers[self.leader]
      guard manager.term == self.log.term, !self.oracle.gossipedGone.contains(new.id) else { continue }
      let heard = max(manager.lastHeard[new.id] ?? 0, manager.termBegan)
      // Who was heard only after the decision came too late.
      guard heard <= decision.time, decision.time - heard < 2_000_000_000 else { continue }
      let silence = Duration.nanoseconds(decision.time - heard)
      self.oracle.fail("no patience: node \(new.id) was given up \(silence) after it was heard")
    }
  }
}

// MARK: - What agents hear and do

extension OrchestrationWorld {
  mutating func takeAnswer(_ answer: Answer, _ link: AgentLink) {
    let agent = link.agent
    guard self.agents[agent].connection == link.connection, self.agents[agent].isUp, !self.agents[agent].isCut else { return }
    switch answer {
    case .output(.accepted(_, let message)):
      self.agents[agent].session = message.sessionID
      self.agents[agent].newestVersion = 0
      self.noteVersion(of: message, agent)
      self.tell(agent, .sessionOpened)
      self.sendToManager(.openAssignments(message.sessionID), agent)
      self.events.add(.heartbeat(link), at: self.now + 4_000_000_000)
    case .output(.session(_, let message)):
      self.noteVersion(of: message, agent)
    case .output(.assignments(let session, let message)):
      guard self.agents[agent].session == session else { return }
      if let wrong = self.agents[agent].note(message) { self.oracle.fail("O10: \(wrong)") }
      self.oracle.noteNeeds(message)
      self.tell(agent, .assignments(message))
    case .output(.close), .failed:
      self.reconnect(agent, after: 100_000_000)
    case .refused, .output(.refused):
      if self.agents[agent].session == nil { self.reconnect(agent, after: 500_000_000) }
    case .nextHeartbeat(let period):
      self.events.add(.heartbeat(link), at: self.now + Nanoseconds(period / .nanoseconds(1)))
    case .reported(let number):
      self.tell(agent, .reported(number))
    }
  }

  /// O14: what an agent sees of the store never goes back within a session.
  private mutating func noteVersion(of message: SessionMessage, _ agent: Int) {
    guard let version = message.node?.meta.version.index else { return }
    if version < self.agents[agent].newestVersion { self.oracle.fail("O14: an agent is told of an older node than before") }
    self.agents[agent].newestVersion = version
  }

  mutating func sendHeartbeat(_ link: AgentLink) {
    let agent = link.agent
    guard self.agents[agent].connection == link.connection, let session = self.agents[agent].session else { return }
    guard !self.agents[agent].isCut else { return self.breakLink(agent) }
    self.checkNeeds(of: agent)
    self.sendToManager(.heartbeat(session), agent)
  }

  /// O10: secrets and configs are gone from a node 30 s after the last task that needed them.
  private mutating func checkNeeds(of agent: Int) {
    self.agents[agent].reviewNeeds(now: self.now, self.oracle.store)
    for (need, since) in self.agents[agent].unneeded where self.now - since > 30_000_000_000 {
      self.oracle.fail("O10: \(need) is still at a node that doesn't need it any more")
    }
  }

  /// Tells the worker something and carries out what it wants done.
  mutating func tell(_ agent: Int, _ event: Worker.Event) {
    self.agents[agent].worker.handle(event, now: self.elapsed, time: self.wallTime)
    self.settleWorker(agent)
  }

  mutating func settleWorker(_ agent: Int) {
    let turn = self.agents[agent].worker.turn()
    for record in turn.records { self.agents[agent].disk[record.task.id] = record.encode() }
    for id in turn.forgotten { self.agents[agent].disk[id] = nil }
    for cancellation in turn.cancellations { self.cancel(cancellation, agent) }
    for operation in turn.operations { self.begin(operation, agent) }
    if let report = turn.report, let session = self.agents[agent].session {
      self.sendToManager(.statuses(session, number: report.number, report.updates), agent)
    }
    if let failure = turn.sessionFailure {
      self.oracle.fail("O14: the stream of assignments broke: \(failure.message)")
    }
    guard let wake = turn.nextWake else { return }
    let due = max(self.now, Nanoseconds((wake / .nanoseconds(1)).rounded(.up)))
    guard self.agents[agent].wakeAt.map({ $0 > due }) ?? true else { return }
    self.agents[agent].wakeAt = due
    self.events.add(.wake(agent: agent, life: self.agents[agent].life), at: due)
  }
}
