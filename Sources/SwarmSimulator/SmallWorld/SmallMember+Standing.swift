// SPDX-License-Identifier: Apache-2.0

internal import Raft

extension SmallMember {
  /// What decides which messages a member can still be moved by.
  struct Standing: Equatable {
    var term: Term
    var role: RaftStatus.Role
    /// The term on its disk, behind which it never falls back.
    var durableTerm: Term
    /// Whether it gave its vote in the term on its disk.
    var hasVoted: Bool
  }
}

extension SmallMember.Standing {
  /// Whether a message to this member does nothing from now on: neither to it, nor by an answer that could move anybody.
  ///
  /// - Parameters:
  ///   - message: the message.
  ///   - sender: how its sender stands now.
  ///   - lastTerm: the newest term that there can be.
  func isBeyond(_ message: Message, from sender: Self, lastTerm: Term) -> Bool {
    guard self.durableTerm >= message.term else { return false }
    switch message.body {
    case .voteResponse:
      // It counts in the campaign of its term, which begins but once.
      return self.term > message.term || self.role != .candidate
    case .appendAccepted, .appendRejected, .heartbeatResponse:
      return self.term > message.term || self.role != .leader
    case .voteRequest:
      // A vote that is on the disk stays. The answer tells the term, and counts in the campaign.
      let isAnswered = self.durableTerm > message.term || self.hasVoted
      return isAnswered && sender.durableTerm >= message.term && !sender.isCampaigning(in: message.term)
        && (self.durableTerm == message.term ? message.term == lastTerm : sender.durableTerm >= lastTerm)
    case .append, .heartbeat:
      // It is only told the term.
      return self.durableTerm > message.term && sender.durableTerm >= lastTerm
    case .preVoteRequest, .preVoteResponse, .installSnapshot, .timeoutNow, .readIndexRequest, .readIndexResponse:
      return false
    }
  }

  private func isCampaigning(in term: Term) -> Bool { self.term == term && self.role == .candidate }
}
