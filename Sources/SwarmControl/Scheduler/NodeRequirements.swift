// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What a node has to be for a task, whatever runs there: constraints, platform, plugins.
///
/// Task classes with the same requirements share what was found out about nodes.
struct NodeRequirements: Sendable, Hashable {
  /// `nil` when a constraint can't be read: then no node fits.
  let constraints: [Constraint]?
  let platforms: [Platform]
  /// The plugins that the tasks' mounts, logs and networks need.
  let plugins: [PluginDescription]

  /// Whether the node meets the constraints.
  func meetsConstraints(_ facts: NodeFacts) -> Bool {
    self.constraints.map { $0.allSatisfy { $0.holds(for: facts) } } ?? false
  }

  /// Whether the node's platform will do.
  func meetsPlatform(_ facts: NodeFacts) -> Bool { facts.runs(self.platforms) }

  /// Whether the node has the plugins; a node that doesn't tell what it has is taken to have them (SwarmKit: PluginFilter).
  func meetsPlugins(_ facts: NodeFacts) -> Bool { self.missingPlugin(facts) == nil }

  /// The first plugin that the node lacks.
  func missingPlugin(_ facts: NodeFacts) -> PluginDescription? {
    guard let offered = facts.plugins else { return nil }
    return self.plugins.first { wanted in
      // Engines that list no log drivers at all are old ones, which have them all the same.
      if wanted.type == "Log", !offered.contains(where: { $0.type == "Log" }) { return false }
      return !offered.contains { $0.type == wanted.type && ($0.name == wanted.name || $0.name == wanted.name + ":latest") }
    }
  }

  func isMet(by facts: NodeFacts) -> Bool {
    self.meetsConstraints(facts) && self.meetsPlatform(facts) && self.meetsPlugins(facts)
  }
}

extension TaskSpec {
  /// The plugins that the task needs on its node: drivers of volumes, of networks, and of logs.
  ///
  /// - Parameter networkDrivers: Those drivers of its networks that not every engine has.
  func requiredPlugins(networkDrivers: [String]) -> [PluginDescription] {
    var plugins: [PluginDescription] = []
    if case .container(let container) = self.runtime {
      for mount in container.mounts where mount.type == .volume {
        guard let driver = mount.volumeOptions?.driverConfig?.name, !driver.isEmpty, driver != "local" else { continue }
        plugins.append(PluginDescription(type: "Volume", name: driver))
      }
    }
    plugins += networkDrivers.map { PluginDescription(type: "Network", name: $0) }
    if let driver = self.logDriver?.name, !driver.isEmpty, driver != "none" {
      plugins.append(PluginDescription(type: "Log", name: driver))
    }
    return plugins
  }
}

extension Store {
  /// Drivers that engines come with.
  private static var ownNetworkDrivers: Set<String> { ["", "overlay", "bridge", "host", "ipvlan", "macvlan", "none", "null"] }

  /// The drivers of networks, where it is one that not every engine has.
  var networkPlugins: [NetworkID: String] {
    var plugins: [NetworkID: String] = [:]
    for network in self.networks() {
      let driver = network.driverState?.name ?? ""
      if !Self.ownNetworkDrivers.contains(driver) { plugins[network.id] = driver }
    }
    return plugins
  }
}

extension [NetworkID: String] {
  /// The drivers among these that a task needs: that of its own networks, or else of its service's.
  func drivers(of spec: TaskSpec, in service: Service?) -> [String] {
    guard !self.isEmpty else { return [] }
    return spec.attachments(in: service?.spec).compactMap { NetworkID($0.target).flatMap { self[$0] } }
  }
}

/// The nodes that meet some requirements, kept up with the table's changes.
struct EligibleNodes: Sendable {
  private(set) var nodes = Bitset()
  private var version: UInt64 = 0

  init() {}

  /// Looks at the nodes whose facts changed since the last call, and at no other.
  mutating func update(_ requirements: NodeRequirements, from table: NodeTable) {
    guard self.version < table.factsVersion else { return }
    table.forEachFactsChange(since: self.version) { index in
      self.nodes[index] = table.facts(at: index).map { requirements.isMet(by: $0) } ?? false
    }
    self.version = table.factsVersion
  }
}
