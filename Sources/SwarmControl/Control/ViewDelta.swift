// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// How the control loop's view of the store changed: objects as they were and as they are.
struct ViewDelta: Sendable {
  /// One object: created (no old), updated (both) or removed (no new).
  struct Difference<Value: Sendable>: Sendable {
    let old: Value?
    let new: Value?
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
    self.nodes = changes.nodes.map { Difference(old: $0.old, new: $0.new) }
    self.services = changes.services.map { Difference(old: $0.old, new: $0.new) }
    self.tasks = changes.tasks.map { Difference(old: $0.old, new: $0.new) }
  }

  /// What differs between two stores among the objects that were touched.
  init(from old: Store, to new: Store, touched: TouchedObjects) {
    self.clusterChanged = touched.cluster
    self.networksChanged = touched.networks
    self.nodes = touched.nodes.sorted().map { Difference(old: old.node($0), new: new.node($0)) }
    self.services = touched.services.sorted().map { Difference(old: old.service($0), new: new.service($0)) }
    self.tasks = touched.tasks.sorted().map { Difference(old: old.task($0), new: new.task($0)) }
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
    for change in changes.nodes { if let id = change.current?.id { self.nodes.insert(id) } }
    for change in changes.services { if let id = change.current?.id { self.services.insert(id) } }
    for change in changes.tasks { if let id = change.current?.id { self.tasks.insert(id) } }
  }

  mutating func formUnion(_ other: TouchedObjects) {
    self.cluster = self.cluster || other.cluster
    self.networks = self.networks || other.networks
    self.nodes.formUnion(other.nodes)
    self.services.formUnion(other.services)
    self.tasks.formUnion(other.tasks)
  }
}
