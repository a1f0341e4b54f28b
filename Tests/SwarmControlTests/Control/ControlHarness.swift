// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

/// A swarm of one leader and fake agents in one value: a log that commits what is proposed, in order, and virtual time.
struct ControlHarness {
  var store = Store()
  var index: UInt64 = 0
  var term: UInt64 = 1
  var now = Duration.zero
  /// Wall time runs with virtual time; tests may set the difference.
  var wallOffset = Duration.seconds(1_700_000_000)
  var control: Control
  var configuration: ControlConfiguration
  var ids: IdentifierGenerator
  var agents: [NodeID: FakeAgent] = [:]
  /// Proposals on their way to the log.
  var proposals: [Proposal] = []
  /// The next of the leader's proposals that never reaches the log; it leads on.
  var losesNext: ((LogEntry) -> Bool)?
  /// Everything that was committed.
  var log: [LogEntry] = []
  var rejections = 0
  var invariants = Invariants()
  /// What happens, in the words of plans, since it was set.
  var recorder: PlanRecorder?
  var recordedSince = Duration.zero
  var refusals: [SwarmError] = []
  var closed: [(SessionID, SwarmError)] = []
  /// Whether things went on for ever once; then nothing moves any more.
  private(set) var isStuck = false
  private var registrations: [RegistrationID: NodeID] = [:]
  private var nextRegistration: UInt64 = 1
  private var nextWake: Duration?
  private var sequence: UInt64 = 0

  init(seed: UInt64 = 1, configuration: ControlConfiguration = ControlConfiguration()) {
    self.ids = IdentifierGenerator(seed: seed)
    self.configuration = configuration
    self.control = Control(
      term: 1,
      store: self.store,
      configuration: configuration,
      // Not the seed of the harness: else what it makes up would be what the control loop really uses.
      seed: ~seed,
      now: .zero,
      time: Timestamp.zero + .seconds(1_700_000_000)
    )
    self.request([.putCluster(Cluster(id: self.ids.make()))])
  }

  var time: Timestamp { Timestamp.zero + self.wallOffset + self.now }

  // MARK: - Requests

  /// Commits what a user asked for.
  @discardableResult
  mutating func request(_ changes: [Change]) -> Applied {
    self.sequence += 1
    let stamp = ClientStamp(client: ClientID(high: 0, low: 1), sequence: self.sequence)
    return self.commit(LogEntry(leaderTerm: self.term, time: self.time, client: stamp, changes: changes))
  }

  @discardableResult
  mutating func commit(_ entry: LogEntry) -> Applied {
    self.index += 1
    let applied = self.store.apply(entry, index: self.index)
    self.log.append(entry)
    self.rejections += applied.rejections.count
    self.invariants.check(applied, after: self.store)
    self.recorder?.record(applied, after: self.now - self.recordedSince)
    self.control.handle(.committed(entry: entry, applied: applied), now: self.now, time: self.time)
    self.checkCommitted(applied.changes)
    return applied
  }

  /// Whatever is in flight, the control loop knows what the log says of what an entry has just changed.
  private func checkCommitted(_ changes: ChangeSet) {
    let overlay = self.control.overlay
    for task in Dictionary(changes.tasks.map { ($0.currentBox?.value.id, $0.newBox) }, uniquingKeysWith: { $1 }) {
      if let id = task.key, overlay.committedTask(id) !== task.value {
        Issue.record("of task \(id) something else is known than the log says")
      }
    }
    for node in Dictionary(changes.nodes.map { ($0.currentBox?.value.id, $0.new) }, uniquingKeysWith: { $1 }) {
      if let id = node.key, overlay.committedNode(id) != node.value {
        Issue.record("of node \(id) something else is known than the log says")
      }
    }
    for service in Dictionary(changes.services.map { ($0.currentBox?.value.id, $0.new) }, uniquingKeysWith: { $1 }) {
      if let id = service.key, overlay.committedService(id) != service.value {
        Issue.record("of service \(id) something else is known than the log says")
      }
    }
  }

  @discardableResult
  mutating func addNode(
    _ name: String = "node",
    cpus: Int64 = 4,
    labels: [String: String] = [:],
    platform: Platform = Platform(architecture: "x86_64", os: "linux"),
    role: NodeRole = .worker,
    availability: NodeSpec.Availability = .active,
    engineLabels: [String: String] = [:],
    address: String = ""
  ) -> NodeID {
    let id: NodeID = self.ids.make()
    let spec = NodeSpec(annotations: Annotations(labels: labels), desiredRole: role, availability: availability)
    self.request([.putNode(Node(id: id, spec: spec, role: role))])
    let description = NodeDescription(
      hostname: name,
      platform: platform,
      resources: Resources(nanoCPUs: cpus * 1_000_000_000, memoryBytes: 8 << 30),
      engine: engineLabels.isEmpty ? nil : EngineDescription(labels: engineLabels)
    )
    self.agents[id] = FakeAgent(node: id, description: description, address: address)
    self.settle()
    return id
  }

  mutating func addNodes(_ count: Int) -> [NodeID] {
    (1...count).map { self.addNode("node\($0)") }
  }

  @discardableResult
  mutating func create(
    _ name: String = "web",
    replicas: UInt64 = 1,
    image: String = "run",
    _ configure: (inout ServiceSpec) -> Void = { _ in }
  ) -> ServiceID {
    let id: ServiceID = self.ids.make()
    var spec = ServiceSpec(
      annotations: Annotations(name: name),
      task: TaskSpec(runtime: .container(ContainerSpec(image: image))),
      mode: .replicated(replicas: replicas)
    )
    configure(&spec)
    self.request([.createService(Service(id: id, spec: spec))])
    self.settle()
    return id
  }

  @discardableResult
  mutating func createSecret(_ name: String, _ data: String = "x") -> SecretID {
    let id: SecretID = self.ids.make()
    let spec = SecretSpec(annotations: Annotations(name: name), data: Array(data.utf8))
    self.request([.createSecret(Secret(id: id, spec: spec))])
    return id
  }

  @discardableResult
  mutating func createConfig(_ name: String, _ data: String = "x") -> ConfigID {
    let id: ConfigID = self.ids.make()
    let spec = ConfigSpec(annotations: Annotations(name: name), data: Array(data.utf8))
    self.request([.createConfig(Config(id: id, spec: spec))])
    return id
  }

  mutating func update(_ id: ServiceID, _ configure: (inout ServiceSpec) -> Void) {
    guard var spec = self.store.service(id)?.spec else { return }
    configure(&spec)
    self.request([.updateService(id, expected: nil, spec, isRollback: false)])
    self.settle()
  }

  mutating func scale(_ id: ServiceID, to replicas: UInt64) {
    self.update(id) { $0.mode = .replicated(replicas: replicas) }
  }

  mutating func updateNode(_ id: NodeID, _ configure: (inout NodeSpec) -> Void) {
    guard var spec = self.store.node(id)?.spec else { return }
    configure(&spec)
    self.request([.updateNodeSpec(id, expected: nil, spec)])
    self.settle()
  }

  // MARK: - What there is

  func tasks(_ service: ServiceID) -> [SwarmTask] { self.store.tasks(of: service) }

  func wanted(_ service: ServiceID) -> [SwarmTask] { self.tasks(service).filter(\.isWanted) }

  func running(_ service: ServiceID) -> [SwarmTask] {
    self.wanted(service).filter { $0.status.state == .running }
  }

  /// How many running tasks of the service each node has.
  func spread(_ service: ServiceID, over nodes: [NodeID]) -> [Int] {
    let tasks = self.running(service)
    return nodes.map { node in tasks.count { $0.nodeID == node } }
  }

  // MARK: - Time

  /// Lets everything happen that happens without time passing.
  mutating func settle() {
    guard !self.isStuck else { return }
    for _ in 0..<2_000 {
      var isQuiet = true
      let turn = self.control.turn(now: self.now, time: self.time)
      self.nextWake = turn.nextWake
      self.proposals += turn.proposals
      if !turn.proposals.isEmpty || !turn.messages.isEmpty { isQuiet = false }
      for message in turn.messages { self.deliver(message) }
      if self.stepAgents() { isQuiet = false }
      if !self.proposals.isEmpty {
        isQuiet = false
        let proposal = self.proposals.removeFirst()
        if self.losesNext?(proposal.entry) == true {
          self.losesNext = nil
          self.control.handle(.proposalFailed(proposal.id), now: self.now, time: self.time)
        } else {
          self.commit(proposal.entry)
        }
      }
      if isQuiet, self.nextWake.map({ $0 > self.now }) ?? true {
        for agent in self.agents.values where agent.session != nil && agent.isAlive { self.invariants.checkSecrets(of: agent) }
        if self.control.wantsStore { self.control.share(self.store) }
        self.checkStores()
        return
      }
    }
    self.isStuck = true
    Issue.record("the control loop doesn't come to rest: \(self.log.suffix(6).map(\.summary))")
  }

  /// What the control loop has taken over, entry by entry, is what was applied.
  private func checkStores() {
    guard self.index % 8 == 0, self.control.overlay.count == 0 else { return }
    #expect(self.control.view.encodeSnapshot() == self.store.encodeSnapshot(), "the control loop has another store")
  }

  /// Lets virtual time pass, with everything that is due in between.
  mutating func advance(by duration: Duration) {
    let end = self.now + duration
    self.settle()
    while !self.isStuck {
      guard let next = self.nextEvent, next <= end else { break }
      self.now = max(self.now, next)
      self.beat()
      self.settle()
    }
    self.now = end
    self.settle()
  }

  /// The next moment at which the leader or an agent does something by itself.
  private var nextEvent: Duration? {
    var next = self.nextWake
    for (id, agent) in self.agents where agent.isAlive {
      let due = agent.session != nil ? agent.nextHeartbeat : agent.nextRegistration
      guard agent.session != nil || (due > self.now && self.connects(id)) else { continue }
      next = min(next ?? due, due)
    }
    return next
  }

  private mutating func beat() {
    for id in self.agents.keys.sorted() {
      guard let agent = self.agents[id], agent.isAlive, agent.nextHeartbeat <= self.now else { continue }
      guard let session = agent.session else { continue }
      if let period = try? self.control.heartbeat(node: id, session: session, now: self.now) {
        self.agents[id]?.nextHeartbeat = self.now + period
      } else {
        self.agents[id]?.session = nil
      }
    }
  }

  // MARK: - Agents

  private mutating func deliver(_ output: SessionOutput) {
    switch output {
    case .accepted(let registration, let message):
      guard let node = self.registrations.removeValue(forKey: registration), self.agents[node]?.isAlive == true else { return }
      self.agents[node]?.session = message.sessionID
      self.agents[node]?.nextHeartbeat = self.now + .seconds(4)
      self.agents[node]?.lastMessage = message
      try? self.control.openAssignments(node: node, session: message.sessionID, now: self.now)
      self.report(self.agents[node]?.repeatedStatuses() ?? [], node)
    case .refused(let registration, let error):
      if let node = self.registrations.removeValue(forKey: registration) {
        self.agents[node]?.nextRegistration = self.now + FakeAgent.patience
      }
      self.refusals.append(error)
    case .session(let session, let message):
      for id in self.agents.keys where self.agents[id]?.session == session { self.agents[id]?.lastMessage = message }
    case .assignments(let session, let message):
      for id in self.agents.keys where self.agents[id]?.session == session && self.agents[id]?.isAlive == true {
        self.agents[id]?.receive(message)
      }
    case .close(let session, let error):
      self.closed.append((session, error))
      for id in self.agents.keys where self.agents[id]?.session == session { self.agents[id]?.session = nil }
    }
  }

  private mutating func stepAgents() -> Bool {
    var isAnythingSaid = false
    for id in self.agents.keys.sorted() {
      guard let agent = self.agents[id], agent.isAlive else { continue }
      if agent.session == nil, agent.nextRegistration <= self.now, self.connects(id) {
        self.register(id)
        isAnythingSaid = true
      }
      let updates = self.agents[id]?.step() ?? []
      if agent.session != nil, !updates.isEmpty {
        self.report(updates, id)
        isAnythingSaid = true
      }
    }
    return isAnythingSaid
  }

  /// Whether the node asks for a session by itself.
  private func connects(_ id: NodeID) -> Bool {
    self.store.node(id) != nil && !self.silent.contains(id) && !self.registrations.values.contains(id)
  }

  /// Nodes that don't connect by themselves.
  var silent: Set<NodeID> = []
  /// Whether the agents are ours, and not Docker's.
  var agentsAreOurs = true

  mutating func register(_ id: NodeID, resuming session: SessionID? = nil) {
    guard let agent = self.agents[id] else { return }
    let registration = RegistrationID(rawValue: self.nextRegistration)
    self.nextRegistration += 1
    self.registrations[registration] = id
    let request = SessionRequest(
      nodeID: id,
      description: agent.description,
      sessionID: session,
      remoteAddress: agent.address,
      followsHints: self.agentsAreOurs
    )
    self.control.handle(
      .registered(registration, request),
      now: self.now,
      time: self.time
    )
  }

  mutating func report(_ updates: [TaskStatusUpdate], _ node: NodeID) {
    guard let session = self.agents[node]?.session, !updates.isEmpty else { return }
    try? self.control.updateStatuses(updates, node: node, session: session, now: self.now, time: self.time)
  }

  /// A task ends on its node.
  mutating func end(_ task: SwarmTask, _ state: TaskState = .failed) {
    guard let node = task.nodeID, let updates = self.agents[node]?.end(task.id, state) else { return }
    self.report(updates, node)
    self.settle()
  }

  /// The node's process is killed: its connections close.
  mutating func kill(_ node: NodeID) {
    let session = self.agents[node]?.session
    self.agents[node]?.isAlive = false
    self.agents[node]?.session = nil
    if let session { self.control.handle(.streamLost(session), now: self.now, time: self.time) }
    self.settle()
  }

  /// The node is cut off: nothing comes and nothing closes.
  mutating func hang(_ node: NodeID) {
    self.agents[node]?.isAlive = false
    self.settle()
  }

  /// The node is back, with the tasks that it had.
  mutating func revive(_ node: NodeID) {
    self.agents[node]?.isAlive = true
    self.agents[node]?.session = nil
    self.settle()
  }

  // MARK: - Leaders

  /// Another leader takes over, with the first of the proposals in flight committed and the others lost.
  mutating func changeLeader(committing count: Int = .max, reconnecting: Bool = true) {
    for proposal in self.proposals.prefix(count) { self.commit(proposal.entry) }
    self.proposals = []
    self.term += 1
    self.registrations = [:]
    self.control = Control(
      term: self.term,
      store: self.store,
      configuration: self.configuration,
      seed: self.ids.next(),
      now: self.now,
      time: self.time
    )
    for id in self.agents.keys { self.agents[id]?.session = nil }
    if !reconnecting { self.silent.formUnion(self.agents.keys) }
    self.settle()
  }
}

extension LogEntry {
  /// The entry in few words.
  var summary: String { self.changes.map(\.summary).joined(separator: "; ") }
}

extension Change {
  fileprivate var summary: String {
    func short(_ id: TaskID) -> Substring { id.description.prefix(4) }
    return switch self {
    case .createTasks(_, let version, let desired, let tasks):
      "create v\(version) \(desired) " + tasks.map { "\(short($0.id))@\($0.slot)" }.joined(separator: " ")
    case .desiredStates(let states):
      "desired " + states.map { "\(short($0.task)) \($0.state)" }.joined(separator: " ")
    case .taskStatuses(let statuses):
      "status " + statuses.map { "\(short($0.task)) \($0.status.state)" }.joined(separator: " ")
    case .removeTasks(let tasks): "remove \(tasks.count)"
    case .updateStatus(_, _, let status): "update \(status?.state ?? .unknown)"
    default: String("\(self)".prefix(60))
    }
  }
}
