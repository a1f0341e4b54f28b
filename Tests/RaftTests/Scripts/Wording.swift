// SPDX-License-Identifier: Apache-2.0

import Raft

/// What a script can hear of a member besides its messages.
struct Reported {
  var role: RaftStatus.Role
  var term: Term
  var commit: LogIndex
  var applied: LogIndex
  var reads: [Ready.Read]
  var failedReads: Int
  var abandonedTransfers: Int
  var snapshotsToSend: [RaftID]
  var refused: Int

  func news(since old: Reported) -> [String] {
    var news: [String] = []
    if self.role != old.role || self.term != old.term { news.append("\(self.role) in term \(self.term)") }
    if self.commit != old.commit { news.append("commits \(self.commit)") }
    if self.applied != old.applied { news.append("applies \(self.applied)") }
    for read in self.reads.dropFirst(old.reads.count) { news.append("may serve read \(read.id) at \(read.index)") }
    if self.failedReads > old.failedReads { news.append("fails reads") }
    if self.abandonedTransfers > old.abandonedTransfers { news.append("gives the transfer up") }
    for member in self.snapshotsToSend where !old.snapshotsToSend.contains(member) {
      news.append("needs a snapshot for \(member)")
    }
    if self.refused > old.refused { news.append("refuses what it heard") }
    return news
  }
}

extension TestNode {
  var reported: Reported {
    let status = self.status
    return Reported(
      role: status.role,
      term: status.term,
      commit: status.commit,
      applied: self.applied,
      reads: self.reads,
      failedReads: self.failedReads.count,
      abandonedTransfers: self.abandonedTransfers.count,
      snapshotsToSend: self.snapshotsToSend,
      refused: status.refusedMessages
    )
  }
}

extension Membership {
  var described: String { self.members.map { "\($0.id) \($0.role)" }.joined(separator: ", ") }
}

extension Message {
  /// The message as one says it.
  var described: String { "\(self.from)>\(self.to) [\(self.term)] \(self.body.described)" }
}

extension Message.Body {
  fileprivate var described: String {
    switch self {
    case .preVoteRequest(let candidacy): "would you vote for me in \(candidacy.term)? my log ends at \(candidacy.last)"
    case .preVoteResponse(let term, let granted): granted ? "I would in \(term)" : "I would not in \(term)"
    case .voteRequest(let candidacy): "vote for me; my log ends at \(candidacy.last)"
    case .voteResponse(let granted): granted ? "you have my vote" : "no"
    case .append(let append):
      append.entries.isEmpty
        ? "do you have \(append.previous)? commit \(append.commit)"
        : "after \(append.previous): \(append.entries.map(\.described).joined(separator: " ")), commit \(append.commit)"
    case .appendAccepted(let match): "I have \(match)"
    case .appendRejected(let rejection): "I lack \(rejection.previous), try \(rejection.hint)"
    case .heartbeat(let commit, let round): "I lead, commit \(commit)" + (round > 0 ? ", round \(round)" : "")
    case .heartbeatResponse(let round): round > 0 ? "you lead, round \(round)" : "you are late"
    case .installSnapshot(let metadata): "here is a snapshot at \(metadata.position)"
    case .timeoutNow: "take over"
    case .readIndexRequest: "where may I read?"
    case .readIndexResponse(_, let index): "you may read at \(index)"
    }
  }
}

extension Entry {
  fileprivate var described: String {
    switch self.kind {
    case .command: "\(self.position)=\(String(decoding: self.payload, as: UTF8.self))"
    case .configuration: "\(self.position)={\((try? Membership(decoding: self.payload))?.described ?? "?")}"
    default: "\(self.position)"
    }
  }
}
