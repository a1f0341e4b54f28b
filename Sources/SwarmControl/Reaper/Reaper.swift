// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Collects tasks that are over and done with, so that they are removed in company and cost no entry of their own.
struct Reaper: Sendable {
  /// Whether the oldest of them has waited long enough.
  var isDue = false
  private var tasks: Set<TaskID> = []
  /// From this number on nothing waits any longer.
  private static var fullBatch: Int { 1_000 }

  init() {}

  /// Whether tasks are to be removed without waiting for company.
  var hasMore: Bool { !self.tasks.isEmpty && (self.isDue || self.tasks.count >= Self.fullBatch) }

  var isEmpty: Bool { self.tasks.isEmpty }

  mutating func add(_ ids: [TaskID]) {
    self.tasks.formUnion(ids)
  }

  mutating func removed(_ id: TaskID) {
    self.tasks.remove(id)
  }

  /// Takes a batch, the lowest ids first.
  mutating func take(_ limit: Int) -> [TaskID] {
    let batch = Array(self.tasks.sorted().prefix(limit))
    self.tasks.subtract(batch)
    if self.tasks.isEmpty { self.isDue = false }
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
