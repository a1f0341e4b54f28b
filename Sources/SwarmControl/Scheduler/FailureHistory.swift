// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Remembers on which nodes tasks of a service failed lately, so that such nodes come last.
struct FailureHistory: Sendable {
  /// How many failures make a node the last choice.
  private let threshold: Int
  /// How long a failure counts.
  private let window: Duration
  /// More failures than so many make no difference.
  private static var most: Int { 100 }
  private var failures: [ServiceID: [NodeID: [Duration]]] = [:]

  init(threshold: Int = 5, window: Duration = .seconds(300)) {
    self.threshold = threshold
    self.window = window
  }

  /// A task of the service failed on the node.
  mutating func taskFailed(_ service: ServiceID, on node: NodeID, now: Duration) {
    var times = self.failures[service]?[node] ?? []
    times.removeAll { $0 + self.window <= now }
    if times.count >= Self.most { times.removeFirst(times.count - Self.most + 1) }
    times.append(now)
    self.failures[service, default: [:]][node] = times
  }

  /// The nodes that come last for the service, by how many failures they had, the fewest first.
  func failingNodes(for service: ServiceID, in table: NodeTable, now: Duration) -> [(failures: Int, nodes: Bitset)] {
    guard let nodes = self.failures[service] else { return [] }
    var groups: [Int: Bitset] = [:]
    for (node, times) in nodes {
      let count = times.count { $0 + self.window > now }
      guard count >= self.threshold, let index = table.indexByID[node] else { continue }
      groups[count, default: Bitset()][index] = true
    }
    return groups.sorted { $0.key < $1.key }.map { (failures: $0.key, nodes: $0.value) }
  }

  /// Forgets a service whose tasks are others now, or that is gone.
  mutating func forget(_ service: ServiceID) {
    self.failures[service] = nil
  }
}
