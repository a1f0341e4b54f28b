// SPDX-License-Identifier: Apache-2.0

/// Counting for majorities, without allocation.
package enum QuorumMath {
  /// The largest value that a majority of the voters has reached, or nil when nobody votes.
  ///
  /// - Parameters:
  ///   - count: how many members there are.
  ///   - isVoter: whether the member at a position votes.
  ///   - value: what the member at a position has reached.
  @inline(__always)
  package static func agreed(count: Int, isVoter: (Int) -> Bool, value: (Int) -> UInt64) -> UInt64? {
    var voters = 0
    for position in 0..<count where isVoter(position) { voters += 1 }
    var best: UInt64?
    // Groups are small: comparing each with each beats sorting.
    for candidate in 0..<count where isVoter(candidate) {
      let reached = value(candidate)
      if let best, reached <= best { continue }
      var others = 0
      for position in 0..<count where isVoter(position) && value(position) >= reached { others += 1 }
      if others > voters / 2 { best = reached }
    }
    return best
  }

  /// As ``agreed(count:isVoter:value:)`` when two sets of voters must both agree.
  @inline(__always)
  package static func agreed(
    count: Int,
    votesInNewSet: (Int) -> Bool,
    votesInOldSet: (Int) -> Bool,
    value: (Int) -> UInt64
  ) -> UInt64? {
    guard
      let new = self.agreed(count: count, isVoter: votesInNewSet, value: value),
      let old = self.agreed(count: count, isVoter: votesInOldSet, value: value)
    else { return nil }
    return min(new, old)
  }
}
