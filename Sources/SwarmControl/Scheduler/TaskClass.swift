// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Tasks that are alike to the scheduler: those of one service and version of its specification.
struct TaskClassKey: Sendable, Hashable, Comparable {
  let service: ServiceID
  let specVersion: Version

  static func < (left: Self, right: Self) -> Bool {
    left.service == right.service ? left.specVersion < right.specVersion : left.service < right.service
  }
}

/// What the tasks of a class need of their node, read once from the specification and shared from then on.
final class TaskClass: Sendable {
  let key: TaskClassKey
  /// Billionths of a core that each task reserves.
  let nanoCPUs: Int64
  /// Bytes of memory that each task reserves.
  let memoryBytes: Int64
  /// Things of the host's own that each task reserves.
  let generic: [GenericDemand]
  /// Ports that each task opens on its node.
  let hostPorts: [HostPort]
  /// The most tasks of the service on one node; 0 means no limit.
  let maxReplicas: UInt64
  /// What tasks are spread over before nodes, the most important first.
  let preferences: [SpreadDescriptor]
  let strategy: Placement.Strategy
  /// What the node has to be, whatever runs there.
  let requirements: NodeRequirements
  /// What else has to run on the node, or must not.
  let affinity: ServiceAffinity

  init(key: TaskClassKey, spec: TaskSpec, ports: [PortConfig], networkDrivers: [String] = []) {
    self.key = key
    let reservations = spec.resources?.reservations
    self.nanoCPUs = max(0, reservations?.nanoCPUs ?? 0)
    self.memoryBytes = max(0, reservations?.memoryBytes ?? 0)
    self.generic = GenericDemand.of(reservations?.generic ?? [])
    self.hostPorts = HostPort.of(ports)
    self.maxReplicas = spec.placement?.maxReplicas ?? 0
    self.preferences = (spec.placement?.preferences ?? []).compactMap { preference in
      preference.spread.flatMap { SpreadDescriptor($0.spreadDescriptor) }
    }
    self.strategy = spec.placement?.strategy ?? .spread
    var affinity = ServiceAffinity()
    let constraints = PlacementConstraint.parse(spec.placement?.constraints ?? [])?.filter { !affinity.take($0) }
    self.affinity = affinity
    self.requirements = NodeRequirements(
      constraints: constraints?.map { Constraint($0) },
      platforms: spec.placement?.platforms ?? [],
      plugins: spec.requiredPlugins(networkDrivers: networkDrivers)
    )
  }

  /// Whether the node meets the constraints, whatever runs there.
  func meetsConstraints(_ facts: NodeFacts) -> Bool { self.requirements.meetsConstraints(facts) }

  /// Whether the node's platform will do.
  func meetsPlatform(_ facts: NodeFacts) -> Bool { self.requirements.meetsPlatform(facts) }

  /// How many more tasks of the class the node can take, at most `limit`; availability, requirements and neighbours aside.
  func capacity(of index: Int, in table: NodeTable, serviceCount: Int, limit: Int) -> Int {
    var capacity = limit
    if self.nanoCPUs > 0 {
      let free = table.freeNanoCPUs(at: index)
      guard free >= self.nanoCPUs else { return 0 }
      if capacity > 1 { capacity = min(capacity, Int(free / self.nanoCPUs)) }
    }
    if self.memoryBytes > 0 {
      var free = table.freeMemoryBytes(at: index)
      #if PLANTED_BUGS
        if PlantedBug.isPlanted(47) { free = .max }
      #endif
      guard free >= self.memoryBytes else { return 0 }
      if capacity > 1 { capacity = min(capacity, Int(free / self.memoryBytes)) }
    }
    if !self.generic.isEmpty {
      capacity = table.genericStock(at: index).capacity(for: self.generic, limit: capacity)
    }
    if !self.hostPorts.isEmpty {
      capacity = table.isAnyUsed(self.hostPorts, at: index) ? 0 : min(capacity, 1)
    }
    let most = self.mostPerNode(table)
    return most == .max ? capacity : min(capacity, max(0, most - serviceCount))
  }

  /// Whether the node has what one more task reserves.
  func hasResources(at index: Int, in table: NodeTable) -> Bool {
    if self.nanoCPUs > 0, table.freeNanoCPUs(at: index) < self.nanoCPUs { return false }
    if self.memoryBytes > 0, table.freeMemoryBytes(at: index) < self.memoryBytes { return false }
    return self.generic.isEmpty || table.genericStock(at: index).capacity(for: self.generic, limit: 1) > 0
  }

  /// The most tasks of the service on one node: a service that doesn't want itself beside it has one at most.
  func mostPerNode(_ table: NodeTable) -> Int {
    let most = self.maxReplicas > 0 ? Int(clamping: self.maxReplicas) : .max
    guard !self.affinity.isEmpty else { return most }
    let avoidsItself = self.affinity.unwanted.contains { table.neighbours.id(of: $0) == self.key.service }
    return avoidsItself ? min(most, 1) : most
  }

  /// Keeps of a set the nodes whose tasks the class's tasks want beside them, and which want them.
  func keepNeighbours(of nodes: inout Bitset, in table: NodeTable) {
    for names in self.affinity.wanted {
      let services = names.compactMap { table.neighbours.id(of: $0) }
      // Somebody has to be the first of those who want to be together.
      if services.contains(self.key.service) { continue }
      var wanted = Bitset()
      for service in services { wanted.formUnion(table.counts(of: service).occupied) }
      nodes.formIntersection(wanted)
    }
    for service in self.strangers(in: table) { nodes.subtract(table.counts(of: service).occupied) }
  }

  /// Whether the node's tasks are welcome to the class's tasks, and the other way round.
  func likesNeighbours(at index: Int, in table: NodeTable) -> Bool {
    for names in self.affinity.wanted {
      let services = names.compactMap { table.neighbours.id(of: $0) }
      if services.contains(self.key.service) { continue }
      guard services.contains(where: { table.counts(of: $0)[index] > 0 }) else { return false }
    }
    return self.strangers(in: table).allSatisfy { table.counts(of: $0)[index] == 0 }
  }

  /// The services that must not be on the same node.
  private func strangers(in table: NodeTable) -> Set<ServiceID> {
    var strangers = table.neighbours.avoiders(of: self.key.service)
    for name in self.affinity.unwanted {
      if let id = table.neighbours.id(of: name) { strangers.insert(id) }
    }
    strangers.remove(self.key.service)
    return strangers
  }
}

extension PlacementConstraint {
  /// Reads all constraints; `nil` when one of them can't be read.
  static func parse(_ texts: [String]) -> [PlacementConstraint]? {
    var constraints: [PlacementConstraint] = []
    for text in texts {
      guard let constraint = try? PlacementConstraint(parsing: text) else { return nil }
      constraints.append(constraint)
    }
    return constraints
  }
}
