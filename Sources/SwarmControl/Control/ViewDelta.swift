// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// How the control loop's view of the store changed: objects as they were and as they are.
struct ViewDelta: Sendable {
  /// One object: created (no old), updated (both) or removed (no new).
  struct Difference<Value: Sendable>: Sendable {
    let oldBox: Stored<Value>?
    let newBox: Stored<Value>?

    init(old: Stored<Value>?, new: Stored<Value>?) {
      (self.oldBox, self.newBox) = (old, new)
    }

    var old: Value? { self.oldBox?.value }
    var new: Value? { self.newBox?.value }
  }

  var clusterChanged = false
  var networksChanged = false
  var nodes: [Difference<Node>] = []
  var services: [Difference<Service>] = []
  var tasks: [Difference<SwarmTask>] = []

  init() {}

  /// What an applied entry did.
  init(_ changes: ChangeSet) {
    self.clusterChanged = !changes.clusters.isEmpty
    self.networksChanged = !changes.networks.isEmpty
    self.nodes = changes.nodes.map { Difference(old: $0.oldBox, new: $0.newBox) }
    self.services = changes.services.map { Difference(old: $0.oldBox, new: $0.newBox) }
    self.tasks = changes.tasks.map { Difference(old: $0.oldBox, new: $0.newBox) }
  }

  /// Adds what happened after this.
  mutating func append(_ other: ViewDelta) {
    self.clusterChanged = self.clusterChanged || other.clusterChanged
    self.networksChanged = self.networksChanged || other.networksChanged
    self.nodes += other.nodes
    self.services += other.services
    self.tasks += other.tasks
  }

  /// What differs between objects as they were and as a store has them.
  init(from old: Originals, to new: Store, networksChanged: Bool) {
    self.clusterChanged = old.cluster != nil
    self.networksChanged = networksChanged
    self.nodes = old.nodes.keys.sorted().map { Difference(old: old.nodes[$0]?.box, new: new.nodeBox($0)) }
    self.services = old.services.keys.sorted().map { Difference(old: old.services[$0]?.box, new: new.serviceBox($0)) }
    self.tasks = old.tasks.keys.sorted().map { Difference(old: old.tasks[$0]?.box, new: new.taskBox($0)) }
  }
}

/// The objects that entries changed.
struct TouchedObjects: Sendable {
  var cluster = false
  var networks = false
  var nodes: Set<NodeID> = []
  var services: Set<ServiceID> = []
  var tasks: Set<TaskID> = []

  init() {}

  mutating func formUnion(_ changes: ChangeSet) {
    self.cluster = self.cluster || !changes.clusters.isEmpty
    self.networks = self.networks || !changes.networks.isEmpty
    for change in changes.nodes { if let id = change.currentBox?.value.id { self.nodes.insert(id) } }
    for change in changes.services { if let id = change.currentBox?.value.id { self.services.insert(id) } }
    for change in changes.tasks { if let id = change.currentBox?.value.id { self.tasks.insert(id) } }
  }

  mutating func formUnion(_ other: TouchedObjects) {
    self.cluster = self.cluster || other.cluster
    self.networks = self.networks || other.networks
    self.nodes.formUnion(other.nodes)
    self.services.formUnion(other.services)
    self.tasks.formUnion(other.tasks)
  }
}
