// SPDX-License-Identifier: Apache-2.0

internal import HeapModule

/// Deadlines by key, at most one per key.
struct Timers<Key: Hashable & Comparable & Sendable>: Sendable {
  private struct Timer: Comparable, Sendable {
    let deadline: Duration
    let key: Key

    static func < (left: Self, right: Self) -> Bool {
      left.deadline == right.deadline ? left.key < right.key : left.deadline < right.deadline
    }
  }

  private var heap = Heap<Timer>()
  /// The deadlines that count; what else is in the heap was replaced.
  private var deadlines: [Key: Duration] = [:]

  init() {}

  /// The deadline of a key.
  subscript(key: Key) -> Duration? { self.deadlines[key] }

  /// Sets the deadline of a key, instead of the one it had.
  mutating func set(_ key: Key, at deadline: Duration) {
    guard self.deadlines[key] != deadline else { return }
    self.deadlines[key] = deadline
    self.heap.insert(Timer(deadline: deadline, key: key))
  }

  /// Sets the deadline of a key unless it has an earlier one.
  mutating func setEarliest(_ key: Key, at deadline: Duration) {
    if let current = self.deadlines[key], current <= deadline { return }
    self.set(key, at: deadline)
  }

  mutating func cancel(_ key: Key) {
    self.deadlines[key] = nil
  }

  /// The earliest deadline.
  mutating func next() -> Duration? {
    while let first = self.heap.min {
      if self.deadlines[first.key] == first.deadline { return first.deadline }
      _ = self.heap.popMin()
    }
    return nil
  }

  /// Takes the keys whose deadline has come, in the order of their deadlines.
  mutating func popDue(now: Duration) -> [Key] {
    var due: [Key] = []
    while let deadline = self.next(), deadline <= now, let timer = self.heap.popMin() {
      self.deadlines[timer.key] = nil
      due.append(timer.key)
    }
    return due
  }
}
