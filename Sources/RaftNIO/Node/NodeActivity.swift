// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Raft

/// What a node did since it started.
///
/// Costs a few additions per batch, and nothing per entry.
struct NodeActivity {
  /// What was written to the log.
  var log = LogTraffic()
  /// Batches of entries handed to the log.
  private(set) var batches = 0
  /// Entries in them.
  private(set) var entries = 0
  /// Time spent in turns.
  private(set) var turning: Int64 = 0
  /// Time that turns spent in the state machine.
  private(set) var applying: Int64 = 0
  private(set) var slowestTurn: Int64 = 0
  private(set) var slowestApply: Int64 = 0
  /// From proposals to their application, on the leader.
  private(set) var commitLatency = LatencyHistogram()
  private var proposals = CircularBuffer<(last: LogIndex, count: Int, began: NIODeadline)>()

  mutating func submitted(_ entries: Int) {
    guard entries > 0 else { return }
    self.batches += 1
    self.entries += entries
  }

  mutating func turned(from began: NIODeadline, to end: NIODeadline) {
    let time = (end - began).nanoseconds
    self.turning += time
    self.slowestTurn = max(self.slowestTurn, time)
  }

  mutating func applied(from began: NIODeadline, to end: NIODeadline) {
    let time = (end - began).nanoseconds
    self.applying += time
    self.slowestApply = max(self.slowestApply, time)
  }

  mutating func proposed(through last: LogIndex, count: Int, at began: NIODeadline) {
    self.proposals.append((last, count, began))
  }

  /// Everything up to `index` is applied.
  ///
  /// - Returns: How long the newest batch of proposals in it took.
  mutating func finished(through index: LogIndex, at end: NIODeadline) -> Int64? {
    var latest: Int64?
    while let first = self.proposals.first, first.last <= index {
      self.proposals.removeFirst()
      let time = (end - first.began).nanoseconds
      self.commitLatency.add(nanoseconds: UInt64(max(0, time)), times: first.count)
      latest = time
    }
    return latest
  }

  /// What was proposed may never be applied.
  mutating func leadershipEnded() { self.proposals.removeAll(keepingCapacity: true) }
}
