// SPDX-License-Identifier: Apache-2.0

internal import HashTreeCollections
package import SwarmModel

/// Networks that nobody has to create.
///
/// `host` and `bridge` are those that every engine has by itself; they stand in the store so that services can be put on them. SwarmKit has the same two; an
/// engine looks for the label, and then uses its own network of that name.
package enum PredefinedNetworks {
  static let names = ["bridge", "host"]

  /// Creates those of every engine that the store doesn't have.
  package static func missing(in store: Store, ids: inout IdentifierGenerator) -> [Change] {
    self.names.filter { store.networksByName[Store.nameKey($0)] == nil }.map { name in
      let annotations = Annotations(name: name, labels: [Network.predefinedLabel: "true"])
      return .createNetwork(
        Network(
          id: ids.make(),
          spec: NetworkSpec(annotations: annotations, driverConfig: Driver(name: name)),
          driverState: Driver(name: name),
          ipam: IPAMOptions(driver: Driver())
        )
      )
    }
  }

  /// Creates the network of the routing mesh, with which a swarm begins, as with SwarmKit: who removes it doesn't get it back unasked.
  ///
  /// - Throws: as any new network.
  package static func ingress(in store: Store, ids: inout IdentifierGenerator) throws(SwarmError) -> Change {
    let spec = NetworkSpec(
      annotations: Annotations(name: "ingress"),
      driverConfig: Driver(name: "overlay"),
      ingress: true
    )
    return .createNetwork(try NetworkAllocator.network(spec, id: ids.make(), in: store))
  }
}
