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
      // Whatever becomes of it, the slot is looked at again.
      self.services.enqueue(creation.slot)
    }
    for id in groups.keys.sorted() {
      guard let service = self.view.service(id), let states = groups[id] else { continue }
      for desired in states.keys.sorted() {
        let wanted = (states[desired] ?? []).sorted { $0.slot < $1.slot }
        if service.spec.mode.isGlobal {
          self.createOnTheirNodes(wanted, desired, service)
        } else {
          self.createAnywhere(wanted, desired, service)
        }
      }
    }
  }

  private mutating func createAnywhere(_ creations: [Plan.Creation], _ desired: TaskState, _ service: Service) {
    let taskClass = self.scheduler.taskClass(of: service)
    let nodes = self.scheduler.place(creations.count, of: taskClass, now: self.now)
    let placed = zip(creations, nodes).map { self.newTask($0, node: $1, err: nil) }
    self.draftTasks(placed, desired, service)
    guard nodes.count < creations.count else { return }
    let reason = self.scheduler.failure(of: taskClass).text
    let unplaced = creations[nodes.count...].map { self.newTask($0, node: nil, err: reason) }
    self.draftTasks(unplaced, desired, service)
    self.scheduler.wasTried(taskClass.key)
  }

  /// A task of a global service exists only where it fits; where it doesn't, its slot is decided again and then waits for the node.
  private mutating func createOnTheirNodes(_ creations: [Plan.Creation], _ desired: TaskState, _ service: Service) {
    let taskClass = self.scheduler.taskClass(of: service)
    var placed: [NewTask] = []
    for creation in creations {
      guard case .node(let node) = creation.slot.key, self.scheduler.fits(taskClass, on: node) else { continue }
      placed.append(self.newTask(creation, node: node, err: nil))
    }
    self.draftTasks(placed, desired, service)
  }

  private mutating func newTask(_ creation: Plan.Creation, node: NodeID?, err: String?) -> NewTask {
    var number: UInt64 = 0
    if case .number(let slot) = creation.slot.key { number = slot }
    return NewTask(id: self.ids.make(), slot: number, node: node, startAt: creation.startAt, err: err)
  }

  private mutating func draftTasks(_ tasks: [NewTask], _ desired: TaskState, _ service: Service) {
    self.draftChanges(
      tasks.pieces(of: Change.maximumItems).map { piece in
        .createTasks(service.id, specVersion: service.specVersion, desired: desired, piece)
      }
    )
  }

  // MARK: - Waiting

  /// Nodes can take more than before: looks again at the global services that wait for them.
  mutating func wakeWaitingSlots() {
    for node in self.scheduler.nodesWoke() {
      for service in self.nodes.takeWaiting(for: node) {
        self.services.enqueue(SlotID(service: service, key: .node(node)))
      }
    }
  }

  /// Gives nodes to waiting tasks where that is possible now, and tells of the others why not.
  mutating func assignWaitingTasks() {
    guard self.scheduler.hasRetries else { return }
    for (key, ids) in self.scheduler.takeRetries() {
      let tasks = ids.compactMap { self.view.task($0) }.sorted { ($0.slot, $0.id) < ($1.slot, $1.id) }
      guard let first = tasks.first else { continue }
      let taskClass = self.scheduler.taskClass(of: first)
      let nodes = self.scheduler.place(tasks.count, of: taskClass, now: self.now)
      let assignments = zip(tasks, nodes).map { TaskAssignment(task: $0.id, node: $1) }
      self.draftChanges(assignments.pieces(of: Change.maximumItems).map(Change.assignTasks))
      if nodes.count < tasks.count {
        let text = self.scheduler.failure(of: taskClass).text
        let reasons = tasks[nodes.count...].filter { $0.status.err != text }
          .map { PendingReason(task: $0.id, err: text) }
        self.draftChanges(reasons.pieces(of: Change.maximumItems).map(Change.pendingReasons))
      }
      self.scheduler.wasTried(key)
    }
  }
}
