// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Raft
internal import RaftNIO
internal import SwarmControl
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// What makes a node a manager: the replicated store, the leader's brain when it leads, and the way to the leader when it doesn't.
final class Manager: Sendable {
  let identity: NodeIdentity
  let board: StoreBoard
  let raft: RaftNode<StoreMachine>
  let control: ControlLoop
  let configuration: SwarmNodeConfiguration
  let clock: NodeClock
  let logger: Logger
  let eventLoop: any EventLoop
  let peers: ManagerConnections
  let certificates: NodeCertificates
  /// What the swarm begins with; `nil` but on its first manager, right after it was made.
  let founding: Founding?
  /// Who tried wrong join tokens.
  let wrongTokens = Mutex(WrongTokenLimit())
  /// Who publishes logs, and who reads them; of use while this manager leads.
  let logs: LogHub
  /// Who runs commands, and who asked for them; of use while this manager leads.
  let errandHub: ErrandHub
  /// Where managers gossip, as gossip itself told last.
  let gossipSeeds = Mutex<[String]>([])
  /// Where other managers are, as gossip told last.
  let whereabouts = ManagerWhereabouts()
  private let stamps = ClientStamps()
  /// Whether this manager has ended for good, or is about to: nothing that is asked then will ever be answered.
  let isOver = Atomic(false)
  /// When the leader makes the next gossip key; `nil` on a follower.
  let nextGossipKey = Mutex<Duration?>(nil)
  /// When this manager looks next whether its log has let go of old keys.
  let nextKeyReview = Mutex(Duration.zero)
  /// Rings when there may be something to do beside the leader's brain.
  let duties = DutyBell()
  /// Who leads, as the Raft group told last.
  let leadership = Mutex(Leadership())

  init(
    identity: NodeIdentity,
    certificates: NodeCertificates,
    founding: Founding?,
    directory: StateDirectory,
    configuration: SwarmNodeConfiguration,
    clock: NodeClock,
    eventLoop: any EventLoop,
    logger: Logger
  ) throws(SwarmError) {
    var log = try Self.log(of: identity, certificates, in: directory, configuration)
    log.address = { [whereabouts] in whereabouts.next(for: $0) }
    self.identity = identity
    self.certificates = certificates
    self.founding = founding
    self.configuration = configuration
    self.clock = clock
    self.logger = logger
    self.eventLoop = eventLoop
    let logs = LogHub { clock.time }
    self.logs = logs
    let errandHub = ErrandHub()
    self.errandHub = errandHub
    let board = StoreBoard(history: configuration.eventHistory)
    self.board = board
    let raft = RaftNode(
      configuration: log,
      machine: StoreMachine(board: board),
      eventLoop: eventLoop,
      logger: logger
    )
    self.raft = raft
    var brain = ControlConfiguration()
    brain.leader = identity.nodeID
    let control = ControlLoop(
      eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
      configuration: brain,
      clock: clock,
      logger: logger,
      store: { [weak board] in board?.store }
    ) { entry, refused in
      raft.propose(entry.encode()) { result in
        if case .failure(let error) = result, error.code != .outcomeUnknown { refused() }
      }
    }
    self.control = control
    self.peers = ManagerConnections(nodeID: identity.nodeID, security: certificates.security, logger: logger)
    board.listen(
      StoreBoard.Listener(
        applied: { [weak self] entry, applied, store in
          // Clients wait for their answers: on a machine with few processors the brain's work would hold up who sends them.
          control.post(.committed(entry: entry, applied: applied), behindTurnOf: eventLoop)
          logs.apply(applied.changes, store)
          errandHub.apply(applied.changes)
          self?.noticed(applied.changes, store)
        },
        changed: { [weak self] event, store in self?.changed(event, store) }
      )
    )
  }

  /// What the Raft member of a manager needs to know.
  static func log(
    of identity: NodeIdentity,
    _ certificates: NodeCertificates,
    in directory: StateDirectory,
    _ configuration: SwarmNodeConfiguration
  ) throws(SwarmError) -> RaftNodeConfiguration {
    guard let clusterID = identity.clusterID else {
      throw SwarmError(code: .dataLoss, message: "\(directory.path) doesn't say which swarm its manager belongs to")
    }
    let context = MemberContext(nodeID: identity.nodeID, address: identity.advertiseAddress).encoded
    var log = RaftNodeConfiguration(
      directory: directory.raft,
      clusterID: clusterID.description,
      member: RaftID(identity.raftID),
      start: identity.isFounder ? .bootstrap(context: context) : .join,
      raft: RaftConfiguration(
        electionTimeout: configuration.electionTimeout,
        heartbeatInterval: configuration.heartbeat
      ),
      segmentSize: configuration.logSegmentSize,
      network: Self.network(certificates.security),
      address: { MemberContext(decoding: $0.context).flatMap { PeerAddress($0.address) } }
    )
    log.raft.memory.trailingEntries = configuration.trailingLogEntries
    log.raft.memory.tailBytes = configuration.logTailBytes
    log.storageKeys = try certificates.storageKeys()
    return log
  }

  /// Members speak through the same port as everybody; who is dialled must have the certificate of the node that the group knows there.
  private static func network(_ security: NodeSecurity) -> PeerNetwork {
    .mutualTLS(
      MutualTLS(
        contexts: { MutualTLS.Contexts(client: security.raft, server: security.server) },
        verify: { member, certificate in
          guard let expected = MemberContext(decoding: member.context),
            let facts = try? CertificateFacts(der: certificate.toDERBytes())
          else { return false }
          let cluster = security.credentials.identity.clusterID
          return facts.identity == PeerIdentity(role: .manager, nodeID: expected.nodeID, clusterID: cluster)
        }
      )
    )
  }

  // MARK: - Requests

  /// The store, with every write that was acknowledged before this call.
  ///
  /// - Throws: ``SwarmError`` with code `unavailable` when no leader confirms it in time.
  func read() async throws -> Store {
    try await self.persistently { _ = try await self.raft.readIndex() }
    return self.board.store
  }

  /// Carries out a request on the leader, wherever it is, exactly once.
  ///
  /// - Throws: the leader's refusal; `unavailable` when nothing was done for want of a leader; `outcomeUnknown` when that can't be said.
  func submit(_ request: ControlRequest) async throws -> ControlResponse {
    let response = try await self.stamps.withStamp { stamp in
      try await self.persistently { () async throws -> ControlResponse in
        guard !self.leadership.withLock(\.isLeader) else { return try await self.execute(request, stamp) }
        guard let leader = self.leadership.withLock(\.leader) else { throw SwarmError.noLeader }
        let answer = try await self.peers.connection(to: leader.address).submit(request.encode(client: stamp))
        return try ControlResponse(decoding: answer)
      }
    }
    if case .failure(let error) = response { throw error }
    return response
  }

  /// Carries out a request on this manager, which leads.
  func execute(_ request: ControlRequest, _ stamp: ClientStamp?) async throws -> ControlResponse {
    let (isLeader, term) = self.leadership.withLock { ($0.isLeader, $0.term) }
    guard isLeader else { throw self.notLeading }
    if let refusal = try await self.refusal(of: request) { return .failure(refusal) }
    switch self.decide(on: request, stamp, term: term) {
    case .answer(let response): return response
    case .propose(let entry): return request.response(to: try await self.propose(entry).outcome)
    }
  }

  /// What becomes of a request.
  private enum Decision {
    /// It is answered without a change.
    case answer(ControlResponse)
    /// It changes the store, once this is in the log.
    case propose(LogEntry)
  }

  /// Decides by the store as it is now, and lets go of it: while somebody holds a copy, all that is applied copies what it changes.
  private func decide(on request: ControlRequest, _ stamp: ClientStamp?, term: UInt64) -> Decision {
    let store = self.board.store
    // A request may have been applied before: then its first answer counts, whatever the state is now.
    if let outcome = stamp.flatMap(store.outcome(of:)) { return .answer(request.response(to: outcome)) }
    var ids = IdentifierGenerator(seed: .random(in: 0 ... .max))
    let time = self.clock.time
    do {
      let changes = try ControlRequest.changes(for: request, in: store, now: time, ids: &ids)
      return .propose(LogEntry(leaderTerm: term, time: time, client: stamp, changes: changes))
    } catch {
      return .answer(.failure(error))
    }
  }

  /// Puts an entry into the log and waits until it is applied here.
  func propose(_ entry: LogEntry) async throws -> Applied {
    do {
      return try await self.raft.propose(entry.encode()).output
    } catch let error as RaftError {
      throw self.swarmError(error)
    }
  }

  /// Repeats `body` while the swarm has no leader (or another than thought), until the configured time is up.
  func persistently<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
    let deadline = self.clock.now + self.configuration.requestTimeout
    var mayHaveHappened = false
    while true {
      do {
        return try await body()
      } catch let error {
        let refusal = (error as? RaftError).map(self.swarmError) ?? error as? SwarmError
        guard let refusal, refusal.code == .unavailable || refusal.code == .outcomeUnknown else { throw error }
        if refusal.code == .outcomeUnknown { mayHaveHappened = true }
        // The node was demoted meanwhile, or ends.
        guard !self.isOver.load(ordering: .acquiring) else {
          throw mayHaveHappened ? SwarmError.lostOutcome : SwarmError.notManager
        }
        guard self.clock.now < deadline else { throw mayHaveHappened ? SwarmError.lostOutcome : SwarmError.noLeader }
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  /// Hands leadership over and ends; the member stays in the group, and requests that wait for a leader are refused.
  func shutdown() async {
    self.isOver.store(true, ordering: .releasing)
    await self.raft.shutdown()
    self.board.events.finish()
  }

  // MARK: - Who leads

  /// Called on the group's event loop.
  private func changed(_ event: RaftEvent, _ store: Store) {
    let (wasLeader, isLeader, term) = self.leadership.withLock { leadership in
      let wasLeader = leadership.isLeader
      leadership.take(event)
      return (wasLeader, leadership.isLeader, leadership.term)
    }
    if wasLeader, !isLeader {
      self.control.post(.leadershipEnded)
      self.logs.stop()
      self.errandHub.stop()
    }
    self.duties.ring()
    switch event {
    case .leadershipEstablished:
      self.control.post(.leadershipBegan(term: term, store: store))
      self.reportMembers()
    case .membershipChanged where isLeader: self.reportMembers()
    default: break
    }
  }

  /// The refusal of a follower, with the leader's address when it is known.
  var notLeading: SwarmError {
    var error = SwarmError.notLeading
    error.leaderHint = self.leadership.withLock { $0.isLeader ? nil : $0.leader?.address }
    return error
  }

  /// A node as users see it: whether it leads is known here better than in the store.
  func leaderMarked(_ node: Node) -> Node {
    let leader = self.leadership.withLock(\.leader)
    var node = node
    node.managerStatus?.leader = node.id == leader?.nodeID
    return node
  }

  func swarmError(_ error: RaftError) -> SwarmError {
    switch error.code {
    case .notLeader, .busy, .stopped, .membershipChangeInFlight:
      var refusal = self.notLeading
      refusal.cause = error
      return refusal
    case .outcomeUnknown: return SwarmError(code: .outcomeUnknown, message: error.message, cause: error)
    case .invalidMembershipChange: return SwarmError(code: .failedPrecondition, message: error.message, cause: error)
    default: return SwarmError(code: .internalError, message: error.message, cause: error)
    }
  }
}

extension SwarmError {
  /// Docker's sentence for a swarm without a leader.
  static let noLeader = SwarmError(
    code: .unavailable,
    message: "The swarm does not have a leader. It's possible that too few managers are online. "
      + "Make sure more than half of the managers are online."
  )
  /// Whether a request was carried out can't be said.
  static let lostOutcome = SwarmError(
    code: .outcomeUnknown,
    message: "the swarm lost its leader while the request was under way: it may or may not have been carried out"
  )
}
