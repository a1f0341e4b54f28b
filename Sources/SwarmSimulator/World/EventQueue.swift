// SPDX-License-Identifier: Apache-2.0

/// Nanoseconds of virtual time since a run began.
package typealias Nanoseconds = Int64

/// What is going to happen, by virtual time; of one time in the order in which it was added.
package struct EventQueue<Event> {
  /// Small, since heaps move their items about.
  private struct Item {
    var time: Nanoseconds
    var number: Int
    var slot: Int
  }

  private var heap: [Item] = []
  private var slots: [Event?] = []
  private var freeSlots: [Int] = []
  private var added = 0

  package init() {}

  package var count: Int { self.heap.count }
  package var nextTime: Nanoseconds? { self.heap.first?.time }

  package mutating func add(_ event: Event, at time: Nanoseconds) {
    let slot: Int
    if let free = self.freeSlots.popLast() {
      slot = free
      self.slots[free] = event
    } else {
      slot = self.slots.count
      self.slots.append(event)
    }
    self.added += 1
    let item = Item(time: time, number: self.added, slot: slot)
    self.heap.append(item)
    var child = self.heap.count - 1
    while child > 0, Self.isBefore(item, self.heap[(child - 1) / 2]) {
      self.heap[child] = self.heap[(child - 1) / 2]
      child = (child - 1) / 2
    }
    self.heap[child] = item
  }

  package mutating func popFirst() -> (time: Nanoseconds, event: Event)? {
    guard let first = self.heap.first, let last = self.heap.popLast() else { return nil }
    self.sink(last)
    guard let event = self.slots[first.slot].take() else { return nil }
    self.freeSlots.append(first.slot)
    return (first.time, event)
  }

  private mutating func sink(_ item: Item) {
    guard !self.heap.isEmpty else { return }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < self.heap.count else { break }
      if child + 1 < self.heap.count, Self.isBefore(self.heap[child + 1], self.heap[child]) { child += 1 }
      guard Self.isBefore(self.heap[child], item) else { break }
      self.heap[parent] = self.heap[child]
      parent = child
    }
    self.heap[parent] = item
  }

  @inline(__always)
  private static func isBefore(_ left: Item, _ right: Item) -> Bool {
    left.time != right.time ? left.time < right.time : left.number < right.number
  }
}
