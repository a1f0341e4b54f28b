// SPDX-License-Identifier: Apache-2.0

/// The nodes as a tree of label values: one level per preference, and below the last one the nodes.
///
/// The tree belongs to a list of preferences, not to a service: what services hold in its branches is counted when it is needed.
struct SpreadTree: Sendable {
  struct Branch: Sendable {
    let value: String
    let parent: Int
    /// Below this branch, sorted by value; empty on the last level.
    var children: [Int] = []
    /// The nodes in this branch.
    var nodes = Bitset()
  }

  private let preferences: [SpreadDescriptor]
  /// The first is the root.
  private(set) var branches = [Branch(value: "", parent: -1)]
  /// The last branch of each node; -1 where there is none.
  private var leaves: [Int32] = []
  private var version: UInt64 = 0

  init(_ preferences: [SpreadDescriptor]) {
    self.preferences = preferences
  }

  /// Looks at the nodes whose facts changed since the last call, and at no other.
  mutating func update(from table: NodeTable) {
    guard self.version < table.factsVersion else { return }
    if self.leaves.count < table.indices.count {
      self.leaves.append(contentsOf: repeatElement(-1, count: table.indices.count - self.leaves.count))
    }
    table.forEachFactsChange(since: self.version) { self.place($0, table.facts(at: $0)) }
    self.version = table.factsVersion
  }

  private mutating func place(_ index: Int, _ facts: NodeFacts?) {
    var branch = Int(self.leaves[index])
    while branch >= 0 {
      self.branches[branch].nodes[index] = false
      branch = self.branches[branch].parent
    }
    self.leaves[index] = -1
    guard let facts else { return }
    branch = 0
    self.branches[0].nodes[index] = true
    for preference in self.preferences {
      branch = self.child(of: branch, facts.value(of: preference))
      self.branches[branch].nodes[index] = true
    }
    self.leaves[index] = Int32(branch)
  }

  private mutating func child(of branch: Int, _ value: String) -> Int {
    let children = self.branches[branch].children
    let position = children.firstIndex { self.branches[$0].value >= value } ?? children.endIndex
    if position < children.endIndex, self.branches[children[position]].value == value { return children[position] }
    self.branches.append(Branch(value: value, parent: branch))
    self.branches[branch].children.insert(self.branches.count - 1, at: position)
    return self.branches.count - 1
  }

  /// How many of the service's tasks each branch holds, also on nodes that take no more.
  func held(_ counts: ServiceCounts) -> [Int] {
    var held = [Int](repeating: 0, count: self.branches.count)
    counts.forEach { index, count in
      if index < self.leaves.count, self.leaves[index] >= 0 { held[Int(self.leaves[index])] += count }
    }
    // Children come after their parents.
    for branch in self.branches.indices.dropFirst().reversed() { held[self.branches[branch].parent] += held[branch] }
    return held
  }
}
