// SPDX-License-Identifier: Apache-2.0

internal import Gossip

/// Who is who, and which nodes really run: what no node can know.
struct GossipWorld: Sendable {
  private var indexes: [MemberID: Int] = [:]
  /// The epoch in which each node runs, nil while it doesn't.
  private(set) var running: [UInt64?] = []

  mutating func add(_ id: MemberID, epoch: UInt64) {
    self.indexes[id] = self.running.count
    self.running.append(epoch)
  }

  mutating func set(_ node: Int, running epoch: UInt64?) { self.running[node] = epoch }

  func index(of id: MemberID) -> Int? { self.indexes[id] }

  func isRunning(_ node: Int, epoch: UInt64) -> Bool { self.running[node] == epoch }
}
