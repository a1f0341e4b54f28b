// SPDX-License-Identifier: Apache-2.0

public import Raft

/// What a node knows at this moment: consensus, whose fields it passes on (`status.role`, `status.term` …), and what the
/// node itself is busy with.
///
/// Amounts count from the start of the node.
@dynamicMemberLookup
public struct NodeStatus: Sendable, Hashable {
  /// Role, term, leader, indexes, membership, and how far each follower is.
  public var raft: RaftStatus
  /// How long proposals took until this member, as the leader, had applied them.
  public var commitLatency: LatencyHistogram
  /// What the log costs.
  public var log: Log
  /// The parts of the last full second that loop, disk and state machine were busy.
  public var saturation: Saturation
  /// The longest turn of the event loop that Raft took.
  public var slowestTurn: Duration
  /// The longest that the state machine took for a batch.
  public var slowestApply: Duration

  /// Passes on what consensus says.
  public subscript<Value>(dynamicMember member: KeyPath<RaftStatus, Value>) -> Value { self.raft[keyPath: member] }

  /// How many entries a follower is behind this leader's log; `nil` for others.
  public func lag(of follower: RaftID) -> UInt64? {
    self.raft.peers.first { $0.id == follower }.map { self.raft.lastIndex.rawValue - min(self.raft.lastIndex, $0.match).rawValue }
  }

  /// What the log costs.
  public struct Log: Sendable, Hashable {
    /// Batches of entries handed to the log.
    public var batches: Int
    /// Entries in them.
    public var entries: Int
    /// How often the disk was waited for.
    public var syncs: Int
    /// Bytes written.
    public var bytes: Int
    /// The longest that a round of the log's thread took.
    public var slowestWrite: Duration
  }

  /// How much of a second something was busy; 1 means that it can't do more.
  public struct Saturation: Sendable, Hashable {
    /// The event loop, with what Raft does on it.
    public var loop: Double
    /// The thread that writes the log.
    public var disk: Double
    /// The state machine, which is part of the loop's time.
    public var apply: Double

    static let idle = Self(loop: 0, disk: 0, apply: 0)
  }
}

extension NodeDriver {
  var status: NodeStatus {
    NodeStatus(
      raft: self.core.status,
      commitLatency: self.activity.commitLatency,
      log: NodeStatus.Log(
        batches: self.activity.batches,
        entries: self.activity.entries,
        syncs: self.activity.log.syncs,
        bytes: self.activity.log.bytes,
        slowestWrite: self.activity.log.slowest
      ),
      saturation: self.gauges.saturation,
      slowestTurn: .nanoseconds(self.activity.slowestTurn),
      slowestApply: .nanoseconds(self.activity.slowestApply)
    )
  }
}
