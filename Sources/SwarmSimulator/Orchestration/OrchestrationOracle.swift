// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// Watches the log and everything that is said, and remembers: the invariants of orchestration.
///
/// The numbers O1 to O14 name them in messages. What a rule means is written down here once more, without a look at how the control loop
/// came to its decisions.
struct OrchestrationOracle {
  /// The first thing that was wrong.
  private(set) var violation: String?
  var coverage = Coverage<OrchestrationSight>()
  /// What the log says.
  private(set) var store = Store()
  /// Digests of the state behind some entries.
  private var digests: [UInt64: UInt64] = [:]
  /// What nodes said of tasks.
  private var said: Set<Statement> = []
  /// When the leader of a term first heard that a task runs, or has ended, whatever came of that in the log.
  private(set) var ran: [TaskID: (time: Nanoseconds, term: UInt64)] = [:]
  /// Services whose tasks may overlap, now or once.
  private var startFirst: Set<ServiceID> = []
  /// Nodes that have become smaller: since when more is wanted there than they have, in an unbroken term.
  var shrunken: [NodeID: (since: Nanoseconds, term: UInt64)] = [:]
  var updates: [ServiceID: UpdateWatch] = [:]
  var restarts: [TaskPlace: RestartWatch] = [:]
  var vacancies: [TaskPlace: VacancyWatch] = [:]
  var gossipedGone: Set<NodeID> = []
  /// Tasks that aren't to run yet.
  var waits: [TaskID: WaitWatch] = [:]
  var orphanTimeout = Duration.zero
  /// How long a replacement waits for the task before it to stop.
  var stopTimeout: Nanoseconds = 0
  /// Whether tasks of services that are well may be moved to other nodes.
  var movesTasks = false

  private struct Statement: Hashable {
    let task: TaskID
    let node: NodeID
    let state: TaskState
  }

  mutating func fail(_ message: String) {
    if self.violation == nil { self.violation = message }
  }

  var isAnyUpdateUnderWay: Bool {
    self.store.services().contains { $0.updateStatus?.state == .updating || $0.updateStatus?.state == .rollbackStarted }
  }

  // MARK: - The log

  /// Takes an entry that is committed for good.
  mutating func committed(
    _ entry: LogEntry,
    at index: UInt64,
    _ decision: SimulatedSwarmLog.Decision,
    now: Nanoseconds
  ) -> Applied {
    let before = self.store
    let wasAnswered = entry.client.map { before.outcome(of: $0) != nil } ?? false
    let applied = self.store.apply(entry, index: index)
    if wasAnswered {
      self.coverage.saw(.retrySuppressed)
      if !applied.changes.isEmpty { self.fail("a retried request was carried out again") }
    }
    if index % 64 == 0 { self.digests[index] = self.store.digest() }
    for change in applied.changes.services { self.check(change, entry, before, decision) }
    for change in applied.changes.tasks { self.check(change, decision, before) }
    self.checkPlaces(applied, decision, before)
    self.watchShrunkenNodes(applied, decision, now: now)
    self.watchUpdates(applied, before, decision, now: now)
    self.checkDependencies(applied, before, decision)
    self.checkCompletion(applied, before, decision)
    self.watchRestarts(applied, before, decision)
    self.watchOrder(applied, before, decision)
    if !applied.changes.services.isEmpty { self.checkNetworks() }
    return applied
  }

  /// Members that applied the same entries have the same state, byte for byte.
  mutating func compare(_ store: Store, at index: UInt64) {
    guard let digest = self.digests[index] else { return }
    self.coverage.saw(.digestsCompared)
    if store.digest() != digest { self.fail("O9: the state of a member differs at entry \(index)") }
  }

  private mutating func check(
    _ change: ObjectChange<Service>,
    _ entry: LogEntry,
    _ before: Store,
    _ decision: SimulatedSwarmLog.Decision
  ) {
    if let new = change.new {
      let configurations = [new.spec.update, new.spec.rollback, new.previousSpec?.update, new.previousSpec?.rollback]
      if configurations.contains(where: { $0?.order == .startFirst }) { self.startFirst.insert(new.id) }
      if let old = change.old, let last = old.jobStatus, let next = new.jobStatus, last.jobIteration < next.jobIteration {
        self.coverage.saw(.jobRunAgain)
        self.checkSchedule(old, entry, before, decision)
      }
    } else {
      self.coverage.saw(.serviceRemoved)
    }
    self.checkUpdateStatus(change, entry)
  }

  // MARK: - Tasks

  private mutating func check(_ change: ObjectChange<SwarmTask>, _ decision: SimulatedSwarmLog.Decision, _ before: Store) {
    guard let new = change.new else {
      if change.old?.hasEnded == true { self.coverage.saw(.historyRemoved) }
      return
    }
    if let old = change.old {
      if new.status.state < old.status.state { self.fail("O5: \(new.id) went back to \(new.status.state)") }
      if new.desiredState < old.desiredState { self.fail("O5: \(new.id) is wanted less far") }
      if let node = old.nodeID, node != new.nodeID { self.fail("O5: \(new.id) moved to another node") }
      if old.hasEnded, new.status.state != old.status.state {
        self.fail("O5: \(new.id) had ended as \(old.status.state) and is \(new.status.state)")
      }
    }
    if let node = new.nodeID, change.isAssignment {
      self.checkAssignment(of: new, to: node, decision, before)
      if change.old?.nodeID != nil { self.coverage.saw(.globalTaskGotRoom) }
    }
    guard new.status.state != change.old?.status.state else { return }
    self.checkSaid(new)
    self.sawState(of: new)
  }

  private mutating func sawState(of task: SwarmTask) {
    switch task.status.state {
    case .pending: if !task.status.err.isEmpty { self.coverage.saw(task.nodeID == nil ? .taskWaited : .globalTaskWaited) }
    case .failed: self.coverage.saw(.taskFailed)
    case .rejected where task.status.err == Self.misplaced:
      let node = task.nodeID.flatMap { self.store.node($0) }
      let isWell = (task.spec.value.placement?.constraints ?? []).allSatisfy { node?.meets($0) ?? false }
      self.coverage.saw(isWell ? .taskOversized : .taskMisplaced)
    case .rejected: self.coverage.saw(.taskRejected)
    case .orphaned: self.coverage.saw(.taskOrphaned)
    case .complete: if task.desiredState == .complete { self.coverage.saw(.jobCompleted) }
    default: break
    }
  }

  private static let misplaced = "assigned node no longer meets constraints"

  /// A node tells the leader of a term something of a task.
  mutating func said(_ update: TaskStatusUpdate, by node: NodeID, now: Nanoseconds, term: UInt64) {
    self.said.insert(Statement(task: update.task, node: node, state: update.status.state))
    if update.status.state >= .running, self.ran[update.task]?.term != term { self.ran[update.task] = (now, term) }
  }

  /// O5: what the log says of a task, its own node has said.
  private mutating func checkSaid(_ task: SwarmTask) {
    let state = task.status.state
    guard state >= .accepted, state != .orphaned, task.status.err != Self.misplaced, let node = task.nodeID else { return }
    guard !self.said.contains(Statement(task: task.id, node: node, state: state)) else { return }
    self.fail("O5: nobody said that \(task.id) is \(state)")
  }

  // MARK: - Places

  /// O1, O2, O4, and for jobs O1 in numbers.
  private mutating func checkPlaces(_ applied: Applied, _ decision: SimulatedSwarmLog.Decision, _ before: Store) {
    var services: [ServiceID: Set<TaskPlace>] = [:]
    var assigned: [NodeID: [SwarmTask]] = [:]
    for change in applied.changes.tasks {
      guard let task = change.new else { continue }
      if let service = task.serviceID, let place = TaskPlace(task) { services[service, default: []].insert(place) }
      if let node = task.nodeID, change.isAssignment { assigned[node, default: []].append(task) }
    }
    for id in services.keys.sorted() {
      self.checkPlaces(services[id] ?? [], of: id)
      self.checkNewPlaces(services[id] ?? [], of: id, before)
    }
    for node in assigned.keys.sorted() { self.checkLoad(of: node, for: assigned[node] ?? [], decision, before) }
  }

  private mutating func checkPlaces(_ places: Set<TaskPlace>, of id: ServiceID) {
    let tasks = self.store.tasks(of: id)
    let limit = self.startFirst.contains(id) ? 2 : 1
    var counts: [TaskPlace: Int] = [:]
    for task in tasks where task.isWanted && !task.hasEnded {
      if let place = TaskPlace(task), places.contains(place) { counts[place, default: 0] += 1 }
    }
    for (place, count) in counts where count > limit { self.fail("O1: \(count) tasks are wanted in \(place)") }
    guard let job = self.store.service(id), case .replicatedJob(let concurrent, let total) = job.spec.mode else { return }
    let current = tasks.filter { $0.jobIteration == job.jobStatus?.jobIteration }
    let active = current.count { $0.isWanted && !$0.hasEnded }
    if UInt64(active) > concurrent { self.fail("O1: \(active) tasks of a job at a time, instead of \(concurrent)") }
    let slots = Set(current.map(\.slot)).count
    if UInt64(slots) > total { self.fail("O1: a job of \(total) completions has \(slots) slots") }
  }

  /// O1: no service takes another slot when it has as many as it wants.
  private mutating func checkNewPlaces(_ places: Set<TaskPlace>, of id: ServiceID, _ before: Store) {
    guard let service = self.store.service(id), case .replicated(let replicas) = service.spec.mode else { return }
    let known = Set(before.tasks(of: id).filter { $0.desiredState < .remove }.compactMap { TaskPlace($0) })
    let active = Set(self.store.tasks(of: id).filter { $0.isWanted && !$0.hasEnded }.compactMap { TaskPlace($0) })
    guard UInt64(active.count) > replicas, let new = places.intersection(active).subtracting(known).min() else { return }
    self.fail("O1: \(new) is taken, as one of \(active.count) for \(replicas) replicas")
  }

  /// O13: no port of the mesh and no address belongs to two services.
  private mutating func checkNetworks() {
    let endpoints = self.store.services().compactMap(\.endpoint)
    let ports = endpoints.flatMap(\.ports).filter { $0.publishMode == .ingress && $0.publishedPort > 0 }.map(\.publishedPort)
    if Set(ports).count < ports.count { self.fail("O13: a port of the mesh belongs to two services") }
    let addresses = endpoints.flatMap(\.virtualIPs).map { "\($0.networkID?.description ?? "") \($0.addr)" }
    if Set(addresses).count < addresses.count { self.fail("O13: an address belongs to two services") }
  }

  // MARK: - Secrets and configs

  /// O10: nothing is sent that no task of the node needs.
  mutating func checkSent(_ message: AssignmentsMessage, to node: NodeID, from store: Store) {
    for change in message.changes where change.action == .update {
      guard let need = change.need else { continue }
      let isNeeded = store.tasks(on: node).contains { $0.needs.contains(need) }
      if !isNeeded { self.fail("O10: \(need) is sent to a node that doesn't need it") }
    }
  }

  mutating func noteNeeds(_ message: AssignmentsMessage) {
    for change in message.changes {
      switch change.need {
      case .secret: self.coverage.saw(change.action == .update ? .secretDelivered : .secretWithdrawn)
      case .config: self.coverage.saw(change.action == .update ? .configDelivered : .configWithdrawn)
      case nil: break
      }
    }
  }
}

extension ObjectChange<SwarmTask> {
  /// Whether the change gives the task its node.
  fileprivate var isAssignment: Bool { self.new?.status.state == .assigned && self.old?.isPlaced != true }
}
