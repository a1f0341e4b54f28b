// SPDX-License-Identifier: Apache-2.0

/// Counts what a run has seen, so that many runs can prove that they were hard.
package struct Coverage<Sight: CaseIterable & RawRepresentable & Sendable>: Sendable where Sight.RawValue == Int {
  private var counts = [Int](repeating: 0, count: Sight.allCases.count)

  package init() {}

  @inline(__always)
  package mutating func saw(_ sight: Sight) { self.counts[sight.rawValue] += 1 }

  package subscript(_ sight: Sight) -> Int { self.counts[sight.rawValue] }

  /// All counts under their names, in the order in which the sights are declared.
  package var byName: [(name: String, count: Int)] {
    Sight.allCases.map { (String(describing: $0), self.counts[$0.rawValue]) }
  }
}
