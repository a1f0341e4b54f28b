// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

// Jobs: a slot is done with once a task of it completed, and each update of the job is a new run of everything.
extension SlotDecider {
  /// Takes tasks of earlier iterations of the job out of the slot.
  ///
  /// - Returns: The tasks of the current iteration.
  func retireIterations(_ tasks: [SlotTask], into decision: inout SlotDecision) -> [SlotTask] {
    let iteration = self.service.jobStatus?.jobIteration
    var current: [SlotTask] = []
    for slotTask in tasks {
      if slotTask.task.jobIteration == iteration {
        current.append(slotTask)
      } else {
        decision.desired.append(DesiredStateChange(task: slotTask.task.id, state: .remove))
      }
    }
    return current
  }

  /// Whether the slot's completion is there; then whatever else is in the slot ends, and nothing is restarted, whatever the policy says of success.
  ///
  /// A task of a lost node may complete after its replacement was made, so there can be both.
  func hasCompleted(_ tasks: [SlotTask], into decision: inout SlotDecision) -> Bool {
    guard tasks.contains(where: { $0.task.status.state == .complete }) else { return false }
    decision.occupancy = .finished
    let others = tasks.filter { $0.task.status.state != .complete }
    decision.desired += others.filter(\.task.isWanted).map { DesiredStateChange(task: $0.task.id, state: .shutdown) }
    self.trimHistory(of: others.filter { !$0.task.isWanted }, kept: tasks.count - others.count, into: &decision)
    return true
  }
}
