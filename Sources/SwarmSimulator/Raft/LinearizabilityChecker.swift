// SPDX-License-Identifier: Apache-2.0

/// Looks for an order of the operations on one register that fits both what they returned and when they ran: the search of
/// Wing and Gong (1993) with the memory of Lowe (2017).
///
/// Operations return the value before them, and all written values differ, so that the search hardly ever has a choice.
struct LinearizabilityChecker {
  enum Verdict: Equatable {
    case possible
    case impossible
    /// The search was given up.
    case undecided
  }

  private typealias Operation = OperationHistory.Operation

  private struct Memory: Hashable {
    var done: [UInt64]
    var value: UInt64
  }

  private let operations: [Operation]

  /// Takes the operations on one key.
  ///
  /// One without an answer is left out unless its value was seen, or led to one that was: it needn't have happened. One that
  /// must have happened has done so before its value was seen.
  init(_ operations: [OperationHistory.Operation]) {
    var firstSeen: [UInt64: Nanoseconds] = [:]
    for operation in operations {
      guard let returned = operation.returned, let value = operation.previous else { continue }
      firstSeen[value] = min(firstSeen[value] ?? .max, returned)
    }
    // A swap that must have happened saw the value that it expected.
    let swaps = operations.filter { $0.returned == nil }
    var isSettled = false
    while !isSettled {
      isSettled = true
      for case .swap(let expected, let value) in swaps.map(\.kind) {
        guard let seen = firstSeen[value], seen < firstSeen[expected] ?? .max else { continue }
        firstSeen[expected] = seen
        isSettled = false
      }
    }
    var kept: [Operation] = []
    for var operation in operations {
      if operation.returned == nil {
        guard let value = operation.written, let seen = firstSeen[value], seen >= operation.invoked else { continue }
        operation.returned = seen
      }
      kept.append(operation)
    }
    self.operations = kept.sorted { $0.invoked < $1.invoked }
  }

  /// - Parameter limit: states that are looked at before the search is given up.
  func verdict(limit: Int = 500_000) -> Verdict {
    let count = self.operations.count
    var done = [UInt64](repeating: 0, count: (count + 63) / 64)
    var first = 0
    var value: UInt64 = 0
    var seen: Set<Memory> = []
    var path: [(operation: Int, value: UInt64)] = []
    var candidate = 0

    func isDone(_ operation: Int) -> Bool { done[operation >> 6] >> UInt64(operation & 63) & 1 == 1 }

    while true {
      while first < count, isDone(first) { first += 1 }
      guard first < count else { return .possible }
      // Nothing may be put behind an operation that had returned before it began.
      var deadline = Nanoseconds.max
      var position = first
      while position < count, self.operations[position].invoked <= deadline {
        if !isDone(position) { deadline = min(deadline, self.operations[position].returned ?? .max) }
        position += 1
      }
      var next: Int?
      candidate = max(candidate, first)
      while candidate < count, self.operations[candidate].invoked <= deadline {
        if !isDone(candidate), let after = self.operations[candidate].value(after: value) {
          done[candidate >> 6] |= 1 << UInt64(candidate & 63)
          if seen.insert(Memory(done: done, value: after)).inserted {
            next = candidate
            path.append((candidate, value))
            value = after
            break
          }
          done[candidate >> 6] &= ~(1 << UInt64(candidate & 63))
        }
        candidate += 1
      }
      if next != nil {
        candidate = 0
        if seen.count > limit { return .undecided }
      } else if let last = path.popLast() {
        done[last.operation >> 6] &= ~(1 << UInt64(last.operation & 63))
        value = last.value
        first = 0
        candidate = last.operation + 1
      } else {
        return .impossible
      }
    }
  }
}

extension OperationHistory.Operation {
  /// The value that it writes, or would write.
  fileprivate var written: UInt64? {
    switch self.kind {
    case .get: nil
    case .put(let value), .swap(_, let value): value
    }
  }

  /// The value behind it when `value` is before it; nil when that isn't what it returned.
  fileprivate func value(after value: UInt64) -> UInt64? {
    if let previous, previous != value { return nil }
    return switch self.kind {
    case .get: value
    case .put(let new): new
    case .swap(let expected, let new): value == expected ? new : value
    }
  }
}
