// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// What was handed to the state machine, and what it has taken in.
struct ApplyProgress: Sendable {
  private struct Batch {
    var last: LogIndex
    var bytes: Int
  }

  /// The last entry that the state machine has taken in.
  private(set) var applied: LogIndex
  /// The last entry handed out.
  private(set) var handed: LogIndex
  /// A snapshot that must be restored before anything else is applied; nil once that is done.
  private(set) var restoring: SnapshotMetadata?
  private var isRestoreHandedOut = false
  private var batches: Deque<Batch> = []
  private(set) var bytes = 0

  init(applied: LogIndex) {
    self.applied = applied
    self.handed = applied
  }

  mutating func handOut(through last: LogIndex, bytes: Int) {
    self.handed = last
    self.bytes += bytes
    self.batches.append(Batch(last: last, bytes: bytes))
  }

  /// A snapshot takes the place of everything that wasn't applied.
  mutating func restore(_ snapshot: SnapshotMetadata) {
    self.restoring = snapshot
    self.isRestoreHandedOut = false
    self.handed = snapshot.index
  }

  /// The snapshot to restore, once, as soon as it is on the disk.
  mutating func takeRestore(durableSnapshot: LogIndex) -> SnapshotMetadata? {
    guard let snapshot = self.restoring, !self.isRestoreHandedOut, snapshot.index <= durableSnapshot else { return nil }
    self.isRestoreHandedOut = true
    return snapshot
  }

  mutating func applied(through index: LogIndex) {
    // A snapshot that isn't handed out can't have been restored.
    guard index > self.applied, index <= self.handed, index < self.restoring?.index ?? .max || self.isRestoreHandedOut
    else { return }
    self.applied = index
    if let snapshot = self.restoring, index >= snapshot.index { self.restoring = nil }
    while let first = self.batches.first, first.last <= index {
      self.bytes -= first.bytes
      self.batches.removeFirst()
    }
  }
}

extension LogIndex {
  static let max = LogIndex(.max)
}
