// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  /// When the leader was last heard of.
  struct LeaderContact: Sendable {
    var leader: RaftID
    var last: Duration
    /// The connection to it broke since.
    var isLost = false
  }

  /// Asking for votes or pre-votes.
  struct Campaign: Hashable, Sendable {
    var isPreVote: Bool
    /// The term to be elected in.
    var term: Term
    var votes = VoteTally()
  }

  /// What a follower knows about its leader's log, in this term.
  struct FollowerState: Sendable {
    /// The last entry known to be equal to the leader's.
    var verified: LogIndex = .zero
    /// The last entry acknowledged.
    var acknowledged: LogIndex = .zero
    /// The leader waits for an acknowledgement.
    var owesAcknowledgement = false
    /// The disk caught up since the last acknowledgement.
    var diskAdvanced = false
    /// How long to wait for the leader's next word.
    ///
    /// Drawn once per leader and configuration: that is random enough.
    var patience: Duration?
  }

  /// Results for the next batch that aren't messages.
  struct PendingResults: Sendable {
    var logReads: [Ready.LogRead] = []
    var snapshotsToSend: [RaftID] = []
    var reads: [Ready.Read] = []
    var failedReads: [ReadRequestID] = []
    var abandonedTransfer: RaftID?
  }

  /// What the last batch said.
  struct ReportedState: Sendable {
    var role = RaftStatus.Role.follower
    var term: Term
    var leader: RaftID?
    /// Nil before the first batch, which always tells the configuration.
    var membershipVersion: UInt64?
    var hasFailed = false
  }
}
