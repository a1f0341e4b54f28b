// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

extension Control {
  // MARK: - Opening and losing sessions

  /// A node asks for a session, or to go on with the one it has.
  mutating func sessionRequested(_ registration: RegistrationID, _ request: SessionRequest) {
    let node = request.nodeID
    guard let known = self.overlay.committedNode(node) else {
      self.sessions.refuse(registration, SwarmError(code: .notFound, message: "node \(node) not found"))
      return
    }
    if let session = self.sessions.byNode[node], session.id == request.sessionID {
      self.sessions.with(node) { session in
        session.lastHeard = self.now
        session.lostAt = nil
      }
      self.sessions.waits(node, registration)
    } else {
      // Whoever moves to another root certificate registers twice for that, and must not lose its tasks over it.
      let hasMoved = known.description?.tlsInfo.map { $0 != request.description.tlsInfo } ?? false
      guard hasMoved || self.sessions.admits(node, self.configuration, now: self.now) else {
        let message = "node \(node) exceeded rate limit count of registrations"
        self.sessions.refuse(registration, SwarmError(code: .unavailable, message: message))
        return
      }
      self.sessions.close(node, SwarmError(code: .aborted, message: "node must disconnect"))
      self.sessions.open(
        NodeSession(
          id: self.ids.make(),
          node: node,
          isOurs: request.followsHints,
          registrations: [registration],
          lastHeard: self.now,
          period: self.heartbeatPeriod
        )
      )
    }
    self.nodes.heard(node, now: self.now)
    // Whoever speaks isn't gone, whatever gossip said before.
    _ = self.nodes.note(.present, about: node)
    let address = request.remoteAddress.isEmpty ? known.status.addr : request.remoteAddress
    self.nodes.want(node) { wanted in
      wanted.status = NodeStatus(state: .ready, addr: address)
      wanted.description = request.description
    }
    self.watchDeadline(of: node)
    self.availabilityMayHaveChanged(node)
    self.reviewUnheardNodes()
  }

  /// A session's stream broke off; the node has the grace to come back.
  mutating func streamLost(_ id: SessionID) {
    guard let node = self.sessions.node(of: id) else { return }
    // Who is about to go on with the session over another connection has come back already: what broke off is the one before.
    guard self.sessions.byNode[node]?.registrations.isEmpty == true else { return }
    self.sessions.with(node) { $0.lostAt = $0.lostAt ?? self.now }
    self.watchDeadline(of: node)
    self.availabilityMayHaveChanged(node)
  }

  /// Gossip changed its mind about a node.
  ///
  /// Alone it does nothing: it only shortens how long a silent or lost session is waited for.
  mutating func gossipHeard(_ verdict: GossipVerdict, about node: NodeID) {
    guard self.nodes.note(verdict, about: node) else { return }
    self.sessions.with(node) { $0.goneAt = verdict == .gone ? self.now : nil }
    self.watchDeadline(of: node)
  }

  /// A heartbeat of a node.
  ///
  /// - Returns: The time after which the next one is expected.
  /// - Throws: `notFound` when the node has no session, `invalidArgument` when it isn't this one.
  package mutating func heartbeat(node: NodeID, session: SessionID, now: Duration) throws(SwarmError) -> Duration {
    self.now = now
    _ = try self.sessions.session(session, of: node)
    let period = self.heartbeatPeriod
    let jitter = min(self.configuration.heartbeatJitter, period / 10)
    let told = period - jitter + jitter * 2 * Double.random(in: 0..<1, using: &self.ids)
    self.sessions.with(node) { session in
      session.lastHeard = now
      session.period = told
    }
    return told
  }

  private var heartbeatPeriod: Duration {
    let period = self.overlay.committedCluster?.value.spec.dispatcher.heartbeatPeriod ?? .seconds(5)
    return period > .zero ? period : .seconds(5)
  }

  /// A node's session may have run out.
  mutating func sessionDeadlineCame(_ node: NodeID) {
    guard let session = self.sessions.byNode[node] else { return }
    guard session.deadline(self.configuration) <= self.now else {
      self.watchDeadline(of: node)
      return
    }
    self.sessions.expire(node)
    self.markDown(node)
  }

  private mutating func markDown(_ node: NodeID, message: String = "heartbeat failure") {
    let address = self.view.node(node)?.status.addr ?? ""
    self.nodes.want(node) { wanted in
      wanted.status = NodeStatus(state: .down, message: message, addr: address)
    }
    self.availabilityMayHaveChanged(node)
  }

  private mutating func watchDeadline(of node: NodeID) {
    guard let session = self.sessions.byNode[node] else { return }
    self.timers.setEarliest(.node(node), at: session.deadline(self.configuration))
  }

  // MARK: - Nodes known from the term before

  /// Says of nodes that haven't come back since the term began that they are unknown, and then gives them up.
  ///
  /// SwarmKit calls all nodes unknown as soon as the term begins. Here they have the grace first, so that a change of leaders which agents hardly notice
  /// writes nothing to the log and keeps no task from its node.
  ///
  /// A node has twice the grace, counted from the last one that came back: agents may take that long to notice that the old leader is gone.
  /// While fewer than half have come back, the leader's own connection is the likelier culprit, and nodes have twice the time of their heartbeats.
  mutating func reviewUnheardNodes() {
    guard !self.nodes.unheard.isEmpty else {
      self.timers.cancel(.unheardNodes)
      return
    }
    let graceEnd = self.nodes.termBegan + self.configuration.streamLossGrace
    if graceEnd <= self.now { self.markUnheardUnknown() }
    var deadline = self.nodes.termBegan + self.heartbeatPeriod * (2 * self.configuration.missedHeartbeats)
    if self.nodes.returned >= self.nodes.unheard.count {
      deadline = min(deadline, self.nodes.lastReturn + self.configuration.streamLossGrace * 2)
    }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(43) { deadline = self.nodes.termBegan }
    #endif
    guard deadline <= self.now else {
      self.timers.set(.unheardNodes, at: graceEnd > self.now ? min(graceEnd, deadline) : deadline)
      return
    }
    for node in self.nodes.giveUpUnheard() { self.markDown(node, message: #"heartbeat failure for node in "unknown" state"#) }
  }

  private mutating func markUnheardUnknown() {
    for id in self.nodes.takeUnheardToTell() {
      guard let node = self.view.node(id), node.status.state != .unknown else { continue }
      let message = #"Node moved to "unknown" state due to leadership change in cluster"#
      self.nodes.want(id) { $0.status = NodeStatus(state: .unknown, message: message, addr: node.status.addr) }
    }
  }

  /// Takes over what the consensus module says of the managers.
  mutating func membersObserved(_ managers: [ManagerObservation]) {
    let before = self.nodes.unreachable
    let unreachable = Set(managers.filter { $0.reachability == .unreachable }.map(\.node))
    self.nodes.setUnreachable(unreachable)
    for manager in managers {
      self.nodes.want(manager.node) { wanted in
        wanted.isNoManager = false
        wanted.manager = ManagerStatus(
          raftID: manager.raftID,
          addr: manager.address,
          leader: manager.isLeader,
          reachability: manager.reachability
        )
      }
    }
    let members = Set(managers.map(\.node))
    for node in self.view.nodes() where node.managerStatus != nil && !members.contains(node.id) {
      self.nodes.want(node.id) { wanted in
        wanted.manager = nil
        wanted.isNoManager = true
      }
    }
    for node in before.symmetricDifference(unreachable).sorted() { self.availabilityMayHaveChanged(node) }
  }

  // MARK: - What nodes are good for

  /// Whether the node can be given a task: the store says so, and nothing speaks against it that isn't stored yet.
  func isAvailable(_ node: Node) -> Bool {
    node.status.state == .ready && node.spec.availability == .active
      && self.sessions.byNode[node.id]?.lostAt == nil && !self.nodes.isSuspected(node.id)
  }

  private mutating func availabilityMayHaveChanged(_ id: NodeID) {
    guard let node = self.view.node(id), let index = self.scheduler.table.indexByID[id] else { return }
    let isAvailable = self.isAvailable(node)
    guard self.scheduler.table.available[index] != isAvailable else { return }
    _ = self.scheduler.table.update(node, isAvailable: isAvailable)
    self.wakeSlots(on: id)
  }

  /// Stores what the leader found out about nodes.
  mutating func planNodeStatuses() {
    let changes = self.nodes.takeChanges(in: self.view)
    self.plan.others += changes.pieces(of: 32).map(Change.nodeStatuses)
  }
}
