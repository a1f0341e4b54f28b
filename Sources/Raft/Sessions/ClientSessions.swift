// SPDX-License-Identifier: Apache-2.0

internal import HashTreeCollections

/// Exactly-once commands: what clients' requests came to, as a part of a replicated state machine (thesis, section 6.3).
///
/// A client that hears nothing sends its request again, perhaps to another member; the log may then hold it twice. A state
/// machine that passes every request through ``apply(_:now:_:)`` carries it out once and answers the repetition with the first
/// output. All that is decided here depends on the entries alone, so that all members decide alike: time too is the one that
/// entries carry. Copying is O(1), which makes snapshots cheap.
///
/// A session that saw nothing for ``Limits/lifetime`` is forgotten; a request of a forgotten session isn't carried out, because an
/// earlier attempt may have been.
public struct ClientSessions<Client: Hashable & Comparable & Sendable, Output: Sendable>: Sendable {
  /// What is kept, and for how long.
  ///
  /// It must be equal on all members: it is part of the state machine.
  public struct Limits: Hashable, Sendable {
    /// How long a client may be silent, by the time in entries.
    ///
    /// Default 1 h.
    public var lifetime: Duration
    /// Outputs kept per client: more requests than this may not be under way at the same time.
    ///
    /// Default 128.
    public var outputs: Int
    /// Sessions; opening one more forgets the one that was silent longest.
    ///
    /// Default 65,536.
    public var sessions: Int

    /// Sets the limits; every parameter has a default.
    public init(lifetime: Duration = .seconds(3600), outputs: Int = 128, sessions: Int = 65_536) {
      self.lifetime = lifetime
      self.outputs = outputs
      self.sessions = sessions
    }
  }

  /// What is known of one client; for snapshots.
  public struct Session: Sendable {
    /// When it was last heard of, by the time in entries.
    public var lastUsed: Duration
    /// The output of nothing up to this number is known any more.
    public var forgotten: UInt64
    /// Outputs by number, in order.
    public var outputs: [(sequence: UInt64, output: Output)]

    /// Brings a session back from a snapshot.
    public init(lastUsed: Duration, forgotten: UInt64 = 0, outputs: [(sequence: UInt64, output: Output)] = []) {
      self.lastUsed = lastUsed
      self.forgotten = forgotten
      self.outputs = outputs
    }
  }

  /// What to do with a request.
  public enum Verdict: Sendable {
    /// It is here for the first time: carry it out, then ``remember(_:of:)``.
    case new
    /// It was carried out, with this output.
    case repeated(Output)
    /// It was carried out, or given up by its client; its output isn't kept any more.
    case forgotten
    /// The client has no session (any more).
    case noSession
  }

  /// The limits.
  public let limits: Limits
  /// The latest time that an entry carried; it never goes back.
  public private(set) var time: Duration
  private var sessions: TreeDictionary<Client, Session>
  private var nextExpiry: Duration

  /// Starts empty, or from what a snapshot holds: ``time`` and ``all``.
  public init(limits: Limits = Limits(), time: Duration = .zero, sessions: [(client: Client, session: Session)] = []) {
    self.limits = limits
    self.time = time
    self.sessions = TreeDictionary(sessions.map { ($0.client, $0.session) }, uniquingKeysWith: { first, _ in first })
    self.nextExpiry = time
  }

  /// All open sessions, in the order of clients; for snapshots.
  public var all: [(client: Client, session: Session)] {
    self.sessions.filter { !self.isExpired($0.value) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Whether a client has a session.
  public func isOpen(_ client: Client) -> Bool { self.sessions[client].map { !self.isExpired($0) } ?? false }

  // MARK: - Sessions

  /// Opens a session, or notes that its client is alive.
  public mutating func open(_ client: Client, now: Duration) {
    self.advance(to: now)
    if self.isOpen(client) {
      self.sessions[client]?.lastUsed = self.time
      return
    }
    if self.sessions.count >= self.limits.sessions {
      self.freeExpired()
      if self.sessions.count >= self.limits.sessions { self.forgetMostSilent() }
    }
    self.sessions[client] = Session(lastUsed: self.time)
  }

  /// Ends a session whose client won't come back.
  public mutating func close(_ client: Client) { self.sessions[client] = nil }

  /// Takes over the time of an entry, and forgets clients that were silent for too long.
  public mutating func advance(to now: Duration) {
    self.time = max(self.time, now)
    // This only frees memory, at moments that differ between members when one came back from a snapshot. Whether a
    // session is expired is asked wherever it matters.
    guard self.time >= self.nextExpiry else { return }
    self.nextExpiry = self.time + self.limits.lifetime / 8
    self.freeExpired()
  }

  private mutating func freeExpired() {
    let expired = self.sessions.filter { self.isExpired($0.value) }
    for client in expired.keys { self.sessions[client] = nil }
  }

  private func isExpired(_ session: Session) -> Bool { session.lastUsed + self.limits.lifetime < self.time }

  private mutating func forgetMostSilent() {
    let silent = self.sessions.min { ($0.value.lastUsed, $0.key) < ($1.value.lastUsed, $1.key) }
    if let silent { self.sessions[silent.key] = nil }
  }

  // MARK: - Requests

  /// Whether a request is to be carried out.
  ///
  /// `now` is the time that its entry carries.
  public mutating func admit(_ request: ClientRequest<Client>, now: Duration) -> Verdict {
    self.advance(to: now)
    guard var session = self.sessions[request.client], !self.isExpired(session) else {
      self.sessions[request.client] = nil
      return .noSession
    }
    session.lastUsed = self.time
    session.forget(through: request.answered)
    self.sessions[request.client] = session
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(101) { return .new }
    #endif
    if let known = session.outputs.last(where: { $0.sequence == request.sequence }) { return .repeated(known.output) }
    return request.sequence <= session.forgotten ? .forgotten : .new
  }

  /// Keeps what a new request came to.
  public mutating func remember(_ output: Output, of request: ClientRequest<Client>) {
    guard var session = self.sessions[request.client], request.sequence > session.forgotten else { return }
    let position = session.outputs.lastIndex { $0.sequence < request.sequence }.map { $0 + 1 } ?? 0
    session.outputs.insert((request.sequence, output), at: position)
    if session.outputs.count > self.limits.outputs { session.forget(through: session.outputs[0].sequence) }
    self.sessions[request.client] = session
  }

  /// Replaces what ``remember(_:of:)`` kept, for whoever carries out several requests at once: an admitted one is remembered
  /// before its output is known, so that admitting the next ones doesn't depend on how many are carried out together.
  public mutating func replace(_ output: Output, of request: ClientRequest<Client>) {
    guard let position = self.sessions[request.client]?.outputs.lastIndex(where: { $0.sequence == request.sequence }) else {
      return
    }
    self.sessions[request.client]?.outputs[position].output = output
  }

  /// Carries out a request unless it was before, and gives its output either way.
  ///
  /// - Throws: ``RaftError/Code/outcomeUnknown`` when it was carried out, but what came of it is forgotten;
  ///   ``RaftError/Code/sessionExpired`` when the client has no session: nothing was carried out now, but an earlier attempt may
  ///   have been.
  public mutating func apply(
    _ request: ClientRequest<Client>,
    now: Duration,
    _ command: () -> Output
  ) throws(RaftError) -> Output {
    switch self.admit(request, now: now) {
    case .new:
      let output = command()
      self.remember(output, of: request)
      return output
    case .repeated(let output):
      return output
    case .forgotten:
      throw RaftError(.outcomeUnknown, "request \(request.sequence) was carried out too long ago to tell what it came to")
    case .noSession:
      throw RaftError(.sessionExpired, "the client's session has expired")
    }
  }
}

extension ClientSessions.Session {
  fileprivate mutating func forget(through sequence: UInt64) {
    self.forgotten = max(self.forgotten, sequence)
    let count = self.outputs.prefix { $0.sequence <= self.forgotten }.count
    self.outputs.removeFirst(count)
  }
}
