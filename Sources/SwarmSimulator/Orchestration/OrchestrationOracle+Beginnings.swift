// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationOracle {
  /// Services get their first tasks only when what they depend on is there.
  mutating func checkDependencies(_ applied: Applied, _ before: Store, _ decision: SimulatedSwarmLog.Decision) {
    var services: Set<ServiceID> = []
    for change in applied.changes.tasks where change.old == nil {
      if let id = change.new?.serviceID { services.insert(id) }
    }
    for id in services.sorted() {
      guard let service = self.store.service(id), !service.spec.dependencies.isEmpty else { continue }
      // Who had tasks when the leader decided, or has some now, has begun.
      let known = decision.store.tasks(of: id) + before.tasks(of: id)
      guard known.allSatisfy({ $0.desiredState >= .remove }) else { continue }
      for dependency in service.spec.dependencies {
        // What the entry says of tasks was known, or decided, in some order before.
        let isMet = [decision.store, before].contains { view in
          let tasks = view.tasks(after: dependency)
          let heard = tasks.map { task in
            var task = task
            task.status = self.store.task(task.id)?.status ?? task.status
            return task
          }
          let left = tasks.compactMap { self.store.task($0.id) }
          // Who ended and was forgotten in one may have been all that was needed.
          if dependency.condition == .started, left.count < tasks.count { return true }
          return [tasks, heard, left].contains { view.meets(dependency, with: $0) }
        }
        guard !isMet else { continue }
        self.fail(
          "no order: \(service.spec.annotations.name) begins although \(dependency.service) isn't \(dependency.condition)"
        )
      }
      self.coverage.saw(.dependentBegan)
    }
  }

  /// A job with a schedule runs once a minute at the most, and not again while it runs if it is to wait.
  mutating func checkSchedule(_ old: Service, _ entry: LogEntry, _ before: Store, _ decision: SimulatedSwarmLog.Decision) {
    guard entry.client == nil, let schedule = old.spec.schedule else { return }
    self.coverage.saw(.scheduleRan)
    let last = old.jobStatus?.lastExecution ?? old.meta.createdAt
    if entry.time.minute <= last.minute { self.fail("no schedule: \(old.id) runs again in the minute in which it ran") }
    guard schedule.ifRunning == .wait else { return }
    let isUnderWay = [decision.store, before].allSatisfy { view in
      view.tasks(of: old.id).contains { task in
        guard task.jobIteration == old.jobStatus?.jobIteration, task.isWanted, !task.hasEnded, !task.waitsForItsNode else {
          return false
        }
        let mayStay = task.nodeID.flatMap { self.store.node($0) }.map { node in
          node.spec.availability != .drain && node.status.state != .down
            && (task.spec.value.placement?.constraints ?? []).allSatisfy(node.meets)
        }
        return mayStay ?? true && self.store.task(task.id).map { !$0.hasEnded } ?? false
      }
    }
    if isUnderWay { self.fail("no schedule: \(old.id) runs again although it runs") }
  }
}

extension Timestamp {
  fileprivate var minute: Int64 { (self - .zero).components.seconds / 60 }
}

extension Store {
  /// The tasks of what a service depends on.
  fileprivate func tasks(after dependency: ServiceDependency) -> [SwarmTask] {
    guard let service = self.service(named: dependency.service) else { return [] }
    return self.tasks(of: service.id).filter { $0.jobIteration == service.jobStatus?.jobIteration }
  }

  /// Whether what a service depends on is there, if it has these tasks.
  fileprivate func meets(_ dependency: ServiceDependency, with tasks: [SwarmTask]) -> Bool {
    guard let service = self.service(named: dependency.service), !service.isStopped else { return false }
    let completed = tasks.count { $0.status.state == .complete }
    // Nobody waits for a node that has no room.
    let active = tasks.filter { $0.isWanted && !$0.hasEnded && !$0.waitsForItsNode }
    switch (dependency.condition, service.spec.mode) {
    case (.started, _): return tasks.contains { $0.status.state == .running } || completed > 0
    case (.healthy, .replicated(let replicas)):
      return active.allSatisfy { $0.status.state == .running } && UInt64(active.count) >= max(1, replicas)
    case (.healthy, _): return active.allSatisfy { $0.status.state == .running } && (!active.isEmpty || !tasks.isEmpty)
    case (.completed, .replicatedJob(_, let total)): return UInt64(completed) >= total
    case (.completed, .globalJob): return completed > 0 && active.isEmpty
    case (.completed, _): return false
    }
  }
}
