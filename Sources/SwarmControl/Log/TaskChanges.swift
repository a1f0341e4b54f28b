// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// A task to create.
package struct NewTask: Sendable, Hashable {
  /// The new task's id.
  package var id: TaskID
  /// The slot; 0 for tasks of global services.
  package var slot: UInt64
  /// The node, when the scheduler already chose one, or only this one will do.
  package var node: NodeID?
  /// When a task held in desired state `ready` is to be started.
  package var startAt: Timestamp?
  /// Why no node was found, or why the node doesn't do now; then the task waits.
  package var err: String?
  /// What the task gets of the node's own resources.
  package var generic: [GenericResource]

  /// Creates a task to create.
  package init(
    id: TaskID,
    slot: UInt64,
    node: NodeID? = nil,
    startAt: Timestamp? = nil,
    err: String? = nil,
    generic: [GenericResource] = []
  ) {
    self.id = id
    self.slot = slot
    self.node = node
    self.startAt = startAt
    self.err = err
    self.generic = generic
  }
}

/// A pending task's node.
package struct TaskAssignment: Sendable, Hashable {
  /// The pending task.
  package var task: TaskID
  /// The node that gets it.
  package var node: NodeID
  /// What the task gets of the node's own resources.
  package var generic: [GenericResource]

  /// Creates an assignment.
  package init(task: TaskID, node: NodeID, generic: [GenericResource] = []) {
    self.task = task
    self.node = node
    self.generic = generic
  }
}

/// Why a task is pending.
package struct PendingReason: Sendable, Hashable {
  /// The pending task.
  package var task: TaskID
  /// Why no node was found.
  package var err: String

  /// Creates a reason.
  package init(task: TaskID, err: String) {
    self.task = task
    self.err = err
  }
}

/// A task's new desired state.
package struct DesiredStateChange: Sendable, Hashable {
  /// The task.
  package var task: TaskID
  /// The state; never lower than the current one.
  package var state: TaskState

  /// Creates a change.
  package init(task: TaskID, state: TaskState) {
    self.task = task
    self.state = state
  }
}

/// What was observed of a task.
package struct TaskStatusChange: Sendable, Hashable {
  /// The task.
  package var task: TaskID
  /// The node that reports; when given, it must be the task's.
  package var node: NodeID?
  /// The observation; its state is never lower than the current one.
  package var status: TaskStatus

  /// Creates a change.
  package init(task: TaskID, node: NodeID? = nil, status: TaskStatus) {
    self.task = task
    self.node = node
    self.status = status
  }
}
