// SPDX-License-Identifier: Apache-2.0

/// Consensus settings; but for ``snapshotInterval`` they are kept for docker's clients, while nodes are configured on their own.
public struct RaftConfig: Sendable, Hashable {
  /// Log entries between snapshots; 0 leaves it to the managers.
  ///
  /// Docker's swarms begin with 10,000. Most of what is an entry of its own there shares one here, and a snapshot is made before the log gets long in any case.
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
    snapshotInterval: UInt64 = 100_000,
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
