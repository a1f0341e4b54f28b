// SPDX-License-Identifier: Apache-2.0
internal import DequeModule
internal import HashTreeCollections
internal import SwarmModel

/// What clients' requests came to, so that a retry is answered instead of applied again.
///
/// Of each client the outcomes of its newest requests are kept; a client that sent nothing for a while is forgotten. Both follow from
/// the log alone.
struct ClientSessions: Sendable {
  /// How many outcomes of a client are kept: more than it may have under way at the same time.
  static var window: Int { 128 }
  /// How long a client may be silent before it is forgotten, by the times that entries carry.
  static var lifetime: Duration { .seconds(3600) }
  /// How often silent clients are looked for.
  static var expiryInterval: Duration { .seconds(60) }

  struct Session: Sendable, Hashable {
    /// The outcomes by sequence, the oldest first.
    var outcomes: Deque<Remembered> = []
    /// Requests up to this sequence have lost their outcomes.
    var forgottenUpTo: UInt64 = 0
    /// When the client sent something last.
    var lastUsed = Timestamp.zero

    mutating func remember(_ outcome: Outcome, of sequence: UInt64, time: Timestamp) {
      let position = self.outcomes.lastIndex { $0.sequence < sequence }.map { $0 + 1 } ?? 0
      self.outcomes.insert(Remembered(sequence: sequence, outcome: outcome), at: position)
      if self.outcomes.count > ClientSessions.window { self.forgottenUpTo = self.outcomes.removeFirst().sequence }
      self.lastUsed = max(self.lastUsed, time)
    }
  }

  struct Remembered: Sendable, Hashable {
    var sequence: UInt64 = 0
    var outcome = Outcome(version: .zero)
  }

  var sessions: TreeDictionary<ClientID, Session> = [:]
  var nextExpiry = Timestamp.zero

  /// What a request came to; `nil` when it was not applied yet.
  func outcome(of stamp: ClientStamp) -> Outcome? {
    guard let session = self.sessions[stamp.client] else { return nil }
    // Most requests are new, and their sequences go up.
    if let newest = session.outcomes.last?.sequence, stamp.sequence > newest { return nil }
    if let remembered = session.outcomes.last(where: { $0.sequence == stamp.sequence }) {
      return remembered.outcome
    }
    guard stamp.sequence <= session.forgottenUpTo else { return nil }
    return Outcome(
      version: .zero,
      error: SwarmError(code: .outcomeUnknown, message: "the request is too old to tell what it came to")
    )
  }

  /// Keeps what a request came to.
  mutating func remember(_ outcome: Outcome, of stamp: ClientStamp, time: Timestamp) {
    if time >= self.nextExpiry {
      self.expire(before: time - Self.lifetime)
      self.nextExpiry = time + Self.expiryInterval
    }
    // In place: taken out of the map, all that is remembered of the client would be copied.
    self.sessions[stamp.client, default: Session()].remember(outcome, of: stamp.sequence, time: time)
  }

  /// Notes that a client is alive.
  mutating func touch(_ client: ClientID, time: Timestamp) {
    guard let session = self.sessions[client], session.lastUsed < time else { return }
    self.sessions[client]?.lastUsed = time
  }

  /// Forgets clients that sent nothing since a moment.
  mutating func expire(before moment: Timestamp) {
    let silent = self.sessions.filter { $0.value.lastUsed < moment }
    for client in silent.keys {
      self.sessions[client] = nil
    }
  }
}
