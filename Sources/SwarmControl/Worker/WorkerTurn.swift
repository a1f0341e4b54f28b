// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// What the driver must do after a turn of a ``Worker``, in the order of the fields.
///
/// Records are on disk before the operations of the same turn begin: that is what makes a restarted agent
/// adopt instead of starting twice.
package struct WorkerTurn: Sendable, Hashable {
  /// Records to write, one per task at most.
  package var records: [TaskRecord] = []
  /// Records to delete.
  package var forgotten: [TaskID] = []
  /// Operations in flight that are no longer wanted.
  ///
  /// They still end with an event.
  package var cancellations: [Cancellation] = []
  /// Operations to begin.
  package var operations: [TaskOperation] = []
  /// Statuses to send with the present session; the next ones come when these have arrived.
  package var report: StatusReport?
  /// Set when the session can't go on: close it and open another one.
  package var sessionFailure: SwarmError?
  /// When to send ``Worker/Event/wake``, if not nil.
  package var nextWake: Duration?

  package init() {}

  /// An operation to cancel.
  package struct Cancellation: Sendable, Hashable {
    /// The task.
    package var task: TaskID
    /// Whether its `wait` is meant, or else the one other operation in flight.
    package var isWait: Bool

    package init(task: TaskID, isWait: Bool = false) {
      self.task = task
      self.isWait = isWait
    }
  }

  /// Statuses that travel together.
  package struct StatusReport: Sendable, Hashable {
    /// Names the report in ``Worker/Event/reported(_:)``; never used twice.
    package var number: UInt64
    /// At most one status per task.
    package var updates: [TaskStatusUpdate]

    package init(number: UInt64, updates: [TaskStatusUpdate]) {
      self.number = number
      self.updates = updates
    }
  }
}
