// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// The scheduler without a control loop around it: nodes, services and tasks are told to it, and it says where further tasks go.
package struct StandaloneScheduler: Sendable {
  private var scheduler = Scheduler()

  package init() {}

  /// A node came or changed; it takes tasks when it is ready and active.
  package mutating func nodeChanged(to node: Node) {
    let isAvailable = node.status.state == .ready && node.spec.availability == .active
    _ = self.scheduler.table.update(node, isAvailable: isAvailable)
  }

  /// A service came, changed or went.
  package mutating func serviceChanged(from old: Service?, to new: Service?) {
    self.scheduler.serviceChanged(from: old, to: new)
  }

  /// A task came, changed or went.
  package mutating func taskChanged(from old: Stored<SwarmTask>?, to new: Stored<SwarmTask>?, now: Duration = .zero) {
    self.scheduler.taskChanged(from: old, to: new, now: now)
  }

  /// Nodes for up to `count` further tasks of the service; fewer when no more fit.
  ///
  /// The tasks are not counted as placed before ``taskChanged(from:to:now:)`` says so.
  package mutating func place(_ count: Int, of service: Service, now: Duration = .zero) -> [NodeID] {
    let taskClass = self.scheduler.taskClass(of: service)
    return self.scheduler.place(count, of: taskClass, now: now).map(\.node)
  }
}
