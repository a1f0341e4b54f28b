// SPDX-License-Identifier: Apache-2.0

/// Gives units to bins, one after the other, always to the bin that holds least — worked out in one go.
///
/// Of bins that hold the same, the one with the lowest tie-break is first (a bin's grows with each unit), then the one that comes first.
struct WaterFill {
  /// What each bin holds before.
  private(set) var levels: [Int32] = []
  /// How much more fits.
  private(set) var rooms: [Int32] = []
  private var ties: [Int32] = []
  private var room = 0
  private var lowest = Int32.max
  private var highest = Int32.min

  init() {}

  mutating func reserve(_ count: Int) {
    self.levels.reserveCapacity(count)
    self.rooms.reserveCapacity(count)
    self.ties.reserveCapacity(count)
  }

  /// Adds a bin.
  mutating func append(level: Int, room: Int, tieBreak: Int) {
    let level = Int32(clamping: level)
    self.levels.append(level)
    self.rooms.append(Int32(clamping: room))
    self.ties.append(Int32(clamping: tieBreak))
    self.room += room
    self.lowest = min(self.lowest, level)
    self.highest = max(self.highest, level)
  }

  /// How many units each bin gets; fewer than asked for when there is no room.
  func fill(with units: Int) -> [Int32] {
    guard units > 0, self.room > 0 else { return [Int32](repeating: 0, count: self.levels.count) }
    guard self.room > units else { return self.rooms }

    // The highest level to which all bins can be filled.
    var low = Int(self.lowest)
    var high = Int(self.highest) + units + 1
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if self.need(toReach: middle) <= units { low = middle } else { high = middle }
    }
    var given = [Int32](repeating: 0, count: self.levels.count)
    var rest = units
    for bin in given.indices {
      given[bin] = self.share(of: bin, at: low)
      rest -= Int(given[bin])
    }
    guard rest > 0 else { return given }
    // What is left goes, one each, to bins that stand exactly at that level.
    var open: [UInt64] = []
    for bin in given.indices where Int(self.levels[bin] + given[bin]) == low && given[bin] < self.rooms[bin] {
      open.append(UInt64(UInt32(bitPattern: self.ties[bin] + given[bin])) << 32 | UInt64(bin))
    }
    if rest < open.count { open.moveLowest(rest) }
    for bin in open.prefix(rest) { given[Int(bin & 0xffff_ffff)] += 1 }
    return given
  }

  private func need(toReach level: Int) -> Int {
    var need = 0
    for bin in self.levels.indices { need += Int(self.share(of: bin, at: level)) }
    return need
  }

  private func share(of bin: Int, at level: Int) -> Int32 {
    min(self.rooms[bin], max(0, Int32(clamping: level) - self.levels[bin]))
  }
}

extension [UInt64] {
  /// Moves the lowest so many to the front, in any order, without sorting (Hoare's selection).
  mutating func moveLowest(_ count: Int) {
    var (low, high) = (0, self.count - 1)
    while low < high {
      let pivot = self[(low + high) / 2]
      var (left, right) = (low, high)
      while left <= right {
        while self[left] < pivot { left += 1 }
        while self[right] > pivot { right -= 1 }
        if left <= right {
          self.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if count - 1 <= right {
        high = right
      } else if count - 1 >= left {
        low = left
      } else {
        return
      }
    }
  }
}
