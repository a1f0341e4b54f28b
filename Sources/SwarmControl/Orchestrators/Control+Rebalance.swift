// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What the leader remembers of making services even over nodes again.
struct Rebalancer: Sendable {
  /// Whether it is time to look for moves.
  var isDue = false
  /// Slots whose task was told to stop so that the next one goes elsewhere.
  var moving: Set<SlotID> = []

  init() {}
}

extension Control {
  /// Nodes came, or a move was made: looks for moves once things have been quiet for a while.
  mutating func rebalanceLater() {
    guard self.rebalanceBudget > 0 else { return }
    self.timers.setEarliest(.rebalance, at: self.now + self.configuration.rebalanceDelay)
  }

  private var rebalanceBudget: Int {
    Int(self.view.cluster?.spec.orchestration.rebalanceBudget ?? 0)
  }

  /// Moves tasks from nodes that have at least two more of a service than another node that could have them.
  ///
  /// Only services that are as they should be are touched, one task of each at a time, and no more tasks in all than the budget. A moved task stops before its
  /// successor starts. Services with preferences, or that are to be packed, are left alone: what is right for them is not even among nodes.
  mutating func planRebalance() {
    guard self.rebalancer.isDue else { return }
    self.rebalancer.isDue = false
    self.rebalancer.moving = self.rebalancer.moving.filter { slot in
      self.services[slot.service]?.slots[slot.key]?.freshness == .replacing
    }
    let services = self.view.services()
    var isAnyBusy = false
    for service in services where self.rebalancer.moving.count < self.rebalanceBudget {
      // What happened to it isn't looked at yet, maybe an update begins in this very turn.
      guard self.services[service.id]?.isIdle ?? true else {
        isAnyBusy = true
        continue
      }
      guard let (slot, task) = self.bestMove(of: service) else { continue }
      self.rebalancer.moving.insert(slot)
      self.plan.desired.append(DesiredStateChange(task: task, state: .shutdown))
    }
    guard isAnyBusy || !self.rebalancer.moving.isEmpty else { return }
    self.rebalanceLater()
  }

  private mutating func bestMove(of service: Service) -> (SlotID, TaskID)? {
    guard case .replicated(let replicas) = service.spec.mode, service.mayHaveTasks, self.updates[service.id] == nil,
      service.spec.task.placement?.preferences.isEmpty ?? true, service.spec.task.placement?.strategy != .binpack,
      let record = self.services[service.id], record.occupied == Int(clamping: replicas), record.replacing.isEmpty,
      record.outdated.isEmpty
    else { return nil }
    let tasks = self.view.tasks(of: service.id).filter { $0.isWanted && !$0.hasEnded }
    guard tasks.count == record.occupied, tasks.allSatisfy({ $0.status.state == .running }) else { return nil }
    let taskClass = self.scheduler.taskClass(of: service)
    let places = self.view.nodes().filter { node in
      let facts = NodeFacts(node)
      return self.isAvailable(node) && taskClass.meetsConstraints(facts) && taskClass.meetsPlatform(facts)
    }
    let byNode = Dictionary(grouping: tasks) { $0.nodeID ?? NodeID() }
    func count(_ node: NodeID) -> Int { byNode[node]?.count ?? 0 }
    guard let fullest = places.map(\.id).max(by: { (count($0), $1) < (count($1), $0) }),
      places.contains(where: { count($0.id) + 2 <= count(fullest) && self.scheduler.fits(taskClass, on: $0.id) }),
      let task = byNode[fullest]?.max(by: { $0.slot < $1.slot })
    else { return nil }
    return (SlotID(service: service.id, key: SlotKey(task)), task.id)
  }
}
