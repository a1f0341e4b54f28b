// SPDX-License-Identifier: Apache-2.0

internal import HashTreeCollections
package import SwarmModel

/// Networks that every engine has by itself, and that stand in the store so that services can be put on them: `host` and `bridge`.
///
/// SwarmKit has the same two; an engine looks for the label, and then uses its own network of that name.
package enum PredefinedNetworks {
  static let names = ["bridge", "host"]

  /// Creates those that the store doesn't have.
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
}
