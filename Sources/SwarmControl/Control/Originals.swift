// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Objects as they were before something changed them.
struct Originals: Sendable {
  /// An object as it was; without a box it wasn't there.
  struct Original<Value: Sendable>: Sendable {
    let box: Stored<Value>?
  }

  private(set) var cluster: Original<Cluster>?
  private(set) var nodes: [NodeID: Original<Node>] = [:]
  private(set) var services: [ServiceID: Original<Service>] = [:]
  private(set) var tasks: [TaskID: Original<SwarmTask>] = [:]
  /// The tasks that were removed.
  private(set) var removedTasks: Set<TaskID> = []

  init() {}

  /// Keeps what an entry changed as it was before, unless it is kept already.
  mutating func keep(_ changes: ChangeSet) {
    assert(
      changes.secrets.isEmpty && changes.configs.isEmpty && changes.networks.isEmpty,
      "the control loop proposes none of these"
    )
    if self.cluster == nil, let change = changes.clusters.first { self.cluster = Original(box: change.oldBox) }
    for change in changes.nodes {
      guard let id = change.currentBox?.value.id, self.nodes[id] == nil else { continue }
      self.nodes[id] = Original(box: change.oldBox)
    }
    for change in changes.services {
      guard let id = change.currentBox?.value.id, self.services[id] == nil else { continue }
      self.services[id] = Original(box: change.oldBox)
    }
    for change in changes.tasks {
      guard let id = change.currentBox?.value.id else { continue }
      if change.newBox == nil { self.removedTasks.insert(id) }
      guard self.tasks[id] == nil else { continue }
      self.tasks[id] = Original(box: change.oldBox)
    }
  }

  /// Objects as a store has them.
  init(_ touched: TouchedObjects, in store: Store) {
    if touched.cluster { self.cluster = Original(box: store.storedCluster) }
    for id in touched.nodes { self.nodes[id] = Original(box: store.nodeBox(id)) }
    for id in touched.services { self.services[id] = Original(box: store.serviceBox(id)) }
    for id in touched.tasks { self.tasks[id] = Original(box: store.taskBox(id)) }
  }

  /// An entry came true: its objects needn't be kept any more, and those that later entries change too were left by it.
  mutating func cameTrue(_ changes: ChangeSet, before later: [TouchedObjects]) {
    guard !later.isEmpty else {
      self = Originals()
      return
    }
    if let change = changes.clusters.last {
      self.cluster = later.contains(where: \.cluster) ? Original(box: change.newBox) : nil
    }
    for change in changes.nodes {
      guard let id = change.currentBox?.value.id else { continue }
      self.nodes[id] = later.contains { $0.nodes.contains(id) } ? Original(box: change.newBox) : nil
    }
    for change in changes.services {
      guard let id = change.currentBox?.value.id else { continue }
      self.services[id] = later.contains { $0.services.contains(id) } ? Original(box: change.newBox) : nil
    }
    for change in changes.tasks {
      guard let id = change.currentBox?.value.id else { continue }
      self.tasks[id] = later.contains { $0.tasks.contains(id) } ? Original(box: change.newBox) : nil
      if change.newBox == nil { self.removedTasks.remove(id) }
    }
  }
}
