// SPDX-License-Identifier: Apache-2.0

/// Why the tasks of a class wait, counted over all nodes; each node counts for the first filter that it fails.
struct PlacementFailure: Sendable, Hashable {
  /// The filters, in the order in which they are asked (SwarmKit's pipeline).
  enum Filter: Int, CaseIterable, Sendable {
    case availability
    case resources
    case constraints
    case platform
    case hostPorts
    case maxReplicas
  }

  private var failures = [Int](repeating: 0, count: Filter.allCases.count)

  init(of taskClass: TaskClass, in table: NodeTable) {
    let counts = table.counts(of: taskClass.key.service)
    for index in table.indices {
      guard let facts = table.facts(at: index) else { continue }
      if let filter = Self.firstFailure(of: taskClass, facts, at: index, table, counts[index] ?? 0) {
        self.failures[filter.rawValue] += 1
      }
    }
  }

  /// The reason of a task that may only run on one node.
  init(of taskClass: TaskClass, at index: Int, in table: NodeTable) {
    guard let facts = table.facts(at: index) else { return }
    let count = table.counts(of: taskClass.key.service)[index] ?? 0
    if let filter = Self.firstFailure(of: taskClass, facts, at: index, table, count) {
      self.failures[filter.rawValue] = 1
    }
  }

  /// Whether no filter failed anywhere.
  var isEmpty: Bool { self.failures.allSatisfy { $0 == 0 } }

  /// The error that the task shows; the filter that most nodes fail comes first.
  var text: String {
    let filters = Filter.allCases.filter { self.failures[$0.rawValue] > 0 }
    guard !filters.isEmpty else { return "no suitable node" }
    let ordered = filters.sorted { left, right in
      let (leftCount, rightCount) = (self.failures[left.rawValue], self.failures[right.rawValue])
      return leftCount == rightCount ? left.rawValue < right.rawValue : leftCount > rightCount
    }
    return "no suitable node (\(ordered.map { $0.explanation(nodes: self.failures[$0.rawValue]) }.joined(separator: "; ")))"
  }

  private static func firstFailure(
    of taskClass: TaskClass,
    _ facts: NodeFacts,
    at index: Int,
    _ table: NodeTable,
    _ serviceCount: Int
  ) -> Filter? {
    if !table.available[index] { return .availability }
    if table.freeNanoCPUs(at: index) < taskClass.nanoCPUs && taskClass.nanoCPUs > 0 { return .resources }
    if table.freeMemoryBytes(at: index) < taskClass.memoryBytes && taskClass.memoryBytes > 0 { return .resources }
    if !taskClass.meetsConstraints(facts) { return .constraints }
    if !taskClass.meetsPlatform(facts) { return .platform }
    if table.isAnyUsed(taskClass.hostPorts, at: index) { return .hostPorts }
    if taskClass.maxReplicas > 0, serviceCount >= Int(clamping: taskClass.maxReplicas) { return .maxReplicas }
    return nil
  }
}

extension PlacementFailure.Filter {
  fileprivate func explanation(nodes count: Int) -> String {
    let nodes = count == 1 ? "1 node" : "\(count) nodes"
    return switch self {
    case .availability: "\(nodes) not available for new tasks"
    case .resources: "insufficient resources on \(nodes)"
    case .constraints: "scheduling constraints not satisfied on \(nodes)"
    case .platform: "unsupported platform on \(nodes)"
    case .hostPorts: "host-mode port already in use on \(nodes)"
    case .maxReplicas: "max replicas per node limit exceed"
    }
  }
}
