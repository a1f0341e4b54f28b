// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Things of the one kind that hosts of simulated swarms name, by the simulator's own count.
struct SimulatedThings {
  /// Each as often as it is there.
  var names: [String] = []
  var counted: Int64 = 0

  init(_ resources: [GenericResource] = []) {
    for resource in resources { self.add(resource) }
  }

  mutating func add(_ resource: GenericResource) {
    switch resource {
    case .named(_, let value): self.names.append(value)
    case .discrete(_, let value): self.counted += value
    }
  }

  /// How many there are, whatever they are called.
  var count: Int64 { self.counted + Int64(self.names.count) }

  /// Whether all of these are among others.
  func areAmong(_ others: Self) -> Bool {
    self.counted <= others.counted && Set(self.names).count == self.names.count && Set(self.names).isSubset(of: others.names)
  }

  /// What is left of these when others are taken.
  func without(_ others: Self) -> Self {
    var left = self
    left.names.removeAll(where: others.names.contains)
    left.counted = max(0, left.counted - others.counted)
    return left
  }
}
