// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SwarmSimulator

@Suite("Linearizability")
struct LinearizabilityTests {
  private typealias Operation = OperationHistory.Operation

  private func operation(
    _ kind: Operation.Kind,
    _ invoked: Nanoseconds,
    _ returned: Nanoseconds?,
    previous: UInt64? = nil
  ) -> Operation {
    Operation(key: 0, kind: kind, invoked: invoked, returned: returned, previous: previous)
  }

  @Test("a read of what was written before is fine, one of what was overwritten isn't")
  func staleRead() {
    let writes = [self.operation(.put(1), 0, 1, previous: 0), self.operation(.put(2), 2, 3, previous: 1)]
    #expect(LinearizabilityChecker(writes + [self.operation(.get, 4, 5, previous: 2)]).verdict() == .possible)
    #expect(LinearizabilityChecker(writes + [self.operation(.get, 4, 5, previous: 1)]).verdict() == .impossible)
    #expect(LinearizabilityChecker(writes + [self.operation(.get, 1, 5, previous: 1)]).verdict() == .possible)
  }

  @Test("an unanswered write may have happened or not, but not come back")
  func unanswered() {
    let unknown = self.operation(.put(7), 0, nil)
    let before = self.operation(.get, 1, 2, previous: 0)
    let seen = self.operation(.get, 3, 4, previous: 7)
    let after = self.operation(.get, 5, 6, previous: 0)
    #expect(LinearizabilityChecker([unknown, before]).verdict() == .possible)
    #expect(LinearizabilityChecker([unknown, before, seen]).verdict() == .possible)
    #expect(LinearizabilityChecker([unknown, seen, after]).verdict() == .impossible)
  }

  @Test("a write that happened twice shows")
  func twice() {
    let operations = [
      self.operation(.put(1), 0, 10, previous: 0),
      self.operation(.get, 1, 2, previous: 1),
      self.operation(.put(2), 3, 4, previous: 1),
      self.operation(.get, 5, 6, previous: 1),
    ]
    #expect(LinearizabilityChecker(operations).verdict() == .impossible)
  }

  @Test("swaps follow what they expected")
  func swaps() {
    let first = self.operation(.swap(expected: 0, 1), 0, 1, previous: 0)
    let failed = self.operation(.swap(expected: 0, 2), 2, 3, previous: 1)
    #expect(LinearizabilityChecker([first, failed, self.operation(.get, 4, 5, previous: 1)]).verdict() == .possible)
    #expect(LinearizabilityChecker([first, failed, self.operation(.get, 4, 5, previous: 2)]).verdict() == .impossible)
  }

  /// Every order, tried one after the other.
  private func isPossible(_ operations: [Operation], from value: UInt64 = 0) -> Bool {
    let unanswered = operations.filter { $0.returned == nil }
    if operations.count == unanswered.count { return true }
    let deadline = operations.compactMap(\.returned).min() ?? .max
    for (position, operation) in operations.enumerated() where operation.invoked <= deadline {
      guard operation.previous == nil || operation.previous == value else { continue }
      var rest = operations
      rest.remove(at: position)
      let after: UInt64 =
        switch operation.kind {
        case .get: value
        case .put(let new): new
        case .swap(let expected, let new): value == expected ? new : value
        }
      if self.isPossible(rest, from: after) { return true }
    }
    return false
  }

  @Test("the search agrees with trying every order", arguments: 0..<40 as Range<UInt64>)
  func agrees(seed: UInt64) {
    var random = SeededStream(seed: seed)
    for _ in 0..<50 {
      var operations: [Operation] = []
      for number in 1...random.within(2...6) {
        let invoked = Nanoseconds(random.below(12))
        let kind: Operation.Kind =
          switch random.below(3) {
          case 0: .get
          case 1: .put(UInt64(number))
          default: .swap(expected: UInt64(random.below(4)), UInt64(number))
          }
        let isAnswered = kind == .get || random.below(4) > 0
        let returned = isAnswered ? invoked + 1 + Nanoseconds(random.below(8)) : nil
        operations.append(self.operation(kind, invoked, returned, previous: isAnswered ? UInt64(random.below(4)) : nil))
      }
      let verdict = LinearizabilityChecker(operations).verdict()
      #expect(verdict == (self.isPossible(operations) ? .possible : .impossible), "seed \(seed): \(operations)")
    }
  }
}
