// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// What an applied entry did to the store, in the order of the entry within each kind.
package struct ChangeSet: Sendable {
  /// The entry's index.
  package var index: UInt64
  /// The entry's time.
  package var time: Timestamp
  /// Changes of the cluster object.
  package var clusters: [ObjectChange<Cluster>] = []
  /// Changes of nodes.
  package var nodes: [ObjectChange<Node>] = []
  /// Changes of services.
  package var services: [ObjectChange<Service>] = []
  /// Changes of tasks.
  package var tasks: [ObjectChange<SwarmTask>] = []
  /// Changes of secrets.
  package var secrets: [ObjectChange<Secret>] = []
  /// Changes of networks.
  package var networks: [ObjectChange<Network>] = []
  /// Changes of configs.
  package var configs: [ObjectChange<Config>] = []

  package init(index: UInt64, time: Timestamp) {
    self.index = index
    self.time = time
  }

  /// How many changes there are.
  var count: Int {
    self.clusters.count + self.nodes.count + self.services.count + self.tasks.count
      + self.secrets.count + self.configs.count + self.networks.count
  }

  /// Whether nothing changed.
  package var isEmpty: Bool { self.count == 0 }

  /// All changes in the order of the entry.
  package var events: [Event] {
    var events: [Event] = []
    events.reserveCapacity(self.count)
    events += self.clusters.map(Event.cluster)
    events += self.nodes.map(Event.node)
    events += self.services.map(Event.service)
    events += self.tasks.map(Event.task)
    events += self.secrets.map(Event.secret)
    events += self.configs.map(Event.config)
    events += self.networks.map(Event.network)
    // The sort is stable, so the order within a kind and change stays.
    events.sort { $0.version < $1.version }
    return events
  }

  /// What happened to one object of any kind.
  package enum Event: Sendable {
    /// The cluster object changed.
    case cluster(ObjectChange<Cluster>)
    /// A node changed.
    case node(ObjectChange<Node>)
    /// A service changed.
    case service(ObjectChange<Service>)
    /// A task changed.
    case task(ObjectChange<SwarmTask>)
    /// A secret changed.
    case secret(ObjectChange<Secret>)
    /// A network changed.
    case network(ObjectChange<Network>)
    /// A config changed.
    case config(ObjectChange<Config>)

    /// The change of the log that did it.
    package var version: Version {
      switch self {
      case .cluster(let change): change.version
      case .node(let change): change.version
      case .service(let change): change.version
      case .task(let change): change.version
      case .secret(let change): change.version
      case .config(let change): change.version
      case .network(let change): change.version
      }
    }

    /// What happened.
    package var action: ChangeAction {
      switch self {
      case .cluster(let change): change.action
      case .node(let change): change.action
      case .service(let change): change.action
      case .task(let change): change.action
      case .secret(let change): change.action
      case .config(let change): change.action
      case .network(let change): change.action
      }
    }
  }
}
