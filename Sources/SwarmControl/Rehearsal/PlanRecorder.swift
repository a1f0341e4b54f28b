// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// Puts what entries do into the steps of a plan.
package struct PlanRecorder: Sendable {
  package private(set) var plan = ChangePlan()
  private var running: [ServiceID: Int] = [:]

  /// Starts from what runs before the change.
  package init(_ store: Store) {
    for task in store.tasks() where task.status.state == .running && task.desiredState < .shutdown {
      if let service = task.serviceID { self.running[service, default: 0] += 1 }
    }
  }

  /// Takes what an entry did.
  package mutating func record(_ applied: Applied, after: Duration) {
    for change in applied.changes.services {
      guard let new = change.new, let state = new.updateStatus?.state, state != change.old?.updateStatus?.state else { continue }
      self.add(.update(state), after, new.spec.annotations.name)
    }
    for change in applied.changes.tasks { self.record(change, after) }
  }

  mutating func finish(isSettled: Bool) { self.plan.isSettled = isSettled }

  private mutating func record(_ change: ObjectChange<SwarmTask>, _ after: Duration) {
    guard let task = change.new, let service = task.serviceID else { return }
    let name = task.serviceAnnotations.name
    let (old, before) = (change.old, change.old?.status.state ?? .new)
    func add(_ event: ChangePlan.Event, _ recorder: inout Self) {
      recorder.add(event, after, name, task.slot, task.nodeID)
    }
    if task.status.state == .assigned, before < .assigned { add(.assigned, &self) }
    if task.status.state == .pending, !task.status.err.isEmpty, task.status.err != old?.status.err {
      add(.waits(task.status.err), &self)
    }
    if task.status.state == .running, before < .running {
      self.running[service, default: 0] += 1
      add(.runs, &self)
    }
    if task.status.state == .complete, before < .complete { add(.completes, &self) }
    let didRun = before == .running && (old?.desiredState ?? .new) < .shutdown
    guard didRun, task.desiredState >= .shutdown || task.status.state > .running else { return }
    let left = self.running[service, default: 0] - 1
    self.running[service] = left
    if task.desiredState >= .shutdown { add(.stops, &self) }
    self.plan.fewestRunning[name] = min(self.plan.fewestRunning[name] ?? left, left)
  }

  private mutating func add(
    _ event: ChangePlan.Event,
    _ after: Duration,
    _ service: String,
    _ slot: UInt64 = 0,
    _ node: NodeID? = nil
  ) {
    self.plan.steps.append(ChangePlan.Step(after: after, service: service, slot: slot, node: node, event: event))
  }
}
