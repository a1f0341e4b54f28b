// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import SwarmModel

/// Collects tasks that are over and done with, so that they are removed in company and cost no entry of their own.
struct Reaper: Sendable {
  /// Whether the oldest of them has waited long enough.
  var isDue = false
  private var tasks: Set<TaskID> = []
  /// The tasks in the order of arrival, and some that are gone already.
  private var order: Deque<TaskID> = []
  /// From this number on nothing waits any longer.
  private static var fullBatch: Int { 1_000 }

  init() {}

  /// Whether tasks are to be removed without waiting for company.
  var hasMore: Bool { !self.tasks.isEmpty && (self.isDue || self.tasks.count >= Self.fullBatch) }

  var isEmpty: Bool { self.tasks.isEmpty }

  mutating func add(_ ids: [TaskID]) {
    for id in ids where self.tasks.insert(id).inserted { self.order.append(id) }
  }

  mutating func removed(_ id: TaskID) {
    self.tasks.remove(id)
  }

  /// Takes a batch, those that have waited longest first.
  mutating func take(_ limit: Int) -> [TaskID] {
    var batch: [TaskID] = []
    while batch.count < limit, let id = self.order.popFirst() {
      if self.tasks.remove(id) != nil { batch.append(id) }
    }
    if self.tasks.isEmpty {
      self.isDue = false
      self.order = []
    }
    return batch
  }
}

extension Control {
  /// Removes collected tasks when it is time, or when an entry is being made anyway.
  mutating func draftRemovals() {
    guard !self.reaper.isEmpty else { return }
    guard self.reaper.hasMore || !self.draft.isEmpty else {
      self.timers.setEarliest(.reaper, at: self.now + self.configuration.reapDelay)
      return
    }
    let batch = self.reaper.take(4 * Change.maximumItems)
    self.draftChanges(batch.pieces(of: Change.maximumItems).map(Change.removeTasks))
    if self.reaper.isEmpty { self.timers.cancel(.reaper) }
  }
}
