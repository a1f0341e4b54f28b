// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Services that wait for others to be there, by the name of the one that they wait for.
struct DependencyGates: Sendable {
  private var waiting: [String: Set<ServiceID>] = [:]

  init() {}

  var isEmpty: Bool { self.waiting.isEmpty }

  mutating func waits(_ service: ServiceID, for name: String) {
    self.waiting[Store.nameKey(name), default: []].insert(service)
  }

  /// Takes the services that wait for a service, sorted.
  mutating func take(waitingFor name: String) -> [ServiceID] {
    self.waiting.removeValue(forKey: Store.nameKey(name))?.sorted() ?? []
  }
}

extension Control {
  /// Whether a service that has no tasks yet must not get any now, because a service that it depends on isn't there.
  mutating func isGated(_ service: Service) -> Bool {
    guard !service.spec.dependencies.isEmpty, self.services[service.id]?.occupied ?? 0 == 0 else { return false }
    guard let unmet = service.spec.dependencies.first(where: { !self.isMet($0) }) else { return false }
    self.gates.waits(service.id, for: unmet.service)
    return true
  }

  private func isMet(_ dependency: ServiceDependency) -> Bool {
    guard let service = self.view.service(named: dependency.service), service.mayHaveTasks else { return false }
    let tasks = self.view.tasks(of: service.id).filter { $0.jobIteration == service.jobStatus?.jobIteration }
    let isAnyThere = tasks.contains { $0.status.state == .running || $0.status.state == .complete }
    // Nobody waits for a node that has no room.
    let active = tasks.filter { $0.isWanted && !$0.hasEnded && !$0.waitsForItsNode }
    switch dependency.condition {
    case .started:
      return isAnyThere
    case .healthy:
      guard active.allSatisfy({ $0.status.state == .running }) else { return false }
      switch service.spec.mode {
      case .replicated(let replicas): return active.count >= Int(clamping: max(1, replicas))
      case .global: return !active.isEmpty
      case .replicatedJob, .globalJob: return isAnyThere
      }
    case .completed:
      let completed = tasks.count { $0.status.state == .complete }
      switch service.spec.mode {
      case .replicatedJob(_, let total): return completed >= Int(clamping: total)
      case .globalJob: return completed > 0 && active.isEmpty
      case .replicated, .global: return false
      }
    }
  }

  /// Something happened to a service or its tasks: looks again at those that wait for it.
  mutating func wakeDependents(of service: ServiceID) {
    guard !self.gates.isEmpty, let name = self.view.service(service)?.spec.annotations.name else { return }
    for id in self.gates.take(waitingFor: name) {
      self.services.review(id)
      guard self.view.service(id)?.spec.mode.isGlobal == true else { continue }
      for node in self.view.nodeIDs() { self.services.enqueue(SlotID(service: id, key: .node(node))) }
    }
  }
}
