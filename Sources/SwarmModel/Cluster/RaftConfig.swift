// SPDX-License-Identifier: Apache-2.0

/// Consensus settings; kept for docker's clients, while nodes are configured on their own.
public struct RaftConfig: Sendable, Hashable {
  /// Log entries between snapshots.
  public var snapshotInterval: UInt64
  /// Older snapshots that are kept.
  public var keepOldSnapshots: UInt64
  /// Log entries kept behind a snapshot for slow followers.
  public var logEntriesForSlowFollowers: UInt64
  /// Ticks between heartbeats.
  public var heartbeatTick: UInt32
  /// Ticks without a leader before an election.
  public var electionTick: UInt32
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    snapshotInterval: UInt64 = 10_000,
    keepOldSnapshots: UInt64 = 0,
    logEntriesForSlowFollowers: UInt64 = 500,
    heartbeatTick: UInt32 = 1,
    electionTick: UInt32 = 10,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.snapshotInterval = snapshotInterval
    self.keepOldSnapshots = keepOldSnapshots
    self.logEntriesForSlowFollowers = logEntriesForSlowFollowers
    self.heartbeatTick = heartbeatTick
    self.electionTick = electionTick
    self.unknownFields = unknownFields
  }
}
