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

/// What the tasks of a class need of their node, read once from the specification.
struct TaskClass: Sendable {
  let key: TaskClassKey
  /// Billionths of a core that each task reserves.
  let nanoCPUs: Int64
  /// Bytes of memory that each task reserves.
  let memoryBytes: Int64
  /// Ports that each task opens on its node.
  let hostPorts: [HostPort]
  /// The most tasks of the service on one node; 0 means no limit.
  let maxReplicas: UInt64
  /// What tasks are spread over before nodes, the most important first.
  let preferences: [SpreadDescriptor]

  /// `nil` when a constraint can't be read: then no node fits.
  private let constraints: [PlacementConstraint]?
  private let platforms: [Platform]
  private var mask = Bitset()
  private var maskVersion: UInt64 = 0

  init(key: TaskClassKey, spec: TaskSpec, ports: [PortConfig]) {
    self.key = key
    let reservations = spec.resources?.reservations
    self.nanoCPUs = max(0, reservations?.nanoCPUs ?? 0)
    self.memoryBytes = max(0, reservations?.memoryBytes ?? 0)
    self.hostPorts = HostPort.of(ports)
    self.maxReplicas = spec.placement?.maxReplicas ?? 0
    self.preferences = (spec.placement?.preferences ?? []).compactMap { preference in
      preference.spread.flatMap { SpreadDescriptor($0.spreadDescriptor) }
    }
    self.constraints = PlacementConstraint.parse(spec.placement?.constraints ?? [])
    self.platforms = spec.placement?.platforms ?? []
  }

  /// Whether the node meets the constraints, whatever runs there.
  func meetsConstraints(_ facts: NodeFacts) -> Bool {
    self.constraints.map { facts.satisfies($0) } ?? false
  }

  /// Whether the node's platform will do.
  func meetsPlatform(_ facts: NodeFacts) -> Bool {
    facts.runs(self.platforms)
  }

  /// The nodes that meet constraints and platform; only nodes that changed since the last call are looked at.
  mutating func eligibleNodes(in table: NodeTable) -> Bitset {
    guard self.maskVersion < table.factsVersion else { return self.mask }
    for index in table.indices where table.factsVersions[index] > self.maskVersion {
      self.mask[index] = table.facts(at: index).map { self.meetsConstraints($0) && self.meetsPlatform($0) } ?? false
    }
    self.maskVersion = table.factsVersion
    return self.mask
  }

  /// How many more tasks of the class the node can take, at most `limit`; availability and constraints aside.
  func capacity(of index: Int, in table: NodeTable, serviceCount: Int, limit: Int) -> Int {
    var capacity = limit
    if self.nanoCPUs > 0 {
      capacity = min(capacity, Int(max(0, table.freeNanoCPUs(at: index)) / self.nanoCPUs))
    }
    if self.memoryBytes > 0 {
      capacity = min(capacity, Int(max(0, table.freeMemoryBytes(at: index)) / self.memoryBytes))
    }
    if !self.hostPorts.isEmpty {
      capacity = table.isAnyUsed(self.hostPorts, at: index) ? 0 : min(capacity, 1)
    }
    if self.maxReplicas > 0 {
      capacity = min(capacity, max(0, Int(clamping: self.maxReplicas) - serviceCount))
    }
    return capacity
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
