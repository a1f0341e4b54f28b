// SPDX-License-Identifier: Apache-2.0

/// Events by time; of one time in the order in which they were added.
struct EventQueue<Event> {
  /// Small, since heaps move their items about.
  private struct Item {
    var time: Int64
    var number: Int
    var slot: Int
  }

  private var heap: [Item] = []
  private var slots: [Event?] = []
  private var freeSlots: [Int] = []
  private var added = 0

  var nextTime: Duration? { self.heap.first.map { .nanoseconds($0.time) } }

  mutating func add(_ event: Event, at time: Duration) {
    let slot: Int
    if let free = self.freeSlots.popLast() {
      slot = free
      self.slots[free] = event
    } else {
      slot = self.slots.count
      self.slots.append(event)
    }
    self.added += 1
    let (seconds, attoseconds) = time.components
    let item = Item(time: seconds * 1_000_000_000 + (attoseconds + 999_999_999) / 1_000_000_000, number: self.added, slot: slot)
    self.heap.append(item)
    var child = self.heap.count - 1
    while child > 0, Self.isBefore(item, self.heap[(child - 1) / 2]) {
      self.heap[child] = self.heap[(child - 1) / 2]
      child = (child - 1) / 2
    }
    self.heap[child] = item
  }

  mutating func popFirst() -> (time: Duration, event: Event)? {
    guard let first = self.heap.first, let last = self.heap.popLast() else { return nil }
    self.sink(last)
    guard let event = self.slots[first.slot].take() else { return nil }
    self.freeSlots.append(first.slot)
    return (.nanoseconds(first.time), event)
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

  private static func isBefore(_ left: Item, _ right: Item) -> Bool {
    (left.time, left.number) < (right.time, right.number)
  }
}
