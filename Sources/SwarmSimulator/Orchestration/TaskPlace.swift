// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// The place of a service that at most one task fills: a numbered slot, or a node.
struct TaskPlace: Hashable, Comparable, CustomStringConvertible {
  let service: ServiceID
  let slot: UInt64
  let node: NodeID?

  /// Nil for a task that belongs to no service.
  init?(_ task: SwarmTask) {
    guard let service = task.serviceID else { return nil }
    self.service = service
    self.slot = task.slot
    self.node = task.slot == 0 ? task.nodeID : nil
  }

  static func < (left: Self, right: Self) -> Bool {
    (left.service, left.slot, left.node ?? NodeID()) < (right.service, right.slot, right.node ?? NodeID())
  }

  var description: String { self.node.map { "\(self.service) on \($0)" } ?? "slot \(self.slot) of \(self.service)" }
}

extension SwarmTask {
  /// Whether the managers want the task to run, now or soon.
  var isWanted: Bool { self.desiredState <= .complete }

  /// Whether the task has its node, and not only waits for room there.
  var isPlaced: Bool { self.nodeID != nil && self.status.state >= .assigned }

  /// Whether the task waits for room on the only node that will do, as those of global services may.
  var waitsForItsNode: Bool { self.nodeID != nil && self.status.state < .assigned }

  /// Whether the task ended, of which there is no way back.
  var hasEnded: Bool { self.status.state > .running }

  /// Whether it ended without being told to.
  var endedByItself: Bool { [.complete, .failed, .rejected].contains(self.status.state) }
}
