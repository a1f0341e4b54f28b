// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// The leader's brain: made anew for each term of leadership, fed with events, and asked turn by turn what to do.
///
/// It has no clock and does no I/O. A driver
/// - creates it once the leader's own no-op of the term is applied, from the store of that moment;
/// - hands it every entry that is applied after that (its own and everybody else's), in order, as ``Event/committed(entry:applied:)``;
/// - calls ``turn(now:time:)`` after one or more events, and at ``Turn/nextWake`` at the latest;
/// - hands it a copy of the store when ``wantsStore`` says so: without one it needs more memory;
/// - proposes the turn's entries in their order and tells of each that certainly never entered the log;
/// - drops it when leadership ends, together with everything that only a leader knows.
package struct Control: Sendable {
  /// What a control loop is told.
  package enum Event: Sendable {
    /// An entry was applied to the leader's store.
    case committed(entry: LogEntry, applied: Applied)
    /// A proposal certainly didn't and won't enter the log.
    case proposalFailed(ProposalID)
    /// A node asks for a session; the answer is ``SessionOutput/accepted(_:_:)`` or ``SessionOutput/refused(_:_:)``.
    case registered(RegistrationID, SessionRequest)
    /// The stream of a session broke off.
    case streamLost(SessionID)
    /// All managers, as the consensus module sees them now.
    case members([ManagerObservation])
    /// What gossip holds a node for: a hint, beside the node's session and heartbeats.
    case gossip(NodeID, GossipVerdict)
  }

  let term: UInt64
  let configuration: ControlConfiguration
  /// Monotonic time of the latest event or turn.
  var now: Duration
  /// Wall time of the latest event or turn.
  var time: Timestamp
  var ids: IdentifierGenerator

  var overlay: Overlay
  var draft: Draft
  var plan = Plan()
  var proposalCount: UInt64 = 0
  /// Counts the passes over services, over all turns.
  var round: UInt64 = 0
  /// Nothing is proposed before this moment, because a proposal failed.
  var holdUntil: Duration?
  /// Since when agents wait to hear of their tasks; `nil` when none does.
  var holdingSince: Duration?
  var timers = Timers<TimerKey>()

  var scheduler = Scheduler()
  var services = ServiceIndex()
  var updates: [ServiceID: UpdateProgress] = [:]
  /// The last update of each service that failed: as long as the log doesn't say so, it is to be proposed again.
  var failedUpdates: [ServiceID: UpdateProgress] = [:]
  var nodes = NodeWatch()
  var sessions = SessionTable()
  var statuses = StatusIntake()
  var reaper = Reaper()
  var allocations = AllocationQueue()
  var gates = DependencyGates()
  var rebalancer = Rebalancer()

  /// Creates the control loop of a term.
  ///
  /// - Parameters:
  ///   - term: The term in which this manager leads.
  ///   - store: The store with everything of earlier terms applied.
  ///   - configuration: Limits and times.
  ///   - seed: 64 bits of chance; ids of tasks and sessions come from it.
  ///   - now: Monotonic time since any origin, also of all later calls.
  ///   - time: Wall time.
  package init(
    term: UInt64,
    store: Store,
    configuration: ControlConfiguration = ControlConfiguration(),
    seed: UInt64,
    now: Duration,
    time: Timestamp
  ) {
    self.term = term
    self.configuration = configuration
    self.now = now
    self.time = time
    self.ids = IdentifierGenerator(seed: seed)
    self.overlay = Overlay(store)
    self.draft = Draft(maximumEntrySize: configuration.maximumEntrySize)
    self.adoptStore()
  }

  /// The store with the own proposals in flight applied: check requests of users against this.
  package var view: Store { self.overlay.view }

  /// Whether the control loop has come to rest after much has changed: then ``share(_:)`` saves memory.
  package var wantsStore: Bool { self.overlay.wantsToShare(after: self.configuration.sharingInterval) }

  /// Takes a copy of the leader's store in place of its own, if that is as far.
  package mutating func share(_ store: Store) {
    guard self.wantsStore, store.version == self.overlay.version else { return }
    self.overlay.share(store)
  }

  /// How far a task is that isn't running yet: states below `running` are only known here, not in the log.
  package func observedStatus(of task: TaskID) -> TaskStatus? { self.statuses.observed[task] }

  /// Takes an event; what follows from it comes out of the next ``turn(now:time:)``.
  package mutating func handle(_ event: Event, now: Duration, time: Timestamp) {
    self.now = now
    self.time = time
    switch event {
    case .committed(let entry, let applied):
      self.entryCommitted(entry, applied)
    case .proposalFailed(let id):
      self.entryFailed(id)
    case .registered(let id, let request):
      self.sessionRequested(id, request)
    case .streamLost(let session):
      self.streamLost(session)
    case .members(let managers):
      self.membersObserved(managers)
    case .gossip(let node, let verdict):
      self.gossipHeard(verdict, about: node)
    }
  }

  /// Takes over a store as if all of it had just been created.
  private mutating func adoptStore() {
    let store = self.overlay.view
    var delta = ViewDelta()
    delta.nodes = store.nodeIDs().map { ViewDelta.Difference(old: nil, new: store.nodeBox($0)) }
    delta.services = store.serviceIDs().map { ViewDelta.Difference(old: nil, new: store.serviceBox($0)) }
    delta.tasks = store.taskIDs().map { ViewDelta.Difference(old: nil, new: store.taskBox($0)) }
    self.nodes.beginTerm(with: store.nodes(), now: self.now)
    self.scheduler.networkPlugins = store.networkPlugins
    self.absorb(delta)
    self.takeUpUpdates()
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(35) { self.scheduler.forgetWaiting() }
    #endif
    for node in store.nodes() { self.sessions.managerChanged(node) }
    self.sessions.clusterChanged(store.cluster)
    self.reviewUnheardNodes()
  }
}

/// What a deadline is about.
enum TimerKey: Sendable, Hashable, Comparable {
  /// A slot waits for a delay or for a task to stop.
  case slot(SlotID)
  /// An update waits for a delay or watches its tasks.
  case update(ServiceID)
  /// A node's session runs out.
  case node(NodeID)
  /// Nodes haven't come back since the term began.
  case unheardNodes
  /// A node that is down will be given up.
  case orphans(NodeID)
  /// History is to be removed.
  case reaper
  /// A job's next run.
  case schedule(ServiceID)
  /// Tasks may be moved.
  case rebalance
}
