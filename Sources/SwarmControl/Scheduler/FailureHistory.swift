// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Remembers on which nodes tasks of a service failed lately, so that such nodes come last.
struct FailureHistory: Sendable {
  /// How many failures make a node the last choice.
  private let threshold: Int
  /// How long a failure counts.
  private let window: Duration
  private var failures: [ServiceID: [NodeID: [Duration]]] = [:]

  init(threshold: Int = 5, window: Duration = .seconds(300)) {
    self.threshold = threshold
    self.window = window
  }

  /// A task of the service failed on the node.
  mutating func taskFailed(_ service: ServiceID, on node: NodeID, now: Duration) {
    var times = self.failures[service]?[node] ?? []
    times.removeAll { $0 + self.window <= now }
    // Only the newest failures can matter.
    if times.count >= self.threshold { times.removeFirst(times.count - self.threshold + 1) }
    times.append(now)
    self.failures[service, default: [:]][node] = times
  }

  /// The nodes that come last for the service.
  func failingNodes(for service: ServiceID, in table: NodeTable, now: Duration) -> Set<Int> {
    guard let nodes = self.failures[service] else { return [] }
    var failing: Set<Int> = []
    for (node, times) in nodes where times.count(where: { $0 + self.window > now }) >= self.threshold {
      if let index = table.indexByID[node] { failing.insert(index) }
    }
    return failing
  }

  /// Forgets a service whose tasks are others now, or that is gone.
  mutating func forget(_ service: ServiceID) {
    self.failures[service] = nil
  }
}
