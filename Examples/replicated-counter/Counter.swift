// SPDX-License-Identifier: Apache-2.0

import Raft
import RaftNIO

/// What is replicated: a number.
///
/// A command is empty and means "one more".
struct Counter: StateMachine {
  private(set) var value: UInt64 = 0

  mutating func apply(_ entries: [Entry], into outputs: inout [UInt64]) {
    for _ in entries {
      self.value += 1
      outputs.append(self.value)
    }
  }

  func snapshot() -> any SnapshotSource {
    let value = self.value
    return SnapshotBytes { (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
  }

  mutating func restore(from snapshot: [UInt8]) {
    self.value = snapshot.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
