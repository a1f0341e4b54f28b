// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// What one entry of the replicated log holds: changes that are applied in order, all of them or (each by itself) none.
package struct LogEntry: Sendable, Hashable {
  /// The newest format that this version writes and reads.
  package static var currentFormat: UInt8 { 1 }

  /// The format that the entry is written in.
  package var formatVersion: UInt8
  /// The term of the leader that made the entry.
  package var leaderTerm: UInt64
  /// The leader's wall time; the only clock that applying sees.
  package var time: Timestamp
  /// The request that the entry answers, when a client made one.
  package var client: ClientStamp?
  /// The changes, in order.
  package var changes: [Change]

  /// Creates an entry.
  package init(
    formatVersion: UInt8 = LogEntry.currentFormat,
    leaderTerm: UInt64,
    time: Timestamp,
    client: ClientStamp? = nil,
    changes: [Change]
  ) {
    self.formatVersion = formatVersion
    self.leaderTerm = leaderTerm
    self.time = time
    self.client = client
    self.changes = changes
  }
}
