// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The networks that every engine has by itself, as it lists them: they are the node's, not the swarm's.
enum LocalNetworks {
  private static let drivers = [("bridge", "bridge"), ("host", "host"), ("none", "null")]

  /// All of them, for a node.
  static func all(of node: NodeID?) -> [Engine.Network] {
    self.drivers.map { name, driver in
      var network = Engine.Network()
      network.name = name
      network.id = MadeUpID.digits(name, node?.description ?? "")
      network.created = .zero
      network.scope = "local"
      network.driver = driver
      network.enableIPv6 = false
      network.internal = false
      network.attachable = false
      network.ingress = false
      network.showAbsent()
      network.options = [:]
      network.labels = [:]
      network.ipam = Engine.IPAM()
      network.ipam?.driver = "default"
      network.ipam?.options = [:]
      network.ipam?.config = []
      return network
    }
  }

  /// The one that is meant by a name, or by the beginning of an id; a name wins.
  static func find(_ reference: String, of node: NodeID?) -> Engine.Network? {
    let networks = self.all(of: node)
    if let named = networks.first(where: { $0.name == reference }) { return named }
    // Ids of the swarm's networks are shorter than this.
    guard reference.utf8.count > 25 else { return nil }
    return networks.first { $0.id?.hasPrefix(reference) ?? false }
  }

  static func isOne(_ name: String) -> Bool { self.drivers.contains { $0.0 == name } }
}
