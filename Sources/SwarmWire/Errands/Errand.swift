// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// What names an errand.
package enum ErrandKind {}

/// Names an errand.
package typealias ErrandID = Identifier<ErrandKind>

/// What the leader asks of a node beside the lives of its tasks.
package struct Errand: Sendable, Hashable {
  /// Names it in the answer.
  package var id: ErrandID
  /// What is to be done; `nil` when a newer manager asks for something that isn't known here.
  package var work: Work?

  /// The kinds of errands.
  package enum Work: Sendable, Hashable {
    /// Run a command beside a task.
    case exec(TaskCommand)
    /// Tell what is used of the node, and by which task.
    case usage
  }

  package init(id: ErrandID, work: Work?) {
    self.id = id
    self.work = work
  }
}

/// A command and the task that it is to run beside.
package struct TaskCommand: Sendable, Hashable {
  package var task: TaskID
  package var request: ExecRequest

  package init(task: TaskID, request: ExecRequest) {
    self.task = task
    self.request = request
  }
}

/// What comes from a node that runs a command.
package enum ExecEvent: Sendable, Hashable {
  /// The command wrote something.
  case output(ExecOutput)
  /// It has ended, with this code.
  case exited(Int32)
  /// It couldn't be run, or not to its end.
  case failed(SwarmError)
}
