// SPDX-License-Identifier: Apache-2.0

/// Finds a short plan that still fails: delta debugging (Zeller and Hildebrandt, 2002) over the steps of a plan.
package struct PlanShrinker {
  /// Plans that may still be tried.
  package private(set) var budget: Int

  package init(budget: Int) { self.budget = budget }

  /// The steps that are left when no step can be taken away any more, or the budget is used up.
  ///
  /// - Parameters:
  ///   - steps: steps that fail.
  ///   - fails: whether other steps still fail, in the same way.
  package mutating func shrink<Step>(_ steps: [Step], fails: ([Step]) -> Bool) -> [Step] {
    var rest = steps
    var parts = 2
    while rest.count > 1, self.budget > 0 {
      let length = (rest.count + parts - 1) / parts
      var isShorter = false
      var start = 0
      while start < rest.count, self.budget > 0 {
        let without = Array(rest[..<start] + rest[min(start + length, rest.count)...])
        self.budget -= 1
        if fails(without) {
          rest = without
          isShorter = true
        } else {
          start += length
        }
      }
      if length == 1, !isShorter { break }
      parts = isShorter ? max(2, parts - 1) : min(rest.count, parts * 2)
    }
    return rest
  }
}
