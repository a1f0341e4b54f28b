// SPDX-License-Identifier: Apache-2.0

internal import Raft
internal import RaftNIO
internal import SwarmControl
internal import SwarmModel

/// The replicated store as the state machine of the managers' Raft group.
struct StoreMachine: StateMachine {
  let board: StoreBoard
  /// As the swarm's specification says, on every manager.
  private(set) var entriesBetweenSnapshots: Int?

  init(board: StoreBoard) { self.board = board }

  mutating func apply(_ entries: [Entry], into outputs: inout [Applied]) throws {
    for entry in entries {
      let decoded = try LogEntry(decoding: entry.payload)
      let applied = self.board.apply(decoded, index: entry.index.rawValue, term: entry.term.rawValue)
      if let cluster = applied.changes.clusters.last?.new { self.clusterChanged(cluster) }
      outputs.append(applied)
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
    let store = try Store(snapshot: snapshot)
    if let cluster = store.cluster { self.clusterChanged(cluster) }
    self.board.restored(store)
  }

  private mutating func clusterChanged(_ cluster: Cluster) {
    let interval = cluster.spec.raft.snapshotInterval
    self.entriesBetweenSnapshots = interval == 0 ? nil : Int(clamping: interval)
  }
}
