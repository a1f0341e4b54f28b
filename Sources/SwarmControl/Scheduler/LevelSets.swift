// SPDX-License-Identifier: Apache-2.0

/// Nodes by how many tasks they have, so that those with the fewest are found without looking at all.
struct LevelSets: Sendable {
  /// The nodes with exactly that many tasks.
  private(set) var sets: [Bitset] = []
  private var sizes: [Int] = []

  init() {}

  /// One more than the highest number of tasks that any node ever had.
  var count: Int { self.sets.count }

  func isEmpty(_ level: Int) -> Bool { self.sizes[level] == 0 }

  mutating func insert(_ index: Int, at level: Int) {
    while level >= self.sets.count {
      self.sets.append(Bitset())
      self.sizes.append(0)
    }
    self.sets[level][index] = true
    self.sizes[level] += 1
  }

  mutating func remove(_ index: Int, from level: Int) {
    self.sizes[level] -= 1
    if self.sizes[level] == 0 {
      self.sets[level] = Bitset()
    } else {
      self.sets[level][index] = false
    }
  }
}
