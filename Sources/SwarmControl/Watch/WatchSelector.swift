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

extension WatchSelector {
  /// The sorts of selectors.
  enum Sort { case all, kind, node, service, task, tasksOf, tasksOn }

  var sort: Sort {
    switch self {
    case .all: .all
    case .kind: .kind
    case .node: .node
    case .service: .service
    case .task: .task
    case .tasksOf: .tasksOf
    case .tasksOn: .tasksOn
    }
  }
}

extension ChangeSet.Event {
  /// Calls the closure with each selector that chooses this event.
  func forEachSelector(_ body: (WatchSelector) -> Void) {
    body(.all)
    switch self {
    case .cluster: body(.kind(.cluster))
    case .secret: body(.kind(.secret))
    case .network: body(.kind(.network))
    case .config: body(.kind(.config))
    case .node(let change):
      body(.kind(.node))
      if let node = change.currentBox?.value { body(.node(node.id)) }
    case .service(let change):
      body(.kind(.service))
      if let service = change.currentBox?.value { body(.service(service.id)) }
    case .task(let change):
      body(.kind(.task))
      guard let task = change.currentBox else { return }
      body(.task(task.value.id))
      if let service = task.value.serviceID { body(.tasksOf(service)) }
      if let node = task.value.nodeID { body(.tasksOn(node)) }
      if let old = change.oldBox?.value.nodeID, old != task.value.nodeID { body(.tasksOn(old)) }
    }
  }
}
