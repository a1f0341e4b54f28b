// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What has to happen in one slot, decided from nothing but its tasks, their nodes and the service.
///
/// Deciding again after the decision was carried out changes nothing; a lost or refused part is simply decided again.
struct SlotDecision: Sendable {
  /// Desired states to raise.
  var desired: [DesiredStateChange] = []
  /// A task to create in the slot.
  var replacement: Replacement?
  /// Tasks that are over and done with: to be removed.
  var removable: [TaskID] = []
  /// How full the slot is after the decision.
  var occupancy = ServiceRecord.Occupancy.vacant
  /// How the slot stands to the specification after the decision.
  var freshness = ServiceRecord.Freshness.current
  /// A task that is held, and until when: then the slot has to be looked at again.
  var hold: ServiceRecord.Hold?

  /// A task to create.
  struct Replacement: Sendable, Hashable {
    /// `ready` while something has to be waited for, else `running`.
    let desired: TaskState
    /// The end of the restart delay.
    let startAt: Timestamp?
  }

  /// Whether the slot's node may have a task at all; always so for numbered slots.
  enum Admission: Sendable, Hashable {
    /// Tasks stay and come.
    case open
    /// Tasks stay, none come.
    case closed
    /// No task stays.
    case barred
    /// The slot is no more; its tasks are to be removed.
    case gone
  }
}

/// A task of a slot together with what the decision needs to know about it.
struct SlotTask: Sendable {
  /// How far a task can rely on its node.
  enum NodeState: Sendable, Hashable {
    /// No node yet.
    case unassigned
    /// The node runs tasks.
    case usable
    /// The node has to be left.
    case draining
    /// Nobody hears from the node.
    case down
    /// The node was removed.
    case gone
  }

  let box: Stored<SwarmTask>
  let node: NodeState
  /// Whether the task follows the service's current specification.
  let isFresh: Bool

  var task: SwarmTask { self.box.value }

  /// Whether the task may still do something on a node that one day tells.
  var isRunningSomewhere: Bool {
    !self.task.hasEnded && !self.task.waitsForItsNode && (self.node == .usable || self.node == .draining)
  }
}
