// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// A leader and agents that do nothing, in one thread and virtual time: what is proposed is committed at once, what is told is done at once.
struct HollowSwarm {
  var store = Store()
  var control: Control
  var ids: IdentifierGenerator
  var now = Duration.zero
  /// What the control loop and its store cost; what the agents do isn't in it.
  var watch = Stopwatch()
  var entries = 0
  /// What it had cost when an agent heard of a task for the first time last, and how many entries there were.
  private(set) var delivered = (watch: Stopwatch(), entries: 0)
  /// Statuses that agents reported.
  var reports = 0
  private(set) var nodes: [NodeID] = []
  private var sessions: [NodeID: SessionID] = [:]
  private var nodesBySession: [SessionID: NodeID] = [:]
  private var registrations: [RegistrationID: NodeID] = [:]
  private var states: [TaskID: TaskState] = [:]
  private var sequence: UInt64 = 0
  private var inbox: [(NodeID, [TaskStatusUpdate])] = []

  private static let epoch = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
  var time: Timestamp { Self.epoch + self.now }

  /// A swarm whose nodes are all ready and connected.
  init(nodes count: Int) {
    var ids = IdentifierGenerator(seed: 1)
    self.nodes = (0..<count).map { _ in ids.make() }
    self.ids = ids
    self.control = Control(term: 1, store: Store(), seed: 1, now: .zero, time: Self.epoch)
    self.request([.putCluster(SwarmModel.Cluster(id: self.ids.make()))])
    for (number, id) in self.nodes.enumerated() {
      var node = Cluster.node(number, id)
      node.status.state = .unknown
      self.request([.putNode(node)])
    }
    for (number, id) in self.nodes.enumerated() {
      guard let description = Cluster.node(number, id).description else { continue }
      let registration = RegistrationID(rawValue: UInt64(number + 1))
      self.registrations[registration] = id
      self.control.handle(
        .registered(registration, SessionRequest(nodeID: id, description: description)),
        now: self.now,
        time: self.time
      )
    }
    self.settle()
    self.watch = Stopwatch()
    self.entries = 0
  }

  // MARK: - From outside

  mutating func request(_ changes: [Change]) {
    self.sequence += 1
    let stamp = ClientStamp(client: ClientID(high: 0, low: 1), sequence: self.sequence)
    self.commit(LogEntry(leaderTerm: 1, time: self.time, client: stamp, changes: changes))
  }

  mutating func create(_ service: Service) {
    self.request([.createService(service)])
  }

  /// The nodes' connections break, and nobody answers any more.
  mutating func lose(_ nodes: some Sequence<NodeID>) {
    for node in nodes {
      guard let session = self.sessions.removeValue(forKey: node) else { continue }
      self.control.handle(.streamLost(session), now: self.now, time: self.time)
    }
  }

  /// A task ends on its node.
  mutating func end(_ task: TaskID, on node: NodeID, _ state: TaskState) {
    self.states[task] = state
    self.inbox.append((node, [TaskStatusUpdate(task: task, status: TaskStatus(timestamp: self.time, state: state))]))
  }

  func session(of node: NodeID) -> SessionID? { self.sessions[node] }

  // MARK: - Turning

  /// Lets everything happen that happens without time passing.
  mutating func settle() {
    while true {
      let inbox = self.inbox
      self.inbox = []
      self.watch.start()
      for (node, updates) in inbox {
        guard let session = self.sessions[node] else { continue }
        try? self.control.updateStatuses(updates, node: node, session: session, now: self.now, time: self.time)
      }
      let turn = self.control.turn(now: self.now, time: self.time)
      if self.control.wantsStore { self.control.share(self.store) }
      self.watch.stop()
      for proposal in turn.proposals { self.commit(proposal.entry) }
      for message in turn.messages { self.deliver(message) }
      guard self.inbox.isEmpty, turn.proposals.isEmpty, turn.messages.isEmpty else { continue }
      guard let wake = turn.nextWake, wake <= self.now else { return }
    }
  }

  private mutating func commit(_ entry: LogEntry) {
    self.entries += 1
    self.watch.start()
    let applied = self.store.apply(entry, index: self.store.version + 1)
    self.control.handle(.committed(entry: entry, applied: applied), now: self.now, time: self.time)
    self.watch.stop()
  }

  private mutating func deliver(_ output: SessionOutput) {
    switch output {
    case .accepted(let registration, let message):
      guard let node = self.registrations.removeValue(forKey: registration) else { return }
      self.sessions[node] = message.sessionID
      self.nodesBySession[message.sessionID] = node
      try? self.control.openAssignments(node: node, session: message.sessionID, now: self.now)
    case .assignments(let session, let message):
      guard let node = self.nodesBySession[session], self.sessions[node] != nil else { return }
      let updates = message.changes.compactMap { self.answer($0) }
      if !updates.isEmpty { self.inbox.append((node, updates)) }
    case .refused, .session, .close: return
    }
  }

  /// The state that the task is in after it was told what to do.
  private mutating func answer(_ change: AssignmentChange) -> TaskStatusUpdate? {
    guard case .task(let task) = change.object else { return nil }
    guard change.action == .update else {
      self.states[task.id] = nil
      return nil
    }
    let state: TaskState =
      switch task.desiredState {
      case .ready: .ready
      case .running, .complete: .running
      default: .shutdown
      }
    guard self.states[task.id, default: .assigned] < state else { return nil }
    if self.states.updateValue(state, forKey: task.id) == nil { self.delivered = (self.watch, self.entries) }
    self.reports += 1
    return TaskStatusUpdate(task: task.id, status: TaskStatus(timestamp: self.time, state: state))
  }

  /// How many tasks run and are meant to.
  func running() -> Int {
    self.store.tasks().count { $0.status.state == .running && $0.desiredState == .running }
  }
}
