// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Why the tasks of a class wait, counted over all nodes; each node counts for the first filter that it fails.
struct PlacementFailure: Sendable, Hashable {
  private var failures = [Int](repeating: 0, count: PlacementFilter.allCases.count)
  /// Nodes that fail no filter.
  private(set) var fitting = 0

  /// - Parameter eligible: The nodes that meet the class's requirements.
  init(of taskClass: TaskClass, eligible: Bitset, in table: NodeTable) {
    let counts = table.counts(of: taskClass.key.service).dense(table.indices.count)
    let mostPerNode = taskClass.mostPerNode(table)
    for index in table.indices {
      // Nothing of the node is read unless what is cheap to ask leaves it open.
      if !table.available[index] {
        if table.facts(at: index) != nil { self.failures[PlacementFilter.availability.rawValue] += 1 }
        continue
      }
      let filter = Self.firstFailure(of: taskClass, at: index, eligible[index], table, Int(counts[index]), mostPerNode)
      if let filter { self.failures[filter.rawValue] += 1 } else { self.fitting += 1 }
    }
  }

  /// The reason of a task that may only run on one node.
  init(of taskClass: TaskClass, at index: Int, in table: NodeTable) {
    guard let facts = table.facts(at: index) else { return }
    let count = table.counts(of: taskClass.key.service)[index]
    let filter =
      table.available[index]
      ? Self.firstFailure(
        of: taskClass,
        at: index,
        taskClass.requirements.isMet(by: facts),
        table,
        count,
        taskClass.mostPerNode(table)
      ) : .availability
    if let filter { self.failures[filter.rawValue] = 1 } else { self.fitting = 1 }
  }

  /// How many nodes fail each filter first.
  var counts: [PlacementFilter: Int] {
    Dictionary(
      uniqueKeysWithValues: PlacementFilter.allCases.filter { self.failures[$0.rawValue] > 0 }
        .map { ($0, self.failures[$0.rawValue]) }
    )
  }

  /// Whether no filter failed anywhere.
  var isEmpty: Bool { self.failures.allSatisfy { $0 == 0 } }

  /// The error that the task shows; the filter that most nodes fail comes first.
  var text: String {
    let filters = PlacementFilter.allCases.filter { self.failures[$0.rawValue] > 0 }
    guard !filters.isEmpty else { return "no suitable node" }
    let ordered = filters.sorted { left, right in
      let (leftCount, rightCount) = (self.failures[left.rawValue], self.failures[right.rawValue])
      return leftCount == rightCount ? left.rawValue < right.rawValue : leftCount > rightCount
    }
    return "no suitable node (\(ordered.map { $0.explanation(nodes: self.failures[$0.rawValue]) }.joined(separator: "; ")))"
  }

  /// The first filter that an available node fails, in SwarmKit's order.
  private static func firstFailure(
    of taskClass: TaskClass,
    at index: Int,
    _ isEligible: Bool,
    _ table: NodeTable,
    _ serviceCount: Int,
    _ mostPerNode: Int
  ) -> PlacementFilter? {
    if !taskClass.hasResources(at: index, in: table) { return .resources }
    if !isEligible, let facts = table.facts(at: index) {
      if !taskClass.requirements.meetsPlugins(facts) { return .plugins }
      return taskClass.meetsConstraints(facts) ? .platform : .constraints
    }
    if table.isAnyUsed(taskClass.hostPorts, at: index) { return .hostPorts }
    if serviceCount >= mostPerNode { return .maxReplicas }
    if !taskClass.likesNeighbours(at: index, in: table) { return .affinity }
    return nil
  }
}

extension PlacementFilter {
  /// The part of docker's sentence about this filter.
  fileprivate func explanation(nodes count: Int) -> String {
    let nodes = count == 1 ? "1 node" : "\(count) nodes"
    return switch self {
    case .availability: "\(nodes) not available for new tasks"
    case .resources: "insufficient resources on \(nodes)"
    case .plugins: "missing plugin on \(nodes)"
    case .constraints: "scheduling constraints not satisfied on \(nodes)"
    case .platform: "unsupported platform on \(nodes)"
    case .hostPorts: "host-mode port already in use on \(nodes)"
    case .maxReplicas: "max replicas per node limit exceed"
    case .affinity: "unwanted or missing neighbours on \(nodes)"
    }
  }
}
