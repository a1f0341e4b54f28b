// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension Store {
  /// Makes objects what they were.
  mutating func restore(_ originals: Originals) {
    if let cluster = originals.cluster { self.storedCluster = cluster.box }
    for (id, original) in originals.nodes {
      if let node = original.box { self.insert(node) } else if let node = self.nodeBox(id) { self.delete(node) }
    }
    // All services go before one comes back: names and ports may have changed hands.
    let services = originals.services.filter { self.serviceBox($0.key) !== $0.value.box }
    for id in services.keys {
      if let service = self.serviceBox(id) { self.delete(service) }
    }
    for original in services.values {
      if let service = original.box { self.insert(service) }
    }
    for (id, original) in originals.tasks {
      if let task = original.box { self.insert(task) } else if let task = self.taskBox(id) { self.delete(task) }
    }
  }
}
