// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// The nodes as the scheduler sees them: one array per fact and one dense index per node.
///
/// The table follows the control loop's view of the store; every number in it is the sum of what ``Share`` says about the tasks there.
struct NodeTable: Sendable {
  private(set) var indexByID: [NodeID: Int] = [:]
  /// Rises whenever a fact that constraints or platforms read changes, or a node comes or goes.
  private(set) var factsVersion: UInt64 = 0
  /// Rises whenever a node's facts, resources or availability change: whenever more than the tasks decides differently.
  private(set) var shapeVersion: UInt64 = 0
  /// ``factsVersion`` when the node at the index changed last.
  private(set) var factsVersions: [UInt64] = []
  /// Nodes that may take new tasks: ready, active, and not suspected.
  private(set) var available = Bitset()
  /// Tasks that the scheduler counts, per node.
  private(set) var taskCounts: [Int] = []
  /// Nodes that can take more than before, since ``takeWoken()`` was called last.
  private var woken: Set<Int> = []

  private var nodeFacts: [NodeFacts?] = []
  private var totalNanoCPUs: [Int64] = []
  private var usedNanoCPUs: [Int64] = []
  private var totalMemoryBytes: [Int64] = []
  private var usedMemoryBytes: [Int64] = []
  private var usedPorts: [[HostPort: Int]] = []
  private var countsByService: [ServiceID: [Int: Int]] = [:]
  private var freeIndices: [Int] = []

  init() {}

  var indices: Range<Int> { 0..<self.nodeFacts.count }

  /// The node at an index; `nil` when the index is free.
  func facts(at index: Int) -> NodeFacts? { self.nodeFacts[index] }
  func freeNanoCPUs(at index: Int) -> Int64 { self.totalNanoCPUs[index] - self.usedNanoCPUs[index] }
  func freeMemoryBytes(at index: Int) -> Int64 { self.totalMemoryBytes[index] - self.usedMemoryBytes[index] }

  func isAnyUsed(_ ports: [HostPort], at index: Int) -> Bool {
    ports.contains { self.usedPorts[index][$0] != nil }
  }

  /// How many counted tasks the service has, per node that has any.
  func counts(of service: ServiceID) -> [Int: Int] { self.countsByService[service] ?? [:] }

  /// The nodes that can take more than before, in order.
  mutating func takeWoken() -> [Int] {
    guard !self.woken.isEmpty else { return [] }
    defer { self.woken = [] }
    return self.woken.sorted()
  }

  // MARK: - Nodes

  /// Adds the node or takes over what changed of it.
  ///
  /// - Returns: Whether the node is new, so that its tasks have to be added.
  mutating func update(_ node: Node, isAvailable: Bool) -> Bool {
    let isNew = self.indexByID[node.id] == nil
    let index = self.indexByID[node.id] ?? self.makeIndex(for: node.id)
    let facts = NodeFacts(node)
    if self.nodeFacts[index] != facts {
      self.nodeFacts[index] = facts
      self.factsChanged(at: index)
    }
    let nanoCPUs = node.description?.resources?.nanoCPUs ?? 0
    let memoryBytes = node.description?.resources?.memoryBytes ?? 0
    if self.totalNanoCPUs[index] != nanoCPUs || self.totalMemoryBytes[index] != memoryBytes
      || self.available[index] != isAvailable
    {
      self.totalNanoCPUs[index] = nanoCPUs
      self.totalMemoryBytes[index] = memoryBytes
      self.available[index] = isAvailable
      self.shapeVersion += 1
      self.woken.insert(index)
    }
    return isNew
  }

  /// Forgets the node; the shares are those of the tasks that are still there.
  mutating func remove(_ id: NodeID, shares: some Sequence<Share>) {
    guard let index = self.indexByID.removeValue(forKey: id) else { return }
    for share in shares { self.apply(share, sign: -1, at: index) }
    self.nodeFacts[index] = nil
    self.available[index] = false
    self.freeIndices.append(index)
    self.factsChanged(at: index)
  }

  private mutating func makeIndex(for id: NodeID) -> Int {
    let index: Int
    if let free = self.freeIndices.popLast() {
      index = free
      self.taskCounts[index] = 0
      self.usedNanoCPUs[index] = 0
      self.usedMemoryBytes[index] = 0
      self.usedPorts[index] = [:]
    } else {
      index = self.nodeFacts.count
      self.nodeFacts.append(nil)
      self.factsVersions.append(0)
      self.taskCounts.append(0)
      self.totalNanoCPUs.append(0)
      self.usedNanoCPUs.append(0)
      self.totalMemoryBytes.append(0)
      self.usedMemoryBytes.append(0)
      self.usedPorts.append([:])
    }
    self.indexByID[id] = index
    return index
  }

  private mutating func factsChanged(at index: Int) {
    self.factsVersion += 1
    self.factsVersions[index] = self.factsVersion
    self.shapeVersion += 1
    self.woken.insert(index)
  }

  // MARK: - Tasks

  /// What one task takes of its node.
  struct Share: Sendable {
    let node: NodeID
    let service: ServiceID?
    /// Whether the task counts for spreading: it is meant to run, and may.
    let isCounted: Bool
    let nanoCPUs: Int64
    let memoryBytes: Int64
    let hostPorts: [HostPort]

    /// Whether a task in that observed state holds what it reserved: what a stopping task holds is only free when it stopped.
    static func holds(_ state: TaskState) -> Bool { state >= .assigned && state <= .running }

    /// `nil` when the task takes nothing: it has no node yet, or has ended.
    init?(_ task: SwarmTask) {
      guard let node = task.nodeID, Self.holds(task.status.state) else { return nil }
      self.node = node
      self.service = task.serviceID
      self.isCounted = task.isWanted
      let reservations = task.spec.value.resources?.reservations
      self.nanoCPUs = max(0, reservations?.nanoCPUs ?? 0)
      self.memoryBytes = max(0, reservations?.memoryBytes ?? 0)
      self.hostPorts = HostPort.of(task.publishedPorts)
    }
  }

  /// A task came, changed or went.
  mutating func taskChanged(from old: SwarmTask?, to new: SwarmTask?) {
    // Most changes move a task from one state to the next and take the same as before.
    if let old, let new, old.nodeID == new.nodeID, old.desiredState == new.desiredState,
      Share.holds(old.status.state), Share.holds(new.status.state)
    {
      return
    }
    if let share = old.flatMap(Share.init), let index = self.indexByID[share.node] {
      self.apply(share, sign: -1, at: index)
      self.woken.insert(index)
    }
    if let share = new.flatMap(Share.init), let index = self.indexByID[share.node] {
      self.apply(share, sign: 1, at: index)
    }
  }

  /// Adds what a task takes of a node that was just added.
  mutating func add(_ share: Share) {
    guard let index = self.indexByID[share.node] else { return }
    self.apply(share, sign: 1, at: index)
  }

  private mutating func apply(_ share: Share, sign: Int64, at index: Int) {
    self.usedNanoCPUs[index] += sign * share.nanoCPUs
    self.usedMemoryBytes[index] += sign * share.memoryBytes
    for port in share.hostPorts {
      let uses = self.usedPorts[index][port, default: 0] + Int(sign)
      self.usedPorts[index][port] = uses > 0 ? uses : nil
    }
    guard share.isCounted else { return }
    self.taskCounts[index] += Int(sign)
    guard let service = share.service else { return }
    let count = self.countsByService[service]?[index] ?? 0
    if count + Int(sign) > 0 {
      self.countsByService[service, default: [:]][index] = count + Int(sign)
    } else {
      self.countsByService[service]?[index] = nil
      if self.countsByService[service]?.isEmpty == true { self.countsByService[service] = nil }
    }
  }
}

extension SwarmTask {
  /// The ports that the task publishes, as allocated or, before that, as asked for.
  var publishedPorts: [PortConfig] {
    guard let endpoint = self.endpoint else { return [] }
    return endpoint.ports.isEmpty ? endpoint.spec?.ports ?? [] : endpoint.ports
  }
}
