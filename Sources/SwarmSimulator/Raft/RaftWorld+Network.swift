// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// What happens to messages between members.
extension RaftWorld {
  func link(_ from: Int, _ to: Int) -> Int { from * Self.capacity + to }

  func isCut(_ from: Int, _ to: Int) -> Bool { self.cuts[self.link(from, to)] > 0 }

  /// Most messages are quick, a few take long.
  mutating func delay() -> Nanoseconds {
    let draw = self.chance.network.below(1 << 16)
    let spread = self.knobs.network.spread
    let long = draw & 15 == 0 ? spread * 4 : spread
    return self.knobs.network.minimumDelay + long * Nanoseconds(draw >> 4) / 4096
  }

  mutating func send(_ messages: ArraySlice<Message>, from slot: Int) {
    for message in messages {
      self.check(sent: message, by: slot)
      guard let receiver = self.slot(of: message.to) else { continue }
      guard !self.isCut(slot, receiver), !self.chance.network.perMille(self.knobs.network.lossPerMille) else {
        self.oracle.saw(.messageLost)
        continue
      }
      self.put(message, on: self.link(slot, receiver))
      if self.chance.network.perMille(self.knobs.network.duplicationPerMille) {
        self.oracle.saw(.messageDoubled)
        self.put(message, on: self.link(slot, receiver))
      }
    }
  }

  private mutating func put(_ message: Message, on link: Int) {
    var arrival = self.now + self.delay()
    if arrival <= self.lastArrival[link] {
      if self.knobs.network.isOrdered { arrival = self.lastArrival[link] + 1 } else { self.oracle.saw(.messageOvertaken) }
    }
    self.lastArrival[link] = max(arrival, self.lastArrival[link])
    self.events.add(.deliver(message), at: arrival)
  }

  mutating func deliver(_ message: Message) {
    guard let slot = self.slot(of: message.to), let sender = self.slot(of: message.from) else { return }
    self.hash.mix(message.traceDigest)
    guard !self.isCut(sender, slot) else { return self.oracle.saw(.messageLost) }
    guard self.wakes(slot, life: self.members[slot].life, .deliver(message)) else { return }
    self.note("\(message.from) → \(message.to)  \(message.body.summary) (term \(message.term))")
    var message = message
    if self.eventCount & 31 == 0 { message = self.coded(message) }
    self.count(message, at: slot)
    let now = self.clock(slot)
    self.members[slot].core.receive(message, now: now)
    self.scheduleTurn(slot)
  }

  /// The message as a real connection brings it.
  private mutating func coded(_ message: Message) -> Message {
    self.oracle.saw(.frameCoded)
    let frame = MessageCodec.encode(message)
    do throws(RaftError) {
      let decoded = try MessageCodec.decode(frame[MessageCodec.lengthPrefix...])
      if decoded != message { self.oracle.violate("a frame changes the message \(message.body.summary)") }
      return decoded
    } catch {
      self.oracle.violate("a frame can't be read: \(error)")
      return message
    }
  }

  private mutating func count(_ message: Message, at slot: Int) {
    switch message.body {
    case .voteResponse(granted: false): self.oracle.saw(.voteRefused)
    case .preVoteResponse(_, granted: false): self.oracle.saw(.preVoteRefused)
    case .appendRejected: self.oracle.saw(.appendRejected)
    case .preVoteRequest, .voteRequest:
      let isMember = self.members[slot].core.membership[message.from] != nil
      if !isMember, !self.members[slot].core.membership.members.isEmpty { self.oracle.saw(.removedMemberAskedForVotes) }
    default: break
    }
  }

  mutating func peerLost(_ peer: RaftID, by id: RaftID) {
    guard let slot = self.slot(of: id), self.wakes(slot, life: self.members[slot].life, .peerLost(peer, by: id)) else { return }
    try? self.feed(slot) { core, now in core.peerLost(peer, now: now) }
  }
}

extension Message {
  /// Tells messages apart in a trace's hash; cheap, and the same in every process.
  var traceDigest: UInt64 {
    var digest = self.from.rawValue << 40 ^ self.to.rawValue << 32 ^ self.term.rawValue
    switch self.body {
    case .preVoteRequest(let candidacy): digest ^= 1 << 56 ^ candidacy.last.index.rawValue << 16
    case .preVoteResponse(let term, let granted): digest ^= 2 << 56 ^ term.rawValue << 16 ^ (granted ? 1 << 30 : 0)
    case .voteRequest(let candidacy): digest ^= 3 << 56 ^ candidacy.last.index.rawValue << 16
    case .voteResponse(let granted): digest ^= 4 << 56 ^ (granted ? 1 << 30 : 0)
    case .append(let append):
      digest ^= 5 << 56 ^ append.previous.index.rawValue << 16 ^ UInt64(append.entries.count) << 24
    case .appendAccepted(let match): digest ^= 6 << 56 ^ match.rawValue << 16
    case .appendRejected(let rejection): digest ^= 7 << 56 ^ rejection.previous.rawValue << 16
    case .heartbeat(let commit, let round): digest ^= 8 << 56 ^ commit.rawValue << 16 ^ round << 24
    case .heartbeatResponse(let round): digest ^= 9 << 56 ^ round << 16
    case .installSnapshot(let metadata): digest ^= 10 << 56 ^ metadata.index.rawValue << 16
    case .timeoutNow: digest ^= 11 << 56
    case .readIndexRequest(let context): digest ^= 12 << 56 ^ context << 16
    case .readIndexResponse(let context, let index): digest ^= 13 << 56 ^ context << 16 ^ index.rawValue
    }
    return digest
  }
}

extension Message.Body {
  /// For traces: as short as it can be told.
  var summary: String {
    switch self {
    case .append(let append):
      "append \(append.entries.count) entries behind \(append.previous), commit \(append.commit)"
    case .installSnapshot(let metadata): "install the snapshot at \(metadata.position)"
    default: "\(self)"
    }
  }
}
