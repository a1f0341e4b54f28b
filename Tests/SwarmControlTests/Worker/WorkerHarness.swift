// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// A worker with what surrounds it: a clock, a disk, and operations in flight.
///
/// Nothing happens that the test doesn't say.
struct WorkerHarness {
  static let nodeID: NodeID = makeID("n")
  static let serviceID: ServiceID = makeID("s")

  var worker: Worker
  var now: Duration = .zero
  var disk: [TaskID: TaskRecord] = [:]
  var operations: [TaskOperation] = []
  var cancellations: [WorkerTurn.Cancellation] = []
  var reports: [WorkerTurn.StatusReport] = []
  var sessionFailure: SwarmError?
  var nextWake: Duration?
  var set = 0

  init(records: [TaskRecord] = []) {
    self.worker = Worker(nodeID: Self.nodeID, records: records)
    for record in records { self.disk[record.task.id] = record }
    self.worker.resume(time: .zero)
    self.turn()
  }

  var time: Timestamp { Timestamp.zero + self.now }

  mutating func handle(_ event: Worker.Event) {
    self.worker.handle(event, now: self.now, time: self.time)
    self.turn()
  }

  @discardableResult
  mutating func turn() -> WorkerTurn {
    let turn = self.worker.turn()
    for record in turn.records { self.disk[record.task.id] = record }
    for id in turn.forgotten { self.disk[id] = nil }
    self.operations += turn.operations
    self.cancellations += turn.cancellations
    if let report = turn.report { self.reports.append(report) }
    if let failure = turn.sessionFailure { self.sessionFailure = failure }
    self.nextWake = turn.nextWake
    return turn
  }

  /// Opens a session whose first assignments are these.
  mutating func open(_ tasks: [SwarmTask] = []) {
    self.handle(.sessionOpened)
    self.complete(tasks)
  }

  mutating func complete(_ tasks: [SwarmTask]) {
    self.set += 1
    let changes = tasks.map { AssignmentChange(action: .update, object: .task($0)) }
    self.handle(.assignments(AssignmentsMessage(kind: .complete, appliesTo: "", resultsIn: "\(self.set)", changes: changes)))
  }

  mutating func change(_ changes: [AssignmentChange]) {
    self.set += 1
    let message = AssignmentsMessage(
      kind: .incremental,
      appliesTo: "\(self.set - 1)",
      resultsIn: "\(self.set)",
      changes: changes
    )
    self.handle(.assignments(message))
  }

  mutating func update(_ task: SwarmTask) {
    self.change([AssignmentChange(action: .update, object: .task(task))])
  }

  mutating func remove(_ id: TaskID) {
    self.change([AssignmentChange(action: .remove, object: .task(SwarmTask(id: id)))])
  }

  /// Ends the oldest operation in flight of this verb.
  mutating func end(_ verb: TaskOperation.Verb, of id: TaskID, _ outcome: TaskOperation.Outcome = .done) {
    guard let index = self.operations.firstIndex(of: TaskOperation(task: id, verb: verb)) else { return }
    self.operations.remove(at: index)
    self.cancellations.removeAll { $0.task == id && $0.isWait == (verb == .wait) }
    self.handle(.ended(id, verb, outcome))
  }

  /// Brings a task that was assigned with desired state RUNNING to where it runs.
  mutating func run(_ id: TaskID) {
    self.end(.create, of: id)
    self.end(.prepare, of: id)
    self.end(.start, of: id, .started(ContainerStatus(containerID: "c", pid: 7)))
  }

  /// The agent dies, and another one starts with what is on disk.
  func restarted() -> WorkerHarness {
    WorkerHarness(records: self.disk.values.sorted { $0.task.id < $1.task.id })
  }

  func state(_ id: TaskID) -> TaskState? { self.worker.task(id)?.status.state }

  func status(_ id: TaskID) -> TaskStatus { self.worker.task(id)?.status ?? TaskStatus() }

  func verbs(_ id: TaskID) -> [TaskOperation.Verb] { self.operations.filter { $0.task == id }.map(\.verb) }

  static func taskID(_ number: UInt64) -> TaskID { Self.makeID("t", number) }

  static func task(
    _ number: UInt64 = 1,
    desired: TaskState = .running,
    state: TaskState = .assigned,
    grace: Duration? = nil
  ) -> SwarmTask {
    SwarmTask(
      id: Self.taskID(number),
      spec: TaskSpecBox(TaskSpec(runtime: .container(ContainerSpec(image: "web", stopGracePeriod: grace)))),
      serviceID: Self.serviceID,
      slot: number,
      nodeID: Self.nodeID,
      serviceAnnotations: Annotations(name: "web"),
      status: TaskStatus(state: state),
      desiredState: desired
    )
  }

  /// An id that is easy to recognise.
  static func makeID<Kind>(_ letter: Character, _ number: UInt64 = 0) -> Identifier<Kind> {
    let digits = String(number)
    return Identifier(String(letter) + String(repeating: "0", count: 24 - digits.count) + digits) ?? Identifier()
  }
}
