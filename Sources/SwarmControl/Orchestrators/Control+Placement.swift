// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension Control {
  /// Creates the tasks that were planned, with their nodes where there are any, in one change per service and desired state.
  mutating func draftCreations() {
    guard !self.plan.creations.isEmpty else { return }
    let creations = self.plan.creations
    self.plan.creations = []
    var groups: [ServiceID: [TaskState: [Plan.Creation]]] = [:]
    for creation in creations {
      groups[creation.slot.service, default: [:]][creation.desired, default: []].append(creation)
    }
    for id in groups.keys.sorted() {
      guard let service = self.view.service(id), let states = groups[id] else { continue }
      for desired in states.keys.sorted() {
        let wanted = (states[desired] ?? []).sorted { $0.slot < $1.slot }
        let undone =
          if service.spec.mode.isGlobal {
            self.createOnTheirNodes(wanted, desired, service)
          } else {
            self.createAnywhere(wanted, desired, service)
          }
        // Where a task was created its slot knows; where none was it has to be decided again.
        for creation in undone { self.services.enqueue(creation.slot) }
      }
    }
  }

  /// - Returns: What didn't come to a task.
  private mutating func createAnywhere(
    _ creations: [Plan.Creation],
    _ desired: TaskState,
    _ service: Service
  ) -> [Plan.Creation] {
    let taskClass = self.scheduler.taskClass(of: service)
    let nodes = self.scheduler.place(creations.count, of: taskClass, now: self.now)
    let placed = zip(creations, nodes).map { self.newTask($0, placed: $1) }
    var created = self.draftTasks(placed, desired, service)
    if nodes.count < creations.count {
      let reason = self.scheduler.failure(of: taskClass).text
      let unplaced = creations[nodes.count...].map { self.newTask($0, err: reason) }
      created += self.draftTasks(unplaced, desired, service)
      self.scheduler.wasTried(taskClass, reason: reason)
    }
    return created < creations.count ? creations : []
  }

  /// A task of a global service exists only where it fits; where it doesn't, its slot is decided again and then waits for the node.
  ///
  /// - Returns: What didn't come to a task.
  private mutating func createOnTheirNodes(
    _ creations: [Plan.Creation],
    _ desired: TaskState,
    _ service: Service
  ) -> [Plan.Creation] {
    let taskClass = self.scheduler.taskClass(of: service)
    var placed: [NewTask] = []
    var misfits: [Plan.Creation] = []
    for creation in creations {
      guard case .node(let node) = creation.slot.key, self.scheduler.fits(taskClass, on: node) else {
        misfits.append(creation)
        continue
      }
      let generic = self.scheduler.claim(taskClass, on: node)
      placed.append(self.newTask(creation, placed: Scheduler.Placed(node: node, generic: generic)))
    }
    return self.draftTasks(placed, desired, service) < placed.count ? creations : misfits
  }

  private mutating func newTask(_ creation: Plan.Creation, placed: Scheduler.Placed? = nil, err: String? = nil) -> NewTask {
    var number: UInt64 = 0
    if case .number(let slot) = creation.slot.key { number = slot }
    return NewTask(
      id: self.ids.make(),
      slot: number,
      node: placed?.node,
      startAt: creation.startAt,
      err: err,
      generic: placed?.generic ?? []
    )
  }

  /// - Returns: How many tasks were created.
  private mutating func draftTasks(_ tasks: [NewTask], _ desired: TaskState, _ service: Service) -> Int {
    let changes = tasks.pieces(of: Change.maximumItems).map { piece in
      Change.createTasks(service.id, specVersion: service.specVersion, desired: desired, piece)
    }
    return self.draftChanges(changes).tasks.count
  }

  // MARK: - Waiting

  /// Nodes can take more than before: looks again at the global services that wait for them.
  mutating func wakeWaitingSlots() {
    defer { self.scheduler.refreshReasons(now: self.now) }
    for node in self.scheduler.nodesWoke() {
      for service in self.nodes.takeWaiting(for: node) {
        self.services.enqueue(SlotID(service: service, key: .node(node)))
      }
    }
  }

  /// Gives nodes to waiting tasks where that is possible now, and tells of the others why not.
  mutating func assignWaitingTasks() {
    guard self.scheduler.hasRetries else { return }
    for (key, count) in self.scheduler.takeRetries() {
      guard let first = self.scheduler.waitingTasks(key, 1).first.flatMap({ self.view.task($0) }) else { continue }
      let taskClass = self.scheduler.taskClass(of: first)
      let nodes = self.scheduler.place(count, of: taskClass, now: self.now)
      let assignments = zip(self.scheduler.waitingTasks(key, nodes.count), nodes).map { task, placed in
        TaskAssignment(task: task, node: placed.node, generic: placed.generic)
      }
      self.draftChanges(assignments.pieces(of: Change.maximumItems).map(Change.assignTasks))
      guard nodes.count < count else { continue }
      let reason = self.scheduler.failure(of: taskClass).text
      if self.scheduler.mayShowOther(than: reason, key) {
        let reasons = self.scheduler.waitingTasks(key, count - nodes.count)
          .filter { self.view.task($0)?.status.err != reason }
          .map { PendingReason(task: $0, err: reason) }
        self.draftChanges(reasons.pieces(of: Change.maximumItems).map(Change.pendingReasons))
      }
      self.scheduler.wasTried(taskClass, reason: reason)
    }
  }
}
