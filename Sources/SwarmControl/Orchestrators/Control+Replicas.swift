// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension Control {
  /// Makes the occupied slots of a service, or of a job, as many as it wants.
  ///
  /// - Parameter limit: how many slots may be filled; the rest follows when these are in the view.
  /// - Returns: How many slots were filled.
  mutating func reviewCount(of service: Service, filling limit: Int) -> Int {
    let occupied = self.services[service.id]?.occupied ?? 0
    guard service.mayHaveTasks, !self.isGated(service) else { return 0 }
    switch service.spec.mode {
    case .replicated(let replicas):
      let wanted = Int(clamping: replicas)
      if occupied < wanted {
        return self.fillSlots(min(wanted - occupied, limit), of: service)
      } else if occupied > wanted {
        self.vacateSlots(occupied - wanted, of: service)
      }
    case .replicatedJob(let maxConcurrent, let totalCompletions):
      // Each completion has a slot of its own, so what is finished is never begun again.
      let running = occupied - (self.services[service.id]?.finished ?? 0)
      let missing = min(Int(clamping: maxConcurrent) - running, Int(clamping: totalCompletions) - occupied)
      if missing > 0 { return self.fillSlots(min(missing, limit), of: service) }
    case .global, .globalJob:
      break
    }
    return 0
  }

  private mutating func fillSlots(_ count: Int, of service: Service) -> Int {
    let numbers = self.services.with(service.id) { $0.vacantNumbers(count) }
    let desired = service.spec.mode.finalState
    for number in numbers {
      let key = SlotKey.number(number)
      let slot = SlotID(service: service.id, key: key)
      // Who was moved, or told to stop by a decision that lost its other half, may still run.
      let waits = self.tasks(in: slot, of: nil).contains { $0.task.desiredState < .remove && $0.isRunningSomewhere }
      self.plan.creations.append(Plan.Creation(slot: slot, desired: waits ? .ready : desired, startAt: nil))
      self.services.with(service.id) { $0.fill(key) }
    }
    if let last = numbers.last { self.services.with(service.id) { $0.lowestVacant = last + 1 } }
    return numbers.count
  }

  /// Takes slots from the service: first those where nothing runs, then those on nodes that have most.
  private mutating func vacateSlots(_ count: Int, of service: Service) {
    struct Candidate {
      let slot: SlotID
      let tasks: [SwarmTask]
      let node: NodeID?
      let isRunning: Bool
      /// The how-manieth of the service's tasks on the node this is.
      var rank = 0
    }
    guard let record = self.services[service.id] else { return }
    var candidates: [Candidate] = []
    for key in record.slots.keys.sorted() where record.slots[key]?.occupancy != .vacant {
      let slot = SlotID(service: service.id, key: key)
      let tasks = (record.slots[key]?.tasks ?? []).compactMap { self.view.task($0) }
      let active = tasks.filter { $0.isWanted && !$0.hasEnded }
      candidates.append(
        Candidate(
          slot: slot,
          tasks: tasks,
          node: active.first?.nodeID,
          isRunning: active.contains { $0.status.state == .running }
        )
      )
    }
    candidates.sort { left, right in
      left.isRunning == right.isRunning ? left.slot < right.slot : left.isRunning
    }
    var perNode: [NodeID: Int] = [:]
    for index in candidates.indices {
      guard let node = candidates[index].node else { continue }
      perNode[node, default: 0] += 1
      candidates[index].rank = perNode[node, default: 0]
    }
    candidates.sort { left, right in
      if left.isRunning != right.isRunning { return right.isRunning }
      return left.rank == right.rank ? left.slot > right.slot : left.rank > right.rank
    }
    for candidate in candidates.prefix(count) {
      for task in candidate.tasks where task.desiredState < .remove {
        self.plan.desired.append(DesiredStateChange(task: task.id, state: .remove))
      }
      // Nothing that this round decides of the slot beside, an update for one, fills it again.
      self.services.with(service.id) { $0.update(candidate.slot.key, occupancy: .vacant, freshness: .current) }
    }
    guard !self.plan.creations.isEmpty else { return }
    let vacated = Set(candidates.prefix(count).map(\.slot))
    self.plan.creations.removeAll { vacated.contains($0.slot) }
  }
}

extension ServiceMode {
  /// What managers want of a task that is to run: a job's task is to complete.
  var finalState: TaskState { self.isJob ? .complete : .running }
}
