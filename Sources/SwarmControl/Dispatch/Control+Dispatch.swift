// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

extension Control {
  /// Tells the sessions what an entry changed: each change concerns one node, so the cost is that of the changes.
  mutating func dispatch(_ changes: ChangeSet) {
    let overlay = self.overlay
    for change in changes.tasks {
      self.sessions.taskChanged(from: change.oldBox, to: change.newBox, in: overlay)
      if let id = change.currentBox?.value.id { self.statuses.logged(id, change.newBox?.value.status.state) }
    }
    var everybodyHears = !changes.clusters.isEmpty && self.sessions.clusterChanged(self.overlay.committedCluster?.value)
    for change in changes.nodes {
      guard let new = change.new else {
        if let old = change.old {
          everybodyHears = self.sessions.managerRemoved(old.id) || everybodyHears
          let message = "node \(old.id) was removed from swarm"
          self.sessions.close(old.id, SwarmError(code: .permissionDenied, message: message))
          self.sessions.forgetRegistrations(of: old.id)
        }
        continue
      }
      everybodyHears = self.sessions.managerChanged(new) || everybodyHears
      if let old = change.old, old.isSame(toItsAgent: new) { continue }
      self.sessions.tell(new)
    }
    guard everybodyHears else { return }
    for id in self.sessions.byNode.keys.sorted() {
      if let node = self.overlay.committedNode(id) { self.sessions.tell(node) }
    }
  }

  /// Answers registrations of nodes that are ready in the log.
  mutating func acceptSessions() {
    for id in self.sessions.waiting.sorted() {
      guard let node = self.overlay.committedNode(id), node.status.state == .ready else { continue }
      self.sessions.accept(node)
    }
  }

  /// A node opens its assignment stream; its messages come out of the next turns.
  ///
  /// A stream that was open before ends silently.
  ///
  /// - Throws: `notFound` when the node has no session, `invalidArgument` when it isn't this one.
  package mutating func openAssignments(node: NodeID, session: SessionID, now: Duration) throws(SwarmError) {
    self.now = now
    _ = try self.sessions.session(session, of: node)
    self.sessions.with(node) { $0.lastHeard = now }
    self.sessions.openAssignments(of: node, in: self.overlay)
  }

  /// A node reports on its tasks; what is unknown or old is ignored.
  ///
  /// A node that goes away ends its session first, and reports how its tasks end after that.
  ///
  /// - Throws: `notFound` when the node has no session, `invalidArgument` when it isn't this one, `permissionDenied` when one of the tasks is another
  ///   node's; then nothing is taken.
  package mutating func updateStatuses(
    _ updates: [TaskStatusUpdate],
    node: NodeID,
    session: SessionID,
    now: Duration,
    time: Timestamp
  ) throws(SwarmError) {
    self.now = now
    self.time = time
    let isOver = try self.sessions.checkReport(in: session, of: node)
    let known = updates.map { self.overlay.committedTask($0.task) }
    guard known.allSatisfy({ $0.map { $0.value.nodeID == node } ?? true }) else {
      throw SwarmError(code: .permissionDenied, message: "cannot update a task not assigned this node")
    }
    for (update, committed) in zip(updates, known) {
      // Of a task that waits for room on the node, the node wasn't told yet.
      guard let committed, committed.value.status.state >= .assigned else { continue }
      guard let task = self.overlay.view.taskBox(update.task)?.value else { continue }
      // What only managers say isn't taken from a node.
      guard update.status.state >= .accepted, update.status.state < .remove else { continue }
      // Of what ran on a node that is given up, only the end is of interest.
      guard !isOver || update.status.state > .running else { continue }
      self.statuses.report(self.stamped(update.status), of: task, on: node)
    }
  }

  /// Moves reported statuses into the turn's entry.
  mutating func planReportedStatuses() {
    guard self.statuses.hasPending else { return }
    self.plan.statuses += self.statuses.take(maximumSize: self.configuration.maximumEntrySize / 2)
  }
}

extension Node {
  /// Whether nothing changed that the node's agent would do anything about.
  fileprivate func isSame(toItsAgent other: Node) -> Bool {
    self.spec == other.spec && self.role == other.role && self.description == other.description
      && self.managerStatus == other.managerStatus && self.certificate?.status.state == other.certificate?.status.state
  }
}
