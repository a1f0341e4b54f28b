// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension NodeTable {
  /// What one task takes of its node.
  struct Share: Sendable {
    let node: NodeID
    let service: ServiceID?
    /// Whether the task counts for spreading: it is meant to run, and may.
    let isCounted: Bool
    let nanoCPUs: Int64
    let memoryBytes: Int64
    let hostPorts: [HostPort]
    let generic: [GenericResource]

    /// Whether a task in that observed state holds what it reserved: what a stopping task holds is only free when it stopped.
    static func holds(_ state: TaskState) -> Bool { state >= .assigned && state <= .running }

    /// `nil` when the task takes nothing: it has no node yet, or has ended.
    init?(_ task: SwarmTask) {
      guard let node = task.nodeID, Self.holds(task.status.state) else { return nil }
      self.node = node
      self.service = task.serviceID
      self.isCounted = task.isWanted
      let reservations = task.spec.value.resources?.reservations
      self.nanoCPUs = max(0, reservations?.nanoCPUs ?? 0)
      self.memoryBytes = max(0, reservations?.memoryBytes ?? 0)
      self.hostPorts = HostPort.of(task.publishedPorts)
      self.generic = task.assignedGenericResources
    }
  }
}
