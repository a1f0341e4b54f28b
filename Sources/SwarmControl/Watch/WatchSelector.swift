// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// Which events a watcher wants; several selectors of one watcher add up.
package enum WatchSelector: Sendable, Hashable {
  /// Everything.
  case all
  /// All objects of a kind.
  case kind(ObjectKind)
  /// One node.
  case node(NodeID)
  /// One service.
  case service(ServiceID)
  /// One task.
  case task(TaskID)
  /// A service's tasks.
  case tasksOf(ServiceID)
  /// A node's tasks, also those that it had before the event or has after it.
  case tasksOn(NodeID)
}

/// The kinds of objects that events are about.
package enum ObjectKind: UInt8, Sendable, Hashable, CaseIterable {
  /// The cluster object.
  case cluster = 1
  /// Nodes.
  case node = 2
  /// Services.
  case service = 3
  /// Tasks.
  case task = 4
  /// Secrets.
  case secret = 5
  /// Configs.
  case config = 6
  /// Networks.
  case network = 7
}

extension ChangeSet.Event {
  /// The selectors that choose this event.
  var selectors: [WatchSelector] {
    switch self {
    case .cluster:
      return [.all, .kind(.cluster)]
    case .node(let change):
      guard let node = change.current else { return [] }
      return [.all, .kind(.node), .node(node.id)]
    case .secret:
      return [.all, .kind(.secret)]
    case .network:
      return [.all, .kind(.network)]
    case .config:
      return [.all, .kind(.config)]
    case .service(let change):
      guard let service = change.current else { return [] }
      return [.all, .kind(.service), .service(service.id)]
    case .task(let change):
      guard let task = change.current else { return [] }
      var selectors: [WatchSelector] = [.all, .kind(.task), .task(task.id)]
      if let service = task.serviceID { selectors.append(.tasksOf(service)) }
      if let node = task.nodeID { selectors.append(.tasksOn(node)) }
      if let old = change.oldBox?.value.nodeID, old != task.nodeID { selectors.append(.tasksOn(old)) }
      return selectors
    }
  }
}
