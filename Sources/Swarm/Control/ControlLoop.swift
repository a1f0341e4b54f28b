// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// Runs the leader's brain, ``SwarmControl/Control``, on an event loop of its own: one turn per batch of inputs.
///
/// The brain exists only while this node leads. Everything that it decided and that isn't in the log goes with it: sessions end, and
/// their nodes look for the next leader.
final class ControlLoop: Sendable {
  /// Something that the brain has to hear of.
  enum Input: Sendable {
    /// This node leads since `term`, and everything of earlier terms is in `store`.
    case leadershipBegan(term: UInt64, store: Store)
    /// This node leads no more.
    case leadershipEnded
    /// An entry was applied.
    case committed(entry: LogEntry, applied: Applied)
    /// A proposal of a term certainly didn't enter the log.
    case proposalFailed(term: UInt64, ProposalID)
    /// A node wants a session.
    case registered(SessionStream, SessionRequest)
    /// A session's stream is gone.
    case streamLost(SessionID, SessionStream)
    /// The managers, as the Raft group sees them.
    case members([ManagerObservation])
    /// What gossip holds a node for.
    case gossip(NodeID, GossipVerdict)
  }

  /// Proposes an entry; calls back with whether it may have entered the log.
  typealias Propose = @Sendable (_ entry: LogEntry, _ refused: @escaping @Sendable () -> Void) -> Void

  /// The store as of the entry applied last.
  typealias Current = @Sendable () -> Store?

  /// What belongs to the event loop.
  struct State {
    var brain: Control?
    var term: UInt64 = 0
    var streams = SessionStreams()
    /// Nodes that gossip holds for gone; also kept while this node doesn't lead.
    var gone: Set<NodeID> = []
    var wake: Scheduled<Void>?
  }

  private let eventLoop: any EventLoop
  private let state: NIOLoopBoundBox<State>
  private let inbox = Mutex<[Input]>([])
  private let clock: NodeClock
  private let configuration: ControlConfiguration
  private let propose: Propose
  private let store: Current
  private let logger: Logger

  init(
    eventLoop: any EventLoop,
    configuration: ControlConfiguration,
    clock: NodeClock,
    logger: Logger,
    store: @escaping Current,
    propose: @escaping Propose
  ) {
    self.eventLoop = eventLoop
    self.state = .makeBoxSendingValue(State(), eventLoop: eventLoop)
    self.configuration = configuration
    self.store = store
    self.clock = clock
    self.propose = propose
    self.logger = logger
  }

  /// Hands in an input; inputs are taken in the order of these calls.
  ///
  /// - Parameter turn: The event loop of the caller, when what it has begun there shall be over before the brain is woken.
  func post(_ input: Input, behindTurnOf turn: (any EventLoop)? = nil) {
    let isFirst = self.inbox.withLock { inbox in
      inbox.append(input)
      return inbox.count == 1
    }
    guard isFirst else { return }
    let wake: @Sendable () -> Void = { self.eventLoop.execute { self.drain() } }
    if let turn { turn.execute(wake) } else { wake() }
  }

  /// Asks the brain something at once.
  ///
  /// - Throws: what `body` throws; `unavailable` when this node doesn't lead.
  func ask<Answer: Sendable>(
    _ body: @escaping @Sendable (inout Control, _ now: Duration, _ time: Timestamp) throws -> Answer
  ) async throws -> Answer {
    try await self.eventLoop.submit {
      // Whatever was posted before this question is older than it.
      self.takeInbox()
      return try self.state.withValue { state in
        // Taken out and put back, so that it is changed in place.
        guard var brain = state.brain.take() else { throw SwarmError.notLeading }
        defer {
          state.brain = brain
          self.turn(&state)
        }
        return try body(&brain, self.clock.now, self.clock.time)
      }
    }.get()
  }

  /// Opens the stream of a node's assignments.
  func assignments(
    node: NodeID,
    session: SessionID
  ) async throws -> AsyncThrowingStream<AssignmentsMessage, any Error> {
    let (stream, continuation) = AsyncThrowingStream<AssignmentsMessage, any Error>.makeStream()
    try await self.eventLoop.submit {
      self.takeInbox()
      try self.state.withValue { state in
        guard state.brain != nil else { throw SwarmError.notLeading }
        try state.brain?.openAssignments(node: node, session: session, now: self.clock.now)
        state.streams.assignmentsOpened(session, continuation)
        self.turn(&state)
      }
    }.get()
    return stream
  }

  /// Ends every session; the loop must not be used afterwards.
  func stop() {
    self.post(.leadershipEnded)
  }

  // MARK: - On the event loop

  private func drain() {
    self.takeInbox()
    self.state.withValue { self.turn(&$0) }
  }

  private func takeInbox() {
    let inputs = self.inbox.withLock { inbox in
      defer { inbox.removeAll(keepingCapacity: true) }
      return inbox
    }
    guard !inputs.isEmpty else { return }
    self.state.withValue { state in
      let (now, time) = (self.clock.now, self.clock.time)
      for input in inputs { self.take(input, &state, now, time) }
    }
  }

  private func take(_ input: Input, _ state: inout State, _ now: Duration, _ time: Timestamp) {
    switch input {
    case .leadershipBegan(let term, let store):
      state.streams.endAll()
      state.term = term
      state.brain = Control(
        term: term,
        store: store,
        configuration: self.configuration,
        seed: .random(in: 0 ... .max),
        now: now,
        time: time
      )
      for node in state.gone.sorted() { state.brain?.handle(.gossip(node, .gone), now: now, time: time) }
    case .leadershipEnded:
      state.brain = nil
      state.streams.endAll()
      state.wake?.cancel()
    case .committed(let entry, let applied):
      state.brain?.handle(.committed(entry: entry, applied: applied), now: now, time: time)
    case .proposalFailed(let term, let proposal):
      if term == state.term { state.brain?.handle(.proposalFailed(proposal), now: now, time: time) }
    case .registered(let stream, let request):
      guard state.brain != nil else { return stream.finish(throwing: SwarmError.notLeading) }
      state.brain?.handle(.registered(state.streams.registering(stream), request), now: now, time: time)
    case .streamLost(let session, let stream):
      guard state.streams.forget(session, of: stream) else { return }
      state.brain?.handle(.streamLost(session), now: now, time: time)
    case .members(let managers):
      state.brain?.handle(.members(managers), now: now, time: time)
    case .gossip(let node, let verdict):
      switch verdict {
      case .present: state.gone.remove(node)
      case .gone: state.gone.insert(node)
      }
      state.brain?.handle(.gossip(node, verdict), now: now, time: time)
    }
  }

  private func turn(_ state: inout State) {
    guard let turn = state.brain?.turn(now: self.clock.now, time: self.clock.time) else { return }
    if state.brain?.wantsStore == true, let store = self.store() { state.brain?.share(store) }
    let term = state.term
    for proposal in turn.proposals {
      self.propose(proposal.entry) { [weak self] in self?.post(.proposalFailed(term: term, proposal.id)) }
    }
    for message in turn.messages {
      if let (session, stream) = state.streams.send(message) { self.post(.streamLost(session, stream)) }
    }
    state.wake?.cancel()
    state.wake = nil
    guard let next = turn.nextWake else { return }
    let delay = max(.zero, next - self.clock.now)
    state.wake = self.eventLoop.scheduleTask(in: TimeAmount(delay)) { self.drain() }
  }
}

extension SwarmError {
  /// The answer of a manager that isn't the leader and can't say who is.
  static let notLeading = SwarmError(code: .unavailable, message: "this manager doesn't lead the swarm")
}
