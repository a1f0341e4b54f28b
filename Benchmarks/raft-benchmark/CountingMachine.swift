// SPDX-License-Identifier: Apache-2.0

internal import Raft
internal import RaftNIO

/// A state machine that costs nothing, so that what is measured is Raft.
struct CountingMachine: StateMachine {
  private var count: UInt64 = 0
  private let before: (@Sendable () -> Void)?

  /// - Parameter before: called with each batch.
  init(before: (@Sendable () -> Void)? = nil) { self.before = before }

  mutating func apply(_ entries: [Entry], into outputs: inout [UInt64]) {
    self.before?()
    for _ in entries {
      self.count += 1
      outputs.append(self.count)
    }
  }

  func snapshot() -> any SnapshotSource {
    let count = self.count
    return SnapshotBytes { (0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) } }
  }

  mutating func restore(from snapshot: [UInt8]) {
    self.count = snapshot.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
