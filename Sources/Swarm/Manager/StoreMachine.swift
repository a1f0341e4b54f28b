// SPDX-License-Identifier: Apache-2.0

internal import Raft
internal import RaftNIO
internal import SwarmControl
internal import SwarmModel

/// The replicated store as the state machine of the managers' Raft group.
struct StoreMachine: StateMachine {
  private var store = Store()
  private let board: StoreBoard

  init(board: StoreBoard) {
    self.board = board
  }

  mutating func apply(_ entries: [Entry], into outputs: inout [Applied]) throws {
    for entry in entries {
      let decoded = try LogEntry(decoding: entry.payload)
      let applied = self.store.apply(decoded, index: entry.index.rawValue)
      outputs.append(applied)
      self.board.publish(entry: decoded, applied: applied, store: self.store)
    }
  }

  func didChange(_ event: RaftEvent) {
    self.board.publish(event)
  }

  func snapshot() -> any SnapshotSource {
    let store = self.store
    return SnapshotBytes { store.encodeSnapshot() }
  }

  mutating func restore(from snapshot: [UInt8]) throws {
    self.store = try Store(snapshot: snapshot)
    self.board.restored(self.store)
  }
}
