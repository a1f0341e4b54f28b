// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import SwarmModel

/// What agents report of their tasks, on its way to the log.
///
/// States on the way to `running` stay here, in the leader's memory; an agent tells them again in each session. What is logged goes in few entries:
/// one is in flight, and what comes meanwhile is collected for the next.
struct StatusIntake: Sendable {
  /// Reported states that aren't in the log.
  private(set) var observed: [TaskID: TaskStatus] = [:]
  private var pending: [TaskID: TaskStatusChange] = [:]
  /// The order of arrival.
  private var order: Deque<TaskID> = []
  private var drafted: [TaskStatusChange] = []
  private var inFlight: (proposal: ProposalID, changes: [TaskStatusChange])?

  init() {}

  var hasPending: Bool { !self.order.isEmpty }

  /// Takes a report; what has ended has ended, whatever its node says later.
  ///
  /// - Parameters:
  ///   - task: The task as the view has it.
  ///   - status: What its node reports, stamped.
  mutating func report(_ status: TaskStatus, of task: SwarmTask, on node: NodeID) {
    guard !task.hasEnded else { return }
    let before = max(task.status.state, self.pending[task.id]?.status.state ?? .new, self.observed[task.id]?.state ?? .new)
    guard status.state >= before, status.state != task.status.state else { return }
    if status.state == before, self.pending[task.id] != nil { return }
    let isLogged = status.state >= .running || (status.state == .ready && task.desiredState == .ready)
    guard isLogged else {
      self.observed[task.id] = status
      return
    }
    if self.pending.updateValue(TaskStatusChange(task: task.id, node: node, status: status), forKey: task.id) == nil {
      self.order.append(task.id)
    }
  }

  /// The statuses for the next entry; none while one is in flight.
  mutating func take(maximumSize: Int) -> [TaskStatusChange] {
    guard self.inFlight == nil, self.drafted.isEmpty else { return [] }
    var size = 0
    var changes: [TaskStatusChange] = []
    for id in self.order {
      guard let change = self.pending[id] else { continue }
      size += Change.taskStatuses([change]).estimatedSize
      if size > maximumSize, !changes.isEmpty { break }
      changes.append(change)
    }
    self.order.removeFirst(changes.count)
    for change in changes { self.pending[change.task] = nil }
    // What many reports at once needed isn't kept for ever.
    if self.order.isEmpty { (self.order, self.pending) = ([], [:]) }
    self.drafted = changes
    return changes
  }

  /// The statuses taken last are in this proposal.
  mutating func proposed(as proposal: ProposalID?) {
    guard !self.drafted.isEmpty, let proposal else { return }
    self.inFlight = (proposal, self.drafted)
    self.drafted = []
  }

  mutating func committed(_ proposal: ProposalID) {
    if self.inFlight?.proposal == proposal { self.inFlight = nil }
  }

  /// What is in flight is taken for committed.
  mutating func landed() { self.inFlight = nil }

  /// The proposal was lost: its statuses go first in the next one, unless newer ones came.
  mutating func failed(_ proposal: ProposalID) {
    guard let lost = self.inFlight, lost.proposal == proposal else { return }
    self.inFlight = nil
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(44) { return }
    #endif
    let missing = lost.changes.filter { self.pending[$0.task] == nil }
    for change in missing { self.pending[change.task] = change }
    self.order.insert(contentsOf: missing.map(\.task), at: 0)
  }

  /// The log caught up with a task, or the task is gone.
  mutating func logged(_ id: TaskID, _ state: TaskState?) {
    guard let observed = self.observed[id] else { return }
    if state.map({ $0 >= observed.state }) ?? true { self.observed[id] = nil }
    if self.observed.isEmpty { self.observed = [:] }
  }
}
