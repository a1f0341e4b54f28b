// SPDX-License-Identifier: Apache-2.0

internal import Raft
internal import RaftNIO
internal import SwarmControl
internal import SwarmModel

/// The replicated store as the state machine of the managers' Raft group.
struct StoreMachine: StateMachine {
  let board: StoreBoard

  mutating func apply(_ entries: [Entry], into outputs: inout [Applied]) throws {
    for entry in entries {
      let decoded = try LogEntry(decoding: entry.payload)
      outputs.append(self.board.apply(decoded, index: entry.index.rawValue, term: entry.term.rawValue))
    }
  }

  func didChange(_ event: RaftEvent) {
    self.board.publish(event)
  }

  func snapshot() -> any SnapshotSource {
    let store = self.board.store
    return SnapshotBytes { store.encodeSnapshot() }
  }

  mutating func restore(from snapshot: [UInt8]) throws {
    self.board.restored(try Store(snapshot: snapshot))
  }
}
