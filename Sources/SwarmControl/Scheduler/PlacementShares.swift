// SPDX-License-Identifier: Apache-2.0

/// How many tasks each node gets.
struct PlacementShares {
  private var indices: [Int32] = []
  private var given: [Int32] = []
  private var levels: [Int32] = []
  private var total = 0

  /// Adds nodes with what they get, above what they have.
  ///
  /// - Returns: How many tasks that are.
  mutating func append(_ indices: [Int32], _ given: [Int32], levels: [Int32]) -> Int {
    var sum = 0
    for position in given.indices where given[position] > 0 {
      self.indices.append(indices[position])
      self.given.append(given[position])
      self.levels.append(levels[position])
      sum += Int(given[position])
    }
    self.total += sum
    return sum
  }

  /// One node per task, lowest level first, so that any leading part of the result is spread as well.
  func interleaved() -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(self.total)
    let order = self.lowestFirst()
    var left = order.map { self.given[$0] }
    var open = Array(left.indices)
    var level = order.first.map { self.levels[$0] } ?? 0
    while !open.isEmpty {
      var kept = 0
      var next = Int32.max
      for position in open.indices {
        let entry = open[position]
        let entryLevel = self.levels[order[entry]]
        if entryLevel <= level {
          result.append(self.indices[order[entry]])
          left[entry] -= 1
        } else {
          next = min(next, entryLevel)
        }
        if left[entry] > 0 {
          open[kept] = entry
          kept += 1
        }
      }
      open.removeLast(open.count - kept)
      // Those who have started go on at the next level; without any, the next who start set it.
      level = kept > 0 && self.levels[order[open[0]]] <= level ? level + 1 : next
    }
    return result
  }

  private func lowestFirst() -> [Int] {
    var keys: [UInt64] = []
    keys.reserveCapacity(self.indices.count)
    for position in self.indices.indices {
      keys.append(UInt64(UInt32(self.levels[position])) << 32 | UInt64(position))
    }
    if zip(keys, keys.dropFirst()).contains(where: { $0 > $1 }) { keys.sort() }
    return keys.map { Int($0 & 0xffff_ffff) }
  }
}
