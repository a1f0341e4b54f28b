// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Finds nodes for a number of alike tasks: spread over the preferences' labels first, then over nodes as the strategy says.
///
/// The counts that result are those of placing the tasks one after the other, each on the best node. How many nodes are looked at for it
/// differs: one task is looked for in the sets of nodes that have least, many are worked out together.
struct Placer {
  private let count: Int
  let table: NodeTable
  let taskClass: TaskClass
  /// The preferences' tree; only needed when the class has any.
  private let tree: SpreadTree?
  /// The service's counted tasks per node.
  private let counts: ServiceCounts
  /// The same by node index, for placing many.
  private let held: [Int32]
  /// Nodes on which the service's tasks keep failing, by how often; they come last, the worst at the very end.
  private let failing: [(failures: Int, nodes: Bitset)]

  /// - Parameter count: How many tasks will be placed.
  init(
    _ count: Int,
    table: NodeTable,
    taskClass: TaskClass,
    tree: SpreadTree? = nil,
    failing: [(failures: Int, nodes: Bitset)] = []
  ) {
    self.count = count
    self.table = table
    self.taskClass = taskClass
    self.tree = taskClass.preferences.isEmpty ? nil : tree
    self.counts = table.counts(of: taskClass.key.service)
    self.held = count > 1 ? self.counts.dense(table.indices.count) : []
    self.failing = failing
  }

  /// Indices of nodes for the tasks, as evenly interleaved as the result allows; fewer when there is no room.
  ///
  /// - Parameter eligible: The nodes that meet the class's requirements.
  func place(on eligible: Bitset) -> [Int32] {
    guard self.count > 0 else { return [] }
    var open = eligible.intersection(self.table.available)
    self.taskClass.keepNeighbours(of: &open, in: self.table)
    if self.count == 1 {
      return self.best(of: open).map { [Int32($0)] } ?? []
    }
    var shares = PlacementShares()
    self.distribute(self.count, over: self.candidates(open, self.count), into: &shares)
    return shares.interleaved()
  }

  // MARK: - Many tasks

  /// Nodes with room, in the order of their indices.
  private struct Candidates {
    var indices: [Int32] = []
    var rooms: [Int32] = []
  }

  private func candidates(_ open: Bitset, _ limit: Int) -> Candidates {
    let counts = self.held
    var candidates = Candidates()
    candidates.indices.reserveCapacity(self.table.indices.count)
    candidates.rooms.reserveCapacity(self.table.indices.count)
    open.forEach { index in
      let room = self.taskClass.capacity(of: index, in: self.table, serviceCount: Int(counts[index]), limit: limit)
      guard room > 0 else { return }
      candidates.indices.append(Int32(index))
      candidates.rooms.append(Int32(clamping: room))
    }
    return candidates
  }

  private func distribute(_ count: Int, over candidates: Candidates, into shares: inout PlacementShares) {
    guard let tree = self.tree else { return self.fillNodes(count, candidates, into: &shares) }
    self.distribute(count, over: candidates, branch: 0, tree, tree.held(self.counts), into: &shares)
  }

  private func distribute(
    _ count: Int,
    over candidates: Candidates,
    branch: Int,
    _ tree: SpreadTree,
    _ held: [Int],
    into shares: inout PlacementShares
  ) {
    guard count > 0, !candidates.indices.isEmpty else { return }
    let children = tree.branches[branch].children
    guard !children.isEmpty else { return self.fillNodes(count, candidates, into: &shares) }
    var parts: [Candidates] = []
    var bins = WaterFill()
    for child in children {
      var part = Candidates()
      var room = 0
      for position in candidates.indices.indices where tree.branches[child].nodes[Int(candidates.indices[position])] {
        part.indices.append(candidates.indices[position])
        part.rooms.append(candidates.rooms[position])
        room = min(count, room + Int(candidates.rooms[position]))
      }
      // With the level as tie-break, branches that hold the same are told apart by their order alone.
      bins.append(level: held[child], room: room, tieBreak: held[child])
      parts.append(part)
    }
    for (position, share) in bins.fill(with: count).enumerated() {
      self.distribute(Int(share), over: parts[position], branch: children[position], tree, held, into: &shares)
    }
  }

  private func fillNodes(_ count: Int, _ candidates: Candidates, into shares: inout PlacementShares) {
    guard !self.failing.isEmpty else {
      _ = self.fillAlike(count, candidates, into: &shares)
      return
    }
    var left = count
    for group in self.groups(of: candidates.indices) {
      var part = Candidates()
      for position in candidates.indices.indices where group[Int(candidates.indices[position])] {
        part.indices.append(candidates.indices[position])
        part.rooms.append(candidates.rooms[position])
      }
      left -= self.fillAlike(left, part, into: &shares)
    }
  }

  /// The nodes in the order in which they may be used: healthy ones, then failing ones.
  private func groups(of indices: [Int32]) -> [Bitset] {
    var all = Bitset()
    for index in indices.reversed() { all[Int(index)] = true }
    return self.groups(of: all)
  }

  private func groups(of nodes: Bitset) -> [Bitset] {
    guard !self.failing.isEmpty else { return [nodes] }
    var healthy = nodes
    for group in self.failing { healthy.subtract(group.nodes) }
    return [healthy] + self.failing.map { nodes.intersection($0.nodes) }
  }

  private func fillAlike(_ count: Int, _ candidates: Candidates, into shares: inout PlacementShares) -> Int {
    guard count > 0, !candidates.indices.isEmpty else { return 0 }
    switch self.taskClass.strategy {
    case .spread:
      var bins = WaterFill()
      bins.reserve(candidates.indices.count)
      for position in candidates.indices.indices {
        let index = Int(candidates.indices[position])
        bins.append(
          level: Int(self.held[index]),
          room: Int(candidates.rooms[position]),
          tieBreak: self.table.taskCounts[index]
        )
      }
      let given = bins.fill(with: count)
      return shares.append(candidates.indices, given, levels: bins.levels)
    case .binpack:
      // Whoever is fullest stays fullest, so that nodes are filled one after the other.
      var left = count
      var given = [Int32](repeating: 0, count: candidates.indices.count)
      for position in self.fullestFirst(candidates.indices) {
        guard left > 0 else { break }
        given[position] = min(candidates.rooms[position], Int32(clamping: left))
        left -= Int(given[position])
      }
      return shares.append(candidates.indices, given, levels: given.map { _ in 0 })
    }
  }

  private func fullestFirst(_ indices: [Int32]) -> [Int] {
    let ranks = indices.map { (self.table.utilisation(at: Int($0)), self.table.taskCounts[Int($0)]) }
    return indices.indices.sorted { left, right in ranks[left] == ranks[right] ? left < right : ranks[left] > ranks[right] }
  }

  // MARK: - One task

  /// So many nodes are looked at one by one rather than level by level.
  private static var few: Int { 64 }

  /// The best node for one task.
  private func best(of open: Bitset) -> Int? {
    guard let tree = self.tree else { return self.bestNode(of: open) }
    return self.best(of: open, branch: 0, tree, tree.held(self.counts))
  }

  private func best(of open: Bitset, branch: Int, _ tree: SpreadTree, _ held: [Int]) -> Int? {
    let children = tree.branches[branch].children
    guard !children.isEmpty else { return self.bestNode(of: open) }
    // The branches are sorted by value already, and this sort keeps that order.
    for child in children.sorted(by: { held[$0] < held[$1] }) {
      let part = open.intersection(tree.branches[child].nodes)
      if let found = self.best(of: part, branch: child, tree, held) { return found }
    }
    return nil
  }

  private func bestNode(of open: Bitset) -> Int? {
    for group in self.groups(of: open) {
      let found = self.taskClass.strategy == .spread ? self.emptiest(of: group) : self.fullest(of: group)
      if let found { return found }
    }
    return nil
  }

  private func emptiest(of open: Bitset) -> Int? {
    guard !self.counts.isEmpty else { return self.emptiest(of: open, serviceCount: 0) }
    if let found = self.emptiest(of: open.subtracting(self.counts.occupied), serviceCount: 0) { return found }
    for (count, nodes) in self.counts.levels {
      if let found = self.emptiest(of: open.intersection(nodes), serviceCount: count) { return found }
    }
    return nil
  }

  /// The node with the fewest tasks among nodes that have equally many of the service.
  private func emptiest(of open: Bitset, serviceCount: Int) -> Int? {
    let left = open.count
    guard left > Self.few else { return left == 0 ? nil : self.emptiestOfFew(open, serviceCount: serviceCount) }
    for level in 0..<self.table.levels.count where !self.table.levels.isEmpty(level) {
      let found = open.firstCommon(with: self.table.levels.sets[level]) { index in
        self.taskClass.capacity(of: index, in: self.table, serviceCount: serviceCount, limit: 1) > 0
      }
      if let found { return found }
    }
    return nil
  }

  private func emptiestOfFew(_ open: Bitset, serviceCount: Int) -> Int? {
    var best: Int?
    open.forEach { index in
      if let best, self.table.taskCounts[best] <= self.table.taskCounts[index] { return }
      if self.taskClass.capacity(of: index, in: self.table, serviceCount: serviceCount, limit: 1) > 0 { best = index }
    }
    return best
  }

  private func fullest(of open: Bitset) -> Int? {
    var best: (index: Int, rank: (Int64, Int))?
    open.forEach { index in
      let rank = (self.table.utilisation(at: index), self.table.taskCounts[index])
      if let best, best.rank >= rank { return }
      guard self.taskClass.capacity(of: index, in: self.table, serviceCount: self.counts[index], limit: 1) > 0 else { return }
      best = (index, rank)
    }
    return best?.index
  }
}
