// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

@testable internal import SwarmControl

/// Nodes, tasks and a class of tasks to place, made by chance; and the slowest way to place them.
struct RandomNodes {
  var random: IdentifierGenerator
  var table = NodeTable()
  var services: [ServiceID] = []
  var spec = TaskSpec()
  var ports: [PortConfig] = []
  var failures = FailureHistory()

  private static let host = PortConfig(targetPort: 80, publishedPort: 80, publishMode: .host)

  init(seed: UInt64, nodes: ClosedRange<Int> = 1...9) {
    self.random = IdentifierGenerator(seed: seed)
    self.services = (0..<3).map { _ in self.random.make() }
    for number in 0..<Int.random(in: nodes, using: &self.random) { self.addNode(number) }
    self.chooseSpec()
    for (number, id) in self.services.enumerated() {
      let spec = ServiceSpec(
        annotations: Annotations(name: "s\(number)"),
        task: number == 0 ? self.spec : self.neighbour(number),
        mode: .replicated(replicas: 0)
      )
      self.table.neighbours.serviceChanged(id, to: Service(id: id, spec: spec))
    }
  }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }
  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self.random) }

  private mutating func addNode(_ number: Int) {
    var generic: [GenericResource] = []
    if self.chance(40) { generic.append(.discrete(kind: "disk", value: Int64(self.number(0...4)))) }
    if self.chance(40) { generic += (0..<self.number(1...3)).map { .named(kind: "gpu", value: "g\($0)") } }
    let node = Node(
      id: self.random.make(),
      spec: NodeSpec(annotations: Annotations(labels: ["zone": "\(number % 3)", "rack": "\(number % 2)"])),
      description: NodeDescription(
        hostname: "n\(number)",
        platform: Platform(architecture: self.chance(50) ? "x86_64" : "arm64", os: "linux"),
        resources: Resources(
          nanoCPUs: Int64(self.number(0...12)),
          memoryBytes: Int64(self.number(0...12)),
          generic: generic
        )
      )
    )
    _ = self.table.update(node, isAvailable: self.chance(85))
    for _ in 0..<self.number(0...5) {
      let service = self.services[self.number(0...2)]
      self.add(
        service,
        TaskSpec(resources: ResourceRequirements(reservations: Resources(nanoCPUs: Int64(self.number(0...2))))),
        on: node.id,
        ports: self.chance(10) ? [Self.host] : []
      )
    }
    for _ in 0..<(self.chance(20) ? self.number(4...7) : 0) {
      self.failures.taskFailed(self.services[0], on: node.id, now: .zero)
    }
  }

  private mutating func neighbour(_ number: Int) -> TaskSpec {
    TaskSpec(placement: Placement(constraints: self.chance(15) ? ["service.name!=s0"] : []))
  }

  private mutating func chooseSpec() {
    let reservations = Resources(
      nanoCPUs: Int64(self.number(0...3)),
      memoryBytes: Int64(self.number(0...3)),
      generic: self.chance(30)
        ? [.discrete(kind: self.chance(50) ? "disk" : "gpu", value: Int64(self.number(1...2)))] : []
    )
    var constraints: [String] = []
    if self.chance(30) { constraints.append("node.labels.zone in (0, 1)") }
    if self.chance(20) { constraints.append("node.hostname!=n\(self.number(0...4))") }
    if self.chance(15) { constraints.append("service.name==s1") }
    if self.chance(15) { constraints.append("service.name!=s2") }
    if self.chance(10) { constraints.append("service.name!=s0") }
    let spread = ["zone", "rack"].filter { _ in self.chance(35) }
    self.spec = TaskSpec(
      resources: ResourceRequirements(reservations: reservations),
      placement: Placement(
        constraints: constraints,
        preferences: spread.map { PlacementPreference(spread: SpreadOver(spreadDescriptor: "node.labels.\($0)")) },
        platforms: self.chance(20) ? [Platform(architecture: "amd64", os: "linux")] : [],
        maxReplicas: self.chance(30) ? UInt64(self.number(1...4)) : 0,
        strategy: self.chance(25) ? .binpack : .spread
      )
    )
    self.ports = self.chance(15) ? [Self.host] : []
  }

  mutating func add(
    _ service: ServiceID,
    _ spec: TaskSpec,
    on node: NodeID,
    ports: [PortConfig] = [],
    generic: [GenericResource] = []
  ) {
    let task = SwarmTask(
      id: self.random.make(),
      spec: TaskSpecBox(spec),
      serviceID: service,
      nodeID: node,
      status: TaskStatus(state: .running),
      desiredState: .running,
      endpoint: ports.isEmpty ? nil : Endpoint(ports: ports),
      assignedGenericResources: generic
    )
    self.table.taskChanged(from: nil, to: Stored(task))
  }

  var taskClass: TaskClass {
    TaskClass(key: TaskClassKey(service: self.services[0], specVersion: .zero), spec: self.spec, ports: self.ports)
  }

  /// What the scheduler finds.
  func place(_ count: Int) -> [Int] {
    let taskClass = self.taskClass
    var tree = SpreadTree(taskClass.preferences)
    tree.update(from: self.table)
    var eligible = EligibleNodes()
    eligible.update(taskClass.requirements, from: self.table)
    let failing = self.failures.failingNodes(for: self.services[0], in: self.table, now: .zero)
    return Placer(count, table: self.table, taskClass: taskClass, tree: tree, failing: failing)
      .place(on: eligible.nodes).map { Int($0) }
  }

  // MARK: - The oracle

  /// The best node for one task by a plain look at each, and none of the scheduler's indexes.
  func oracle() -> Int? {
    let taskClass = self.taskClass
    var open = self.table.indices.filter { self.isOpen(taskClass, $0) }
    for preference in taskClass.preferences {
      // The branch with the fewest tasks of the service, among those that can take one.
      let path = self.path(to: open, preference, taskClass)
      open = open.filter { self.value($0, preference) == path }
    }
    let failures = self.failuresByNode()
    return open.min { left, right in
      if failures[left, default: 0] != failures[right, default: 0] {
        return failures[left, default: 0] < failures[right, default: 0]
      }
      return self.rank(left, taskClass.strategy).lexicographicallyPrecedes(self.rank(right, taskClass.strategy))
    }
  }

  /// Preferences are asked one after the other, so branches are told apart within the branch chosen before.
  private func path(to open: [Int], _ preference: SpreadDescriptor, _ taskClass: TaskClass) -> String? {
    let earlier = taskClass.preferences.prefix { $0 != preference }
    guard let first = open.first else { return nil }
    let inside = self.table.indices.filter { index in
      self.table.facts(at: index) != nil && earlier.allSatisfy { self.value(index, $0) == self.value(first, $0) }
    }
    func held(_ value: String) -> Int {
      inside.filter { self.value($0, preference) == value }
        .reduce(0) { $0 + self.table.counts(of: self.services[0])[$1] }
    }
    let values = Set(open.map { self.value($0, preference) })
    return values.min { (held($0), $0) < (held($1), $1) }
  }

  private func value(_ index: Int, _ descriptor: SpreadDescriptor) -> String {
    self.table.facts(at: index)?.value(of: descriptor) ?? ""
  }

  private func failuresByNode() -> [Int: Int] {
    var result: [Int: Int] = [:]
    for (failures, nodes) in self.failures.failingNodes(for: self.services[0], in: self.table, now: .zero) {
      nodes.forEach { result[$0] = failures }
    }
    return result
  }

  private func rank(_ index: Int, _ strategy: Placement.Strategy) -> [Int] {
    switch strategy {
    case .spread: [self.table.counts(of: self.services[0])[index], self.table.taskCounts[index], index]
    case .binpack: [-Int(self.table.utilisation(at: index)), -self.table.taskCounts[index], index]
    }
  }

  func isOpen(_ taskClass: TaskClass, _ index: Int) -> Bool {
    guard let facts = self.table.facts(at: index), self.table.available[index] else { return false }
    let count = self.table.counts(of: self.services[0])[index]
    return taskClass.requirements.isMet(by: facts) && taskClass.likesNeighbours(at: index, in: self.table)
      && taskClass.capacity(of: index, in: self.table, serviceCount: count, limit: 1) > 0
  }

  /// Carries out what was found.
  mutating func put(_ index: Int) {
    var stock = self.table.genericStock(at: index)
    self.add(
      self.services[0],
      self.spec,
      on: self.table.ids[index],
      ports: self.ports,
      generic: stock.claim(self.taskClass.generic)
    )
  }
}
