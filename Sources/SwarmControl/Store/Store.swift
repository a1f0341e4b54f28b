// SPDX-License-Identifier: Apache-2.0
internal import HashTreeCollections
package import SwarmModel

/// The replicated state: what the log says, applied in order.
///
/// A store is a value made of persistent maps: a copy costs O(1) and shares everything until one side changes. Applying is
/// deterministic; everything that lists objects lists them sorted by id.
package struct Store: Sendable {
  /// The index of the entry applied last.
  package internal(set) var version: UInt64 = 0
  /// The newest time that an applied entry carried.
  package internal(set) var time: Timestamp = .zero

  var storedCluster: Stored<Cluster>?
  var nodesByID: TreeDictionary<NodeID, Stored<Node>> = [:]
  var servicesByID: TreeDictionary<ServiceID, Stored<Service>> = [:]
  var tasksByID: TreeDictionary<TaskID, Stored<SwarmTask>> = [:]
  var secretsByID: TreeDictionary<SecretID, Stored<Secret>> = [:]
  var configsByID: TreeDictionary<ConfigID, Stored<Config>> = [:]
  var networksByID: TreeDictionary<NetworkID, Stored<Network>> = [:]
  var clients = ClientSessions()

  // Derived from the above; not part of snapshots.
  var nodesByHostname: TreeDictionary<String, TreeSet<NodeID>> = [:]
  var servicesByName: TreeDictionary<String, ServiceID> = [:]
  var secretsByName: TreeDictionary<String, SecretID> = [:]
  var configsByName: TreeDictionary<String, ConfigID> = [:]
  var servicesBySecret: TreeDictionary<SecretID, TreeSet<ServiceID>> = [:]
  var servicesByConfig: TreeDictionary<ConfigID, TreeSet<ServiceID>> = [:]
  var networksByName: TreeDictionary<String, NetworkID> = [:]
  var servicesByNetwork: TreeDictionary<NetworkID, TreeSet<ServiceID>> = [:]
  /// The addresses that services have, per network.
  var addressesByNetwork: TreeDictionary<NetworkID, TreeDictionary<UInt32, ServiceID>> = [:]
  var tasksByService: TreeDictionary<ServiceID, TreeSet<TaskID>> = [:]
  var tasksByNode: TreeDictionary<NodeID, NodeTasks> = [:]
  var publishedPorts: TreeDictionary<PublishedPort, TreeDictionary<ServiceID, PortConfig.PublishMode>> = [:]
  /// The box that a service's new tasks share, for the service's current specification.
  var taskSpecs: TreeDictionary<ServiceID, TaskSpecBox> = [:]

  /// Creates an empty store.
  package init() {}
}

/// A node as far as its tasks go.
struct NodeTasks {
  /// The node's tasks; also of a node that was removed.
  var ids: TreeSet<TaskID> = []
  /// Whether the node may get more.
  ///
  /// Who gives it one doesn't have to visit the node itself, which is far away in memory.
  var takesMore = false
}

/// A port that a service takes for itself, on each node or on all of them.
struct PublishedPort: Hashable {
  /// The port's number.
  var number: UInt32
  /// The transport protocol.
  var kind: PortConfig.ProtocolKind
}
