// SPDX-License-Identifier: Apache-2.0

/// How many counted tasks of one service the nodes have.
///
/// Most services are on few nodes and take a few bytes for each; one that is on many has an index of its own, so that a further replica
/// costs no look at all of them.
struct ServiceCounts: Sendable {
  /// The nodes that have any with their counts, in order, as long as they are few.
  private var few: [(index: Int32, count: Int32)] = []
  private var many: Many?

  private struct Many {
    var counts: [Int32]
    var levels = LevelSets()
    var occupied = Bitset()
    var nodes = 0
  }

  init() {}

  /// The number of nodes that have any.
  var nodes: Int { self.many?.nodes ?? self.few.count }
  var isEmpty: Bool { self.nodes == 0 }

  /// The count of one node.
  subscript(index: Int) -> Int {
    if let many = self.many { return index < many.counts.count ? Int(many.counts[index]) : 0 }
    guard let position = self.position(of: index) else { return 0 }
    return Int(self.few[position].count)
  }

  /// The counts by node index, for so many nodes.
  func dense(_ nodeCount: Int) -> [Int32] {
    if let many = self.many, many.counts.count >= nodeCount { return many.counts }
    var dense = [Int32](repeating: 0, count: nodeCount)
    self.forEach { dense[$0] = Int32($1) }
    return dense
  }

  /// Calls the closure with each node that has any and its count, in order.
  func forEach(_ body: (_ index: Int, _ count: Int) -> Void) {
    guard let many = self.many else {
      for node in self.few { body(Int(node.index), Int(node.count)) }
      return
    }
    many.occupied.forEach { body($0, Int(many.counts[$0])) }
  }

  /// The nodes that have any.
  var occupied: Bitset {
    if let many = self.many { return many.occupied }
    var set = Bitset()
    for node in self.few.reversed() { set[Int(node.index)] = true }
    return set
  }

  /// The nodes by their counts, from one on, lowest first.
  var levels: [(count: Int, nodes: Bitset)] {
    if let many = self.many {
      return (1..<max(1, many.levels.count)).filter { !many.levels.isEmpty($0) }.map { ($0, many.levels.sets[$0]) }
    }
    var sets: [Int32: Bitset] = [:]
    for node in self.few { sets[node.count, default: Bitset()][Int(node.index)] = true }
    return sets.sorted { $0.key < $1.key }.map { (Int($0.key), $0.value) }
  }

  /// One task more, or one less, on a node of so many.
  mutating func change(at index: Int, by difference: Int, nodeCount: Int) {
    guard self.many == nil else {
      self.changeMany(at: index, by: difference)
      if self.nodes * 32 < nodeCount { self.shrink() }
      return
    }
    let position = self.lowerBound(of: index)
    if position < self.few.count, self.few[position].index == Int32(index) {
      self.few[position].count += Int32(difference)
      if self.few[position].count <= 0 { self.few.remove(at: position) }
    } else if difference > 0 {
      self.few.insert((Int32(index), Int32(difference)), at: position)
      if self.few.count > 64, self.few.count * 16 > nodeCount { self.grow(nodeCount: nodeCount) }
    }
  }

  private mutating func changeMany(at index: Int, by difference: Int) {
    while index >= self.many?.counts.count ?? .max { self.many?.counts.append(0) }
    let old = self[index]
    let new = max(0, old + difference)
    self.many?.counts[index] = Int32(new)
    if old > 0 { self.many?.levels.remove(index, from: old) }
    if new > 0 { self.many?.levels.insert(index, at: new) }
    if (old > 0) != (new > 0) {
      self.many?.occupied[index] = new > 0
      self.many?.nodes += new > 0 ? 1 : -1
    }
  }

  private mutating func grow(nodeCount: Int) {
    let few = self.few
    self.few = []
    self.many = Many(counts: [Int32](repeating: 0, count: nodeCount))
    for node in few { self.changeMany(at: Int(node.index), by: Int(node.count)) }
  }

  private mutating func shrink() {
    guard let many = self.many else { return }
    self.many = nil
    many.occupied.forEach { index in
      self.few.append((Int32(index), many.counts[index]))
    }
  }

  private func position(of index: Int) -> Int? {
    let position = self.lowerBound(of: index)
    return position < self.few.count && self.few[position].index == Int32(index) ? position : nil
  }

  private func lowerBound(of index: Int) -> Int {
    var (low, high) = (0, self.few.count)
    while low < high {
      let middle = (low + high) / 2
      if self.few[middle].index < Int32(index) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
