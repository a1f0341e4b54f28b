// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// A place whose task ended by itself: since when there may be none, in an unbroken term.
struct VacancyWatch {
  let specVersion: Version
  var since: Nanoseconds
  var term: UInt64
}

extension OrchestrationOracle {
  /// O8: who may be restarted is, soon after the delay.
  ///
  /// Numbered slots of replicated services alone: on a node there may be no room.
  mutating func watchVacancies(_ decision: SimulatedSwarmLog.Decision) {
    for (place, vacancy) in self.vacancies {
      guard self.mayBeVacant(place, vacancy) else {
        self.vacancies[place] = nil
        continue
      }
      guard vacancy.term == decision.term else {
        self.vacancies[place]?.since = decision.time
        self.vacancies[place]?.term = decision.term
        continue
      }
      guard decision.time - vacancy.since > 20_000_000_000 else { continue }
      self.fail("O8: nobody took the place of the task that ended in \(place)")
    }
  }

  /// Whether the service wants a task in the place, and there is none.
  private func mayBeVacant(_ place: TaskPlace, _ vacancy: VacancyWatch) -> Bool {
    guard let service = self.store.service(place.service), !service.isStopped, service.spec.dependencies.isEmpty,
      service.specVersion == vacancy.specVersion, case .replicated(let replicas) = service.spec.mode
    else { return false }
    let places = Dictionary(grouping: self.store.tasks(of: service.id).filter { $0.desiredState < .remove }) { $0.slot }
    guard let here = places[place.slot], !here.contains(where: { $0.isWanted && !$0.hasEnded }), !here.isUsedUp else {
      return false
    }
    // Another number will do as well.
    let taken = places.values.count { tasks in tasks.contains { $0.isWanted && !$0.hasEnded } || tasks.isUsedUp }
    return UInt64(taken) < replicas
  }
}

extension [SwarmTask] {
  /// Whether no more tasks are to come in the place of these.
  fileprivate var isUsedUp: Bool {
    guard let last = self.max(by: { ($0.meta.createdAt, $0.id) < ($1.meta.createdAt, $1.id) }) else { return false }
    let policy = last.spec.value.restart
    if policy?.condition == RestartPolicy.Condition.none { return true }
    if policy?.condition == .onFailure, last.status.state == .complete { return true }
    let ends = self.filter { $0.specVersion == last.specVersion && $0.endedByItself }.map(\.endedAt)
    return last.hasUsedUpAttempts(endedAt: ends)
  }
}

extension SwarmTask {
  /// When the task's last status was stored.
  var endedAt: Timestamp { self.status.appliedAt ?? self.status.timestamp }

  /// How many tasks may come in a place, by the restart policy; only of use where there is a limit.
  var attempts: Int { Int(clamping: self.spec.value.restart?.maxAttempts ?? 0) + 1 }

  /// Whether so many tasks of a place have ended until this one did, within the restart policy's window, that none may follow.
  func hasUsedUpAttempts(endedAt ends: some Collection<Timestamp>) -> Bool {
    guard let policy = self.spec.value.restart, policy.maxAttempts > 0 else { return false }
    return ends.count { end in policy.window.map { end > self.endedAt - $0 } ?? true } >= self.attempts
  }
}
