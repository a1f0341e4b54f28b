// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// One task, its worker, its disk, its manager and a runtime that may do anything its contract allows.
struct WorkerWorld {
  /// Something that can happen next.
  enum Move: Hashable {
    case assign(TaskState)
    case unassign
    case end(TaskOperation.Verb, TaskOperation.Outcome)
    case wake
    case exit
    case restart
    case reconnect
  }

  /// What really is the case at the runtime, whatever the agent believes.
  struct Truth: Hashable {
    var isRunning = false
    var starts = 0
    /// Ending it by force was tried and failed for good.
    var isGivenUp = false
  }

  /// All that the future depends on.
  struct Key: Hashable {
    var task: ManagedTask?
    var record: TaskRecord?
    var truth: Truth
    var desired: TaskState?
    var operations: Set<TaskOperation.Verb>
    var isCancelled: Bool
    var isOpen: Bool
    var wasKnown: Bool
  }

  private(set) var harness = WorkerHarness()
  private(set) var truth = Truth()
  private(set) var violations: [String] = []
  /// What the manager wants; nil when it doesn't know the task (any more).
  private var desired: TaskState?
  private var wasAssigned = false
  private var isOpen = false
  private var wasToldToStop = false
  private var highest = TaskState.new
  private let id = WorkerHarness.taskID(1)

  static let error = "broken"

  var key: Key {
    Key(
      task: self.harness.worker.task(self.id),
      record: self.harness.disk[self.id],
      truth: self.truth,
      desired: self.desired,
      operations: Set(self.harness.verbs(self.id)),
      isCancelled: self.harness.cancellations.contains(.init(task: self.id)),
      isOpen: self.isOpen,
      wasKnown: self.wasAssigned
    )
  }

  /// Everything that may happen now.
  var moves: [Move] {
    var moves: [Move] = self.isOpen ? [] : [.reconnect]
    if self.isOpen { moves += self.managerMoves }
    for verb in self.harness.verbs(self.id) {
      moves += self.outcomes(of: verb).map { .end(verb, $0) }
    }
    if self.harness.nextWake != nil { moves.append(.wake) }
    if self.truth.isRunning { moves.append(.exit) }
    if self.wasAssigned { moves.append(.restart) }
    return moves
  }

  private var managerMoves: [Move] {
    guard self.wasAssigned else { return [.assign(.ready), .assign(.running), .assign(.shutdown)] }
    guard let desired = self.desired else { return [] }
    return [TaskState.running, .shutdown].filter { $0 > desired }.map { .assign($0) } + [.unassign]
  }

  private func outcomes(of verb: TaskOperation.Verb) -> [TaskOperation.Outcome] {
    var outcomes: [TaskOperation.Outcome] = [.temporary(Self.error), .failed(Self.error)]
    switch verb {
    case .start:
      outcomes.append(.started(ContainerStatus(containerID: "c")))
    case .wait:
      // Waiting for something that still runs has no end but cancellation.
      if !self.truth.isRunning { outcomes += [0, 1].map { .exited(TaskExit(code: $0, time: .zero)) } }
    case .create, .prepare, .shutdown, .terminate, .remove, .discard:
      outcomes.append(.done)
    }
    let cancellation = WorkerTurn.Cancellation(task: self.id, isWait: verb == .wait)
    if self.harness.cancellations.contains(cancellation) { outcomes.append(.cancelled) }
    return outcomes
  }

  mutating func make(_ move: Move) {
    let before = self.harness.operations
    self.harness.now = .zero
    switch move {
    case .assign(let desired):
      self.desired = desired
      self.wasAssigned = true
      if desired >= .shutdown { self.wasToldToStop = true }
      self.harness.update(WorkerHarness.task(desired: desired))
    case .unassign:
      self.desired = nil
      self.wasToldToStop = true
      self.harness.remove(self.id)
    case .end(let verb, let outcome):
      self.happen(verb, outcome)
      self.harness.end(verb, of: self.id, outcome)
    case .wake:
      self.harness.now = .seconds(1)
      self.harness.handle(.wake)
    case .exit:
      self.truth.isRunning = false
    case .restart:
      if self.harness.verbs(self.id).contains(.start) { self.begin() }
      self.harness = self.harness.restarted()
      self.isOpen = false
      self.highest = self.harness.state(self.id) ?? .new
    case .reconnect:
      self.isOpen = true
      self.harness.open(self.desired.map { [WorkerHarness.task(desired: $0)] } ?? [])
    }
    self.check(after: move, before: before)
  }

  private mutating func happen(_ verb: TaskOperation.Verb, _ outcome: TaskOperation.Outcome) {
    switch (verb, outcome) {
    case (.start, .started), (.start, .temporary), (.start, .failed), (.start, .cancelled):
      self.begin()
    case (.shutdown, .done), (.terminate, .done), (.remove, .done), (.discard, .done):
      self.truth.isRunning = false
    case (.terminate, .failed), (.remove, .failed), (.discard, .failed):
      self.truth.isGivenUp = true
    default:
      break
    }
  }

  /// The worst case: whatever `start` answers, the task runs.
  ///
  /// What was started before isn't started again, as the runtime's contract says.
  private mutating func begin() {
    guard self.truth.starts == 0 else { return }
    self.truth.starts += 1
    self.truth.isRunning = true
  }

  private mutating func check(after move: Move, before: [TaskOperation]) {
    let verbs = self.harness.verbs(self.id)
    let others = verbs.filter { $0 != .wait }
    if others.count > 1 || verbs.count - others.count > 1 { self.violations.append("\(move): \(verbs) at a time") }
    if verbs.count == 2, !others.allSatisfy({ $0 == .terminate || $0 == .shutdown(grace: .seconds(10)) }) {
      self.violations.append("\(move): \(verbs) beside each other")
    }
    let begun = verbs.filter { verb in !before.contains { $0.verb == verb } }
    if begun.contains(.start), self.wasToldToStop, self.isOpen || self.recordSaysStop {
      self.violations.append("\(move): starts although it is to stop")
    }
    if begun.contains(.start), self.harness.disk[self.id]?.task.status.state != .starting {
      self.violations.append("\(move): starts without a record that says so")
    }
    if self.truth.starts > 0, self.harness.disk[self.id] == nil, self.harness.worker.task(self.id) != nil {
      self.violations.append("\(move): started without a record")
    }
    guard let task = self.harness.worker.task(self.id) else { return }
    if task.status.state < self.highest { self.violations.append("\(move): \(task.status.state) again") }
    self.highest = task.status.state
    if task.status.state > .running, self.truth.isRunning, !self.truth.isGivenUp {
      self.violations.append("\(move): \(task.status.state) although it runs")
    }
    if task.status.state == .rejected, self.truth.starts > 0 { self.violations.append("\(move): rejected after its start") }
  }

  private var recordSaysStop: Bool { (self.harness.disk[self.id]?.task.desiredState ?? .new) >= .shutdown }

  /// From here on everything works and the manager takes the task away: whether the agent forgets it.
  func settles() -> Bool {
    var world = self
    if !world.isOpen { world.make(.reconnect) }
    if world.desired != nil { world.make(.unassign) }
    for _ in 0..<30 {
      guard world.harness.worker.task(self.id) != nil else {
        return world.harness.disk.isEmpty && (!world.truth.isRunning || world.truth.isGivenUp)
      }
      if world.harness.cancellations.contains(.init(task: self.id, isWait: true)) {
        world.make(.end(.wait, .cancelled))
      } else if let verb = world.harness.verbs(self.id).first(where: { $0 != .wait || !world.truth.isRunning }) {
        switch verb {
        case .wait: world.make(.end(.wait, .exited(TaskExit(code: 0, time: .zero))))
        case .start: world.make(.end(.start, .started(ContainerStatus())))
        default: world.make(.end(verb, .done))
        }
      } else if world.harness.nextWake != nil {
        world.make(.wake)
      } else {
        return false
      }
    }
    return false
  }
}
