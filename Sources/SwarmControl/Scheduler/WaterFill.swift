// SPDX-License-Identifier: Apache-2.0

/// Gives units to bins, one after the other, always to the bin that holds least — worked out in one go.
///
/// Of bins that hold the same, the one with the lowest `tieBreak` is first (a bin's grows with each unit), then the one that comes first.
struct WaterFill {
  /// Something that holds units and has room for more.
  struct Bin {
    /// What the bin holds before.
    let level: Int
    /// How much more fits.
    let room: Int
    /// Decides between bins that hold the same.
    let tieBreak: Int
  }

  /// How many units each bin gets; fewer than asked for when there is no room.
  static func fill(_ bins: [Bin], with units: Int) -> [Int] {
    let total = bins.reduce(0) { $0 + min($1.room, units) }
    guard units > 0, total > 0 else { return [Int](repeating: 0, count: bins.count) }
    guard total > units else { return bins.map { min($0.room, units) } }

    // The highest level to which all bins can be filled.
    var low = bins.lazy.map(\.level).min() ?? 0
    var high = (bins.lazy.map(\.level).max() ?? 0) + units + 1
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if bins.reduce(0, { $0 + min($1.room, max(0, middle - $1.level)) }) <= units {
        low = middle
      } else {
        high = middle
      }
    }
    var given = bins.map { min($0.room, max(0, low - $0.level)) }
    let rest = units - given.reduce(0, +)
    guard rest > 0 else { return given }
    // What is left goes, one each, to bins that stand exactly at that level.
    let open = bins.indices.filter { bins[$0].level + given[$0] == low && given[$0] < bins[$0].room }
    let ordered = open.sorted { left, right in
      let leftTie = bins[left].tieBreak + given[left]
      let rightTie = bins[right].tieBreak + given[right]
      return leftTie == rightTie ? left < right : leftTie < rightTie
    }
    for bin in ordered.prefix(rest) { given[bin] += 1 }
    return given
  }
}
