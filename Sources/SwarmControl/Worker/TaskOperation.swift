// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// Something the driver is to do for one task through its runtime.
package struct TaskOperation: Sendable, Hashable {
  /// The task that it is done for.
  package var task: TaskID
  /// What is done.
  package var verb: Verb

  package init(task: TaskID, verb: Verb) {
    self.task = task
    self.verb = verb
  }

  /// What can be done for a task.
  package enum Verb: Sendable, Hashable {
    /// Make the task's controller, or find again what the runtime has for the task.
    case create
    /// Make everything ready.
    case prepare
    /// Start the task, or find it started.
    case start
    /// Wait for the end.
    ///
    /// The only verb that runs beside another one (`shutdown` or `terminate`).
    case wait
    /// Ask the task to end and end it by force after the grace period.
    case shutdown(grace: Duration)
    /// End the task by force.
    case terminate
    /// Free what the controller holds and drop it.
    case remove
    /// Have the runtime end and free a task that has no controller.
    case discard
  }

  /// How an operation ended.
  package enum Outcome: Sendable, Hashable {
    /// It did what it should; for every verb but `start` and `wait`.
    case done
    /// `start`: the task runs, or ran; with the ports that it has open on the node, and what users should know all the same.
    case started(ContainerStatus, ports: [PortConfig] = [], warnings: [String] = [])
    /// `wait`: the task ended.
    case exited(TaskExit)
    /// It may work later.
    case temporary(String)
    /// It can't work.
    case failed(String)
    /// It was given up because it was cancelled.
    case cancelled
  }
}
