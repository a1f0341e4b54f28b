// SPDX-License-Identifier: Apache-2.0

/// Finds nodes for a number of alike tasks: spread over the preferences' labels, then by tasks of the service per node, then by tasks per node.
///
/// The counts that result are those of placing the tasks one after the other, each on the best node.
struct Placer {
  let table: NodeTable
  let taskClass: TaskClass
  /// The service's counted tasks per node index.
  private let counts: [Int: Int]
  /// Nodes on which the service's tasks keep failing; they come last.
  private let failing: Set<Int>

  init(table: NodeTable, taskClass: TaskClass, failing: Set<Int>) {
    self.table = table
    self.taskClass = taskClass
    self.counts = table.counts(of: taskClass.key.service)
    self.failing = failing
  }

  private struct Candidate {
    let index: Int
    let room: Int
  }

  /// Indices of nodes for up to `count` tasks, as evenly interleaved as the result allows; fewer when there is no room.
  func place(_ count: Int, on eligible: Bitset) -> [Int] {
    var candidates: [Candidate] = []
    eligible.forEachCommon(with: self.table.available) { index in
      let room = self.taskClass.capacity(
        of: index,
        in: self.table,
        serviceCount: self.counts[index] ?? 0,
        limit: count
      )
      if room > 0 { candidates.append(Candidate(index: index, room: room)) }
    }
    var shares: [(index: Int, share: Int)] = []
    self.distribute(count, over: candidates, preferences: self.taskClass.preferences[...], path: [], into: &shares)
    return self.interleave(shares)
  }

  private func distribute(
    _ count: Int,
    over candidates: [Candidate],
    preferences: ArraySlice<SpreadDescriptor>,
    path: [(SpreadDescriptor, String)],
    into shares: inout [(index: Int, share: Int)]
  ) {
    guard count > 0, !candidates.isEmpty else { return }
    guard let preference = preferences.first else {
      let healthy = candidates.filter { !self.failing.contains($0.index) }
      let placed = self.fillNodes(count, healthy, into: &shares)
      _ = self.fillNodes(count - placed, candidates.filter { self.failing.contains($0.index) }, into: &shares)
      return
    }
    var branches: [String: [Candidate]] = [:]
    for candidate in candidates {
      branches[self.table.facts(at: candidate.index)?.value(of: preference) ?? "", default: []].append(candidate)
    }
    let values = branches.keys.sorted()
    let held = self.tasksPerBranch(of: preference, path: path)
    let bins = values.map { value in
      let room = branches[value, default: []].reduce(0) { min(count, $0 + $1.room) }
      // With the level as tie-break, branches that hold the same are told apart by their order alone.
      return WaterFill.Bin(level: held[value] ?? 0, room: room, tieBreak: held[value] ?? 0)
    }
    for (value, share) in zip(values, WaterFill.fill(bins, with: count)) {
      self.distribute(
        share,
        over: branches[value, default: []],
        preferences: preferences.dropFirst(),
        path: path + [(preference, value)],
        into: &shares
      )
    }
  }

  /// The service's tasks per value of the label, also on nodes that take no more.
  private func tasksPerBranch(of preference: SpreadDescriptor, path: [(SpreadDescriptor, String)]) -> [String: Int] {
    var held: [String: Int] = [:]
    for (index, count) in self.counts {
      guard let facts = self.table.facts(at: index), path.allSatisfy({ facts.value(of: $0) == $1 }) else { continue }
      held[facts.value(of: preference), default: 0] += count
    }
    return held
  }

  private func fillNodes(_ count: Int, _ nodes: [Candidate], into shares: inout [(index: Int, share: Int)]) -> Int {
    guard count > 0, !nodes.isEmpty else { return 0 }
    let bins = nodes.map { node in
      WaterFill.Bin(
        level: self.counts[node.index] ?? 0,
        room: node.room,
        tieBreak: self.table.taskCounts[node.index]
      )
    }
    var placed = 0
    for (node, share) in zip(nodes, WaterFill.fill(bins, with: count)) where share > 0 {
      shares.append((node.index, share))
      placed += share
    }
    return placed
  }

  /// One node per task, lowest level first, so that any leading part of the result is spread as well.
  private func interleave(_ shares: [(index: Int, share: Int)]) -> [Int] {
    var result: [Int] = []
    var open = shares.map { (index: $0.index, level: self.counts[$0.index] ?? 0, left: $0.share) }
    open.sort { ($0.level, self.table.taskCounts[$0.index], $0.index) < ($1.level, self.table.taskCounts[$1.index], $1.index) }
    var level = open.first?.level ?? 0
    while !open.isEmpty {
      var raised = false
      for position in open.indices {
        guard open[position].level <= level else { break }
        result.append(open[position].index)
        open[position].left -= 1
        raised = true
      }
      open.removeAll { $0.left == 0 }
      level = raised ? level + 1 : open.first?.level ?? 0
    }
    return result
  }
}
