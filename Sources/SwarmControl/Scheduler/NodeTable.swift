// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// The nodes as the scheduler sees them: one array per fact and one dense index per node.
///
/// The table follows the control loop's view of the store; every number in it is the sum of what ``Share`` says about the tasks there.
struct NodeTable: Sendable {
  private(set) var indexByID: [NodeID: Int] = [:]
  /// The ids by index; the id of nothing where the index is free.
  private(set) var ids: [NodeID] = []
  /// Rises whenever a fact that constraints, platforms or plugins read changes, or a node comes or goes.
  private(set) var factsVersion: UInt64 = 0
  /// Rises whenever a node's facts, resources or availability change: whenever more than the tasks decides differently.
  private(set) var shapeVersion: UInt64 = 0
  /// Nodes that may take new tasks: ready, active, and not suspected.
  private(set) var available = Bitset()
  /// Tasks that the scheduler counts, per node.
  private(set) var taskCounts: [Int] = []
  /// The nodes by ``taskCounts``.
  private(set) var levels = LevelSets()
  /// What happened since ``takeWoken()`` was called last.
  private var woken = Woken()
  /// What services are called, and what they want to be near to or far from.
  var neighbours = ServiceNeighbours()

  /// What may let waiting tasks fit.
  struct Woken: Sendable {
    /// Nodes that are others than before: in facts, in size, in availability.
    var reshaped = Bitset()
    /// Nodes where a task left room, or a neighbour came that others look for.
    var freed = Bitset()
    /// Host ports that were given up.
    var ports: Set<HostPort> = []
    /// Services that have a task less somewhere, or a task more that others look for.
    var services: Set<ServiceID> = []

    var isEmpty: Bool { self.reshaped.isEmpty && self.freed.isEmpty }
  }

  private var nodeFacts: [NodeFacts?] = []
  private var totalNanoCPUs: [Int64] = []
  private var usedNanoCPUs: [Int64] = []
  private var totalMemoryBytes: [Int64] = []
  private var usedMemoryBytes: [Int64] = []
  private var usedPorts: [Int: [HostPort: Int]] = [:]
  private var generic: [Int: GenericUse] = [:]
  private var countsByService: [ServiceID: ServiceCounts] = [:]
  private var freeIndices: [Int] = []
  /// The indices of nodes whose facts changed, oldest first; the last one is ``factsVersion``.
  private var factsChanges: [Int32] = []
  private var forgottenFactsChanges: UInt64 = 0

  private struct GenericUse: Sendable {
    var total: [GenericResource] = []
    var held: [GenericResource] = []
    var stock = GenericStock()
  }

  init() {}

  var indices: Range<Int> { 0..<self.ids.count }

  /// The node at an index; `nil` when the index is free.
  func facts(at index: Int) -> NodeFacts? { self.nodeFacts[index] }
  func freeNanoCPUs(at index: Int) -> Int64 { self.totalNanoCPUs[index] - self.usedNanoCPUs[index] }
  func freeMemoryBytes(at index: Int) -> Int64 { self.totalMemoryBytes[index] - self.usedMemoryBytes[index] }
  func genericStock(at index: Int) -> GenericStock { self.generic[index]?.stock ?? GenericStock() }

  /// Whether more of the node is reserved than it has, because it has become smaller.
  func isOverfull(at index: Int) -> Bool {
    if self.freeNanoCPUs(at: index) < 0 || self.freeMemoryBytes(at: index) < 0 { return true }
    guard let generic = self.generic[index] else { return false }
    var stock = GenericStock(generic.total)
    for resource in generic.held {
      guard stock.has(resource) else { return true }
      stock.take(resource)
    }
    return false
  }

  func isAnyUsed(_ ports: [HostPort], at index: Int) -> Bool {
    guard !ports.isEmpty, let used = self.usedPorts[index] else { return false }
    return ports.contains { used[$0] != nil }
  }

  /// How full the node is: the larger part of its processor time and memory that is reserved, in millionths.
  func utilisation(at index: Int) -> Int64 {
    func part(_ used: Int64, _ total: Int64) -> Int64 {
      total > 0 ? Int64(Double(used) / Double(total) * 1_000_000) : 0
    }
    return max(
      part(self.usedNanoCPUs[index], self.totalNanoCPUs[index]),
      part(self.usedMemoryBytes[index], self.totalMemoryBytes[index])
    )
  }

  /// How many counted tasks the service has on the nodes.
  func counts(of service: ServiceID) -> ServiceCounts { self.countsByService[service] ?? ServiceCounts() }

  /// A service changed or went: others may be welcome now on the nodes that have tasks of it.
  mutating func neighboursChanged(of service: ServiceID) {
    guard let counts = self.countsByService[service], self.neighbours.hasWishes else { return }
    self.woken.freed.formUnion(counts.occupied)
  }

  /// What may let waiting tasks fit, since the last call.
  mutating func takeWoken() -> Woken {
    guard !self.woken.isEmpty else { return Woken() }
    defer { self.woken = Woken() }
    return self.woken
  }

  /// Calls the closure with each node whose facts changed after a ``factsVersion``, some of them more than once.
  func forEachFactsChange(since version: UInt64, _ body: (Int) -> Void) {
    if version < self.forgottenFactsChanges {
      for index in self.indices { body(index) }
    } else {
      for index in self.factsChanges[Int(version - self.forgottenFactsChanges)...] { body(Int(index)) }
    }
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
    let resources = node.description?.resources
    let nanoCPUs = resources?.nanoCPUs ?? 0
    let memoryBytes = resources?.memoryBytes ?? 0
    let generic = resources?.generic ?? []
    if self.totalNanoCPUs[index] != nanoCPUs || self.totalMemoryBytes[index] != memoryBytes
      || self.available[index] != isAvailable || (self.generic[index]?.total ?? []) != generic
    {
      self.totalNanoCPUs[index] = nanoCPUs
      self.totalMemoryBytes[index] = memoryBytes
      self.available[index] = isAvailable
      self.changeGeneric(at: index) { $0.total = generic }
      self.reshaped(at: index)
    }
    return isNew
  }

  /// Forgets the node; the shares are those of the tasks that are still there.
  mutating func remove(_ id: NodeID, shares: some Sequence<Share>) {
    guard let index = self.indexByID.removeValue(forKey: id) else { return }
    for share in shares { self.apply(share, sign: -1, at: index) }
    self.nodeFacts[index] = nil
    self.ids[index] = NodeID()
    self.available[index] = false
    self.generic[index] = nil
    self.levels.remove(index, from: self.taskCounts[index])
    self.freeIndices.append(index)
    self.factsChanged(at: index)
  }

  private mutating func makeIndex(for id: NodeID) -> Int {
    let index: Int
    if let free = self.freeIndices.popLast() {
      index = free
      self.ids[index] = id
      self.taskCounts[index] = 0
      self.usedNanoCPUs[index] = 0
      self.usedMemoryBytes[index] = 0
      self.usedPorts[index] = nil
    } else {
      index = self.nodeFacts.count
      self.nodeFacts.append(nil)
      self.ids.append(id)
      self.taskCounts.append(0)
      self.totalNanoCPUs.append(0)
      self.usedNanoCPUs.append(0)
      self.totalMemoryBytes.append(0)
      self.usedMemoryBytes.append(0)
    }
    self.levels.insert(index, at: 0)
    self.indexByID[id] = index
    return index
  }

  private mutating func factsChanged(at index: Int) {
    self.factsChanges.append(Int32(index))
    self.factsVersion += 1
    // Whoever is further behind than that may as well look at all nodes.
    if self.factsChanges.count > 4 * self.ids.count + 64 {
      self.forgottenFactsChanges = self.factsVersion
      self.factsChanges = []
    }
    self.reshaped(at: index)
  }

  private mutating func reshaped(at index: Int) {
    self.shapeVersion += 1
    self.woken.reshaped[index] = true
  }

  private mutating func changeGeneric(at index: Int, _ change: (inout GenericUse) -> Void) {
    var use = self.generic[index] ?? GenericUse()
    change(&use)
    use.stock = GenericStock(use.total)
    for resource in use.held { use.stock.take(resource) }
    self.generic[index] = use.total.isEmpty && use.held.isEmpty ? nil : use
  }

  // MARK: - Tasks

  /// A task came, changed or went.
  mutating func taskChanged(from oldBox: Stored<SwarmTask>?, to newBox: Stored<SwarmTask>?) {
    // Most changes move a task from one state to the next and take the same as before.
    if let old = oldBox?.value, let new = newBox?.value, old.nodeID == new.nodeID, old.desiredState == new.desiredState,
      Share.holds(old.status.state), Share.holds(new.status.state)
    {
      return
    }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(37), newBox?.value.status.state == .orphaned { return }
    #endif
    if let old = oldBox?.value, let share = Share(old), let index = self.indexByID[share.node] {
      self.apply(share, sign: -1, at: index)
      self.woken.freed[index] = true
      self.woken.ports.formUnion(share.hostPorts)
      if let service = share.service { self.woken.services.insert(service) }
    }
    if let new = newBox?.value, let share = Share(new), let index = self.indexByID[share.node] {
      self.apply(share, sign: 1, at: index)
      if let service = share.service, self.neighbours.isLookedFor(service) {
        self.woken.freed[index] = true
        self.woken.services.insert(service)
      }
    }
  }

  /// Adds what a task takes of a node that was just added.
  mutating func add(_ share: Share) {
    guard let index = self.indexByID[share.node] else { return }
    self.apply(share, sign: 1, at: index)
  }

  private mutating func apply(_ share: Share, sign: Int, at index: Int) {
    self.usedNanoCPUs[index] += Int64(sign) * share.nanoCPUs
    self.usedMemoryBytes[index] += Int64(sign) * share.memoryBytes
    for port in share.hostPorts {
      let uses = self.usedPorts[index, default: [:]][port, default: 0] + sign
      self.usedPorts[index, default: [:]][port] = uses > 0 ? uses : nil
      if self.usedPorts[index]?.isEmpty == true { self.usedPorts[index] = nil }
    }
    if !share.generic.isEmpty {
      self.changeGeneric(at: index) { use in
        for resource in share.generic {
          if sign > 0 {
            use.held.append(resource)
          } else if let position = use.held.firstIndex(of: resource) {
            use.held.remove(at: position)
          }
        }
      }
    }
    guard share.isCounted else { return }
    self.levels.remove(index, from: self.taskCounts[index])
    self.taskCounts[index] += sign
    self.levels.insert(index, at: self.taskCounts[index])
    guard let service = share.service else { return }
    self.countsByService[service, default: ServiceCounts()].change(at: index, by: sign, nodeCount: self.ids.count)
    if sign < 0, self.countsByService[service]?.isEmpty == true { self.countsByService[service] = nil }
  }
}

extension SwarmTask {
  /// The ports that the task publishes, as allocated or, before that, as asked for.
  var publishedPorts: [PortConfig] {
    guard let endpoint = self.endpoint else { return [] }
    return endpoint.ports.isEmpty ? endpoint.spec?.ports ?? [] : endpoint.ports
  }
}
