// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import SwarmModel

/// What the orchestrators remember of one service: its slots and what is to be looked at.
struct ServiceRecord: Sendable {
  /// How full a slot is.
  enum Occupancy: Sendable, Hashable {
    /// Nobody is in it and the next task may go there.
    case vacant
    /// A task runs, or is to run, in it.
    case runnable
    /// Its last task ended and isn't replaced; the slot isn't given to another one.
    case finished
  }

  /// How a slot's tasks stand to the service's specification.
  enum Freshness: Sendable, Hashable {
    /// All tasks that matter follow it.
    case current
    /// A task that follows it isn't running yet.
    case replacing
    /// No task follows it.
    case outdated
  }

  /// There is one of these for every task, so it is small.
  struct Slot: Sendable {
    /// Most slots have one task, which then costs no allocation.
    private var first: TaskID?
    private var others: [TaskID] = []
    var occupancy = Occupancy.vacant
    var freshness = Freshness.current
    var isQueued = false

    init() {}

    var isEmpty: Bool { self.first == nil }
    var tasks: [TaskID] { self.first.map { [$0] + self.others } ?? [] }

    func isAlone(_ task: TaskID) -> Bool { self.first == task && self.others.isEmpty }

    mutating func add(_ task: TaskID) {
      if self.first == nil { self.first = task } else { self.others.append(task) }
    }

    mutating func remove(_ task: TaskID) {
      if self.first == task {
        self.first = self.others.isEmpty ? nil : self.others.removeFirst()
      } else {
        self.others.removeAll { $0 == task }
      }
    }
  }

  /// A task that waits to be started.
  struct Hold: Sendable {
    let task: TaskID
    let until: Duration
    /// Whether it waits for another task to stop.
    let isForStop: Bool
  }

  private(set) var slots: [SlotKey: Slot] = [:]
  /// Until when tasks of slots are held; found once, so that no jump of the wall clock prolongs it.
  private(set) var holds: [SlotKey: Hold] = [:]
  /// Slots to look at, in the order of arrival.
  private var queue: Deque<SlotKey> = []
  /// Slots that aren't vacant.
  private(set) var occupied = 0
  /// Slots whose last task ended for good.
  private(set) var finished = 0
  private(set) var replacing: Set<SlotKey> = []
  private(set) var outdated: Set<SlotKey> = []
  /// No vacant slot has a lower number.
  var lowestVacant: UInt64 = 1
  /// Whether the number of slots, or an update, is to be looked at once the slots are.
  var needsReview = true
  /// How tasks of older versions differ from the current specification.
  var relations: [Version: SpecRelation] = [:]

  init() {}

  var isIdle: Bool { self.queue.isEmpty && !self.needsReview }
  var hasQueuedSlots: Bool { !self.queue.isEmpty }
  var isEmpty: Bool { self.slots.isEmpty }

  mutating func enqueue(_ key: SlotKey) {
    guard self.slots[key]?.isQueued != true else { return }
    self.slots[key, default: Slot()].isQueued = true
    self.queue.append(key)
  }

  mutating func enqueueAll() {
    for key in self.slots.keys.sorted() { self.enqueue(key) }
  }

  /// Takes up to a number of slots to look at.
  mutating func dequeue(_ limit: Int) -> [SlotKey] {
    let keys = Array(self.queue.prefix(limit))
    self.queue.removeFirst(keys.count)
    // What was needed for many slots at once isn't kept for ever.
    if self.queue.isEmpty { self.queue = [] }
    for key in keys { self.slots[key]?.isQueued = false }
    return keys
  }

  mutating func add(_ task: TaskID, to key: SlotKey) {
    self.slots[key, default: Slot()].add(task)
  }

  mutating func remove(_ task: TaskID, from key: SlotKey) {
    self.slots[key]?.remove(task)
  }

  mutating func setHold(_ hold: Hold?, in key: SlotKey) {
    if hold != nil || !self.holds.isEmpty { self.holds[key] = hold }
  }

  /// Stores what was found out about a slot, and forgets slots in which nothing is left.
  mutating func update(_ key: SlotKey, occupancy: Occupancy, freshness: Freshness) {
    guard let slot = self.slots[key] else { return }
    if slot.occupancy != occupancy {
      if slot.occupancy == .vacant { self.occupied += 1 }
      if slot.occupancy == .finished { self.finished -= 1 }
      if occupancy == .finished { self.finished += 1 }
      if occupancy == .vacant {
        self.occupied -= 1
        if case .number(let number) = key { self.lowestVacant = min(self.lowestVacant, number) }
      }
      self.needsReview = true
    }
    if slot.freshness != freshness {
      if slot.freshness == .replacing { self.replacing.remove(key) }
      if slot.freshness == .outdated { self.outdated.remove(key) }
      if self.replacing.isEmpty { self.replacing = [] }
      if self.outdated.isEmpty { self.outdated = [] }
      if freshness == .replacing { self.replacing.insert(key) }
      if freshness == .outdated { self.outdated.insert(key) }
      self.needsReview = true
    }
    if slot.isEmpty, occupancy == .vacant, !slot.isQueued {
      self.slots[key] = nil
    } else {
      self.slots[key]?.occupancy = occupancy
      self.slots[key]?.freshness = freshness
    }
  }

  /// A task is going to be created in a vacant slot.
  mutating func fill(_ key: SlotKey) {
    if self.slots[key] == nil { self.slots[key] = Slot() }
    self.update(key, occupancy: .runnable, freshness: .replacing)
  }

  /// Notes how a slot stands whose only task is this one, and waits for nothing; false when there is more to say of the slot.
  mutating func note(_ task: TaskID, aloneIn key: SlotKey, as freshness: Freshness) -> Bool {
    guard let slot = self.slots[key], slot.occupancy == .runnable, slot.isAlone(task) else { return false }
    guard self.holds.isEmpty || self.holds[key] == nil else { return false }
    if slot.freshness != freshness { self.update(key, occupancy: .runnable, freshness: freshness) }
    return true
  }

  /// The lowest numbers of slots that aren't occupied.
  mutating func vacantNumbers(_ count: Int) -> [UInt64] {
    var numbers: [UInt64] = []
    var number = self.lowestVacant
    while numbers.count < count {
      if (self.slots[.number(number)]?.occupancy ?? .vacant) == .vacant { numbers.append(number) }
      number += 1
    }
    return numbers
  }
}
