// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  /// A message arrived.
  ///
  /// Messages may come late, twice and in any order; what can't be right is counted and passed over.
  public mutating func receive(_ message: Message, now: Duration) {
    guard self.begin(now) else { return }
    guard message.to == self.id, message.from != self.id, message.isPlausible else { return self.refuse() }
    if !self.unreachable.isEmpty { self.unreachable.removeAll { $0 == message.from } }
    if message.term > self.term {
      guard self.stepsForward(for: message) else { return }
    } else if message.term < self.term {
      guard self.isOfUse(stale: message) else { return }
    }
    self.dispatch(message)
  }

  /// The connection to a member broke (its end was closed, not merely slow).
  ///
  /// On a follower that lost its leader an election begins soon. It harms nobody when the leader is alive: members that
  /// still hear from it refuse the pre-vote.
  public mutating func peerLost(_ peer: RaftID, now: Duration) {
    guard self.begin(now), peer != self.id else { return }
    if !self.unreachable.contains(peer) { self.unreachable.append(peer) }
    if let position = self.leadership?.position(of: peer) {
      self.leadership?.peers[position].connectionLost()
    }
    self.leaderMayBeLost(peer)
  }

  /// Whether a message of a newer term is to be handled; takes over the term unless the message is only about the future.
  private mutating func stepsForward(for message: Message) -> Bool {
    switch message.body {
    #if PLANTED_BUGS
      case .preVoteResponse where PlantedBug.isPlanted(3):
        return true
    #endif
    case .preVoteRequest, .preVoteResponse(_, granted: true):
      // They name a term that nobody is in yet.
      return true
    case .voteRequest(let candidacy) where !candidacy.isTransfer && self.hasLiveLeader:
      // Somebody who doesn't hear the leader that we hear must not disturb it (thesis, section 4.2.3).
      return false
    case .append, .heartbeat, .installSnapshot:
      self.becomeFollower(term: message.term, leader: message.from)
      return true
    default:
      self.becomeFollower(term: message.term, leader: nil)
      return true
    }
  }

  /// Whether a message of an older term is to be handled.
  ///
  /// Senders that can't know better are told the term; else a member that was cut off with a higher term could neither follow
  /// nor be elected (etcd #8334, #8501).
  private mutating func isOfUse(stale message: Message) -> Bool {
    switch message.body {
    #if PLANTED_BUGS
      case _ where PlantedBug.isPlanted(5):
        return false
    #endif
    case .append, .heartbeat, .installSnapshot:
      self.send(.heartbeatResponse(round: 0), to: message.from)
    case .voteRequest:
      self.send(.voteResponse(granted: false), to: message.from)
    case .preVoteRequest, .preVoteResponse:
      return true
    default:
      break
    }
    return false
  }

  private mutating func dispatch(_ message: Message) {
    let sender = message.from
    switch message.body {
    case .preVoteRequest(let candidacy): self.handle(preVote: candidacy, from: sender)
    case .preVoteResponse(let term, let granted): self.handle(preVoteFor: term, granted: granted, from: sender)
    case .voteRequest(let candidacy): self.handle(vote: candidacy, from: sender)
    case .voteResponse(let granted): self.handle(voteGranted: granted, from: sender)

    case .append(let append):
      if self.follow(sender) { self.handle(append, from: sender) }
    case .heartbeat(let commit, let round):
      if self.follow(sender) { self.handle(heartbeat: commit, round: round, from: sender) }
    case .installSnapshot(let metadata):
      if self.follow(sender) { self.handle(snapshot: metadata) }
    case .timeoutNow:
      self.handleTimeoutNow(from: sender)

    case .appendAccepted(let match): self.handle(accepted: match, from: sender)
    case .appendRejected(let rejection): self.handle(rejection, from: sender)
    case .heartbeatResponse(let round): self.handle(heartbeatResponse: round, from: sender)

    case .readIndexRequest(let context): self.handle(readRequest: context, from: sender)
    case .readIndexResponse(let context, let index): self.handle(readResponse: context, index: index)
    }
  }
}

extension Message {
  /// Whether all numbers leave room to count on.
  fileprivate var isPlausible: Bool {
    guard self.term.rawValue < largestNumber else { return false }
    switch self.body {
    case .preVoteRequest(let candidacy), .voteRequest(let candidacy):
      return candidacy.term.rawValue <= largestNumber && candidacy.last.isPlausible
    case .append(let append):
      return append.previous.isPlausible && append.commit.rawValue < largestNumber
    case .appendAccepted(let index), .heartbeat(let index, _), .readIndexResponse(_, let index):
      return index.rawValue < largestNumber
    case .appendRejected(let rejection):
      return rejection.previous.rawValue < largestNumber && rejection.hint.isPlausible
    case .installSnapshot(let metadata):
      return metadata.position.isPlausible && metadata.index > .zero
    case .preVoteResponse, .voteResponse, .heartbeatResponse, .timeoutNow, .readIndexRequest:
      return true
    }
  }
}

extension LogPosition {
  fileprivate var isPlausible: Bool { self.index.rawValue < largestNumber && self.term.rawValue < largestNumber }
}
