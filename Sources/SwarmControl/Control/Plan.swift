// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What the parts of a turn want done, collected so that it ends up in few changes.
struct Plan: Sendable {
  /// Observations of the leader itself, such as tasks of lost nodes.
  var statuses: [TaskStatusChange] = []
  var desired: [DesiredStateChange] = []
  var creations: [Creation] = []
  /// Changes that stand for themselves.
  var others: [Change] = []

  init() {}

  /// A task that a slot needs.
  struct Creation: Sendable {
    let slot: SlotID
    let desired: TaskState
    let startAt: Timestamp?
  }

  var isEmpty: Bool {
    self.statuses.isEmpty && self.desired.isEmpty && self.creations.isEmpty && self.others.isEmpty
  }
}
