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

  /// A task of a global service is for its node from the start; where it doesn't fit, it waits there and shows why.
  ///
  /// - Returns: What didn't come to a task.
  private mutating func createOnTheirNodes(
    _ creations: [Plan.Creation],
    _ desired: TaskState,
    _ service: Service
  ) -> [Plan.Creation] {
    let taskClass = self.scheduler.taskClass(of: service)
    var tasks: [NewTask] = []
    for creation in creations {
      guard case .node(let node) = creation.slot.key else { continue }
      if self.scheduler.fits(taskClass, on: node) {
        let generic = self.scheduler.claim(taskClass, on: node)
        tasks.append(self.newTask(creation, placed: Scheduler.Placed(node: node, generic: generic)))
      } else {
        let reason = self.scheduler.failure(of: taskClass, on: node)?.text ?? ""
        tasks.append(self.newTask(creation, placed: Scheduler.Placed(node: node, generic: []), err: reason))
      }
    }
    return self.draftTasks(tasks, desired, service) < tasks.count ? creations : []
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

  /// Nodes can take more than before: finds out which waiting tasks are to be tried.
  mutating func wakeWaitingTasks() {
    self.scheduler.nodesWoke()
    self.scheduler.refreshReasons(now: self.now)
  }

  /// The class that a task belongs to.
  mutating func taskClass(of task: SwarmTask) -> TaskClass {
    self.scheduler.taskClass(of: task, in: task.serviceID.flatMap { self.view.service($0) })
  }

  /// Gives nodes to waiting tasks where that is possible now, and tells of the others why not.
  mutating func assignWaitingTasks() {
    guard self.scheduler.hasRetries else { return }
    self.assignPreassignedTasks()
    // What a service that was removed leaves behind goes soon.
    for (key, count) in self.scheduler.takeRetries() where self.view.serviceBox(key.service) != nil {
      guard let first = self.scheduler.waitingTasks(key, 1).first.flatMap({ self.view.task($0) }) else { continue }
      let taskClass = self.taskClass(of: first)
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

  /// The same for tasks that are each for one node: class by class, for what one takes the next one doesn't get.
  private mutating func assignPreassignedTasks() {
    let tasks = self.scheduler.takePreassignedRetries().compactMap { self.view.task($0) }
    let groups = Dictionary(grouping: tasks) { TaskClassKey(service: $0.serviceID ?? ServiceID(), specVersion: $0.specVersion) }
    for key in groups.keys.sorted() where self.view.serviceBox(key.service) != nil {
      guard let waiting = groups[key], let first = waiting.first else { continue }
      let taskClass = self.taskClass(of: first)
      var assignments: [NodeID: TaskAssignment] = [:]
      var reasons: [PendingReason] = []
      for task in waiting {
        guard let node = task.nodeID else { continue }
        if self.scheduler.fits(taskClass, on: node) {
          // Of two of a service on one node one is about to be stopped.
          guard assignments[node] == nil else { continue }
          let generic = self.scheduler.claim(taskClass, on: node)
          assignments[node] = TaskAssignment(task: task.id, node: node, generic: generic)
        } else if self.scheduler.isAvailable(node), let reason = self.scheduler.failure(of: taskClass, on: node)?.text {
          // That a node is away for a moment is no news.
          if task.status.err != reason { reasons.append(PendingReason(task: task.id, err: reason)) }
        }
      }
      let sorted = assignments.keys.sorted().compactMap { assignments[$0] }
      self.draftChanges(sorted.pieces(of: Change.maximumItems).map(Change.assignTasks))
      self.draftChanges(reasons.pieces(of: Change.maximumItems).map(Change.pendingReasons))
    }
  }
}
