// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Tasks without a node, by class, and what each class could be helped by: what happens elsewhere costs them nothing.
struct WaitingTasks: Sendable {
  private struct Entry: Sendable {
    /// By slot, so that the lowest slots come first.
    var tasks: [Waiting] = []
    var hopes: Hopes?
    /// The reason that all of the tasks show; `nil` when they may show different ones.
    var reason: String?

    func lowerBound(_ task: Waiting) -> Int {
      if let last = self.tasks.last, last < task { return self.tasks.count }
      var (low, high) = (0, self.tasks.count)
      while low < high {
        let middle = (low + high) / 2
        if self.tasks[middle] < task { low = middle + 1 } else { high = middle }
      }
      return low
    }

    mutating func insert(_ task: SwarmTask) {
      let waiting = Waiting(slot: task.slot, id: task.id)
      self.tasks.insert(waiting, at: self.lowerBound(waiting))
    }

    /// - Returns: Whether nothing is left.
    mutating func remove(_ task: SwarmTask) -> Bool {
      let waiting = Waiting(slot: task.slot, id: task.id)
      let position = self.lowerBound(waiting)
      if position < self.tasks.count, self.tasks[position] == waiting { self.tasks.remove(at: position) }
      return self.tasks.isEmpty
    }
  }

  private struct Waiting: Sendable, Comparable {
    let slot: UInt64
    let id: TaskID

    static func < (left: Self, right: Self) -> Bool {
      left.slot == right.slot ? left.id < right.id : left.slot < right.slot
    }
  }

  /// What a class that fits nowhere waits for, short of a change of the nodes themselves.
  private struct Hopes: Sendable {
    var resources: Int?
    var ports: [HostPort] = []
    /// Names of services that have to come or go.
    var neighbours: [String] = []
  }

  private var entries: [TaskClassKey: Entry] = [:]
  /// Classes that wait for resources, by the size of what they need; small needs are found without a look at big ones.
  private var bySize: [Int: Set<TaskClassKey>] = [:]
  private var byPort: [HostPort: Set<TaskClassKey>] = [:]
  private var byNeighbour: [String: Set<TaskClassKey>] = [:]
  private var byService: [ServiceID: Set<TaskClassKey>] = [:]

  init() {}

  /// The classes that have waiting tasks.
  var keys: some Collection<TaskClassKey> { self.entries.keys }
  var count: Int { self.entries.count }

  func contains(_ key: TaskClassKey) -> Bool { self.entries[key] != nil }

  /// How many tasks of the class wait.
  func count(_ key: TaskClassKey) -> Int { self.entries[key]?.tasks.count ?? 0 }

  /// Some of the class's waiting tasks, those of the lowest slots first.
  func tasks(_ key: TaskClassKey, _ count: Int) -> [TaskID] {
    self.entries[key]?.tasks.prefix(count).map(\.id) ?? []
  }

  /// The reason that all of the class's tasks show; `nil` when they may show different ones.
  func reason(_ key: TaskClassKey) -> String? { self.entries[key]?.reason }

  mutating func insert(_ task: SwarmTask, _ key: TaskClassKey) {
    self.entries[key, default: Entry()].insert(task)
    self.tells(task, key)
  }

  /// A waiting task shows a reason.
  mutating func tells(_ task: SwarmTask, _ key: TaskClassKey) {
    guard let index = self.entries.index(forKey: key) else { return }
    if self.entries.values[index].tasks.count == 1 {
      self.entries.values[index].reason = task.status.err
    } else if self.entries.values[index].reason != task.status.err {
      self.entries.values[index].reason = nil
    }
  }

  mutating func remove(_ task: SwarmTask, _ key: TaskClassKey) {
    guard let index = self.entries.index(forKey: key), self.entries.values[index].remove(task) else { return }
    self.forgetHopes(of: key)
    self.entries[key] = nil
  }

  /// The class fits nowhere now, and its tasks show why.
  mutating func fitsNowhere(_ taskClass: TaskClass, reason: String) {
    let key = taskClass.key
    self.entries[key]?.reason = reason
    guard self.entries[key] != nil, self.entries[key]?.hopes == nil else { return }
    let hopes = Hopes(
      resources: Self.size(of: taskClass),
      ports: taskClass.hostPorts,
      neighbours: taskClass.affinity.wanted.joined() + taskClass.affinity.unwanted
    )
    if let size = hopes.resources { self.bySize[size, default: []].insert(key) }
    for port in hopes.ports { self.byPort[port, default: []].insert(key) }
    for name in hopes.neighbours { self.byNeighbour[name, default: []].insert(key) }
    self.byService[key.service, default: []].insert(key)
    self.entries[key]?.hopes = hopes
  }

  private mutating func forgetHopes(of key: TaskClassKey) {
    guard let hopes = self.entries[key]?.hopes else { return }
    self.entries[key]?.hopes = nil
    if let size = hopes.resources { self.bySize.remove(key, from: size) }
    for port in hopes.ports { self.byPort.remove(key, from: port) }
    for name in hopes.neighbours { self.byNeighbour.remove(key, from: name) }
    self.byService.remove(key, from: key.service)
  }

  /// The classes that tasks which went, or came, could have helped.
  func candidates(_ woken: NodeTable.Woken, in table: NodeTable) -> Set<TaskClassKey> {
    guard !self.entries.isEmpty else { return [] }
    var candidates: Set<TaskClassKey> = []
    if !self.bySize.isEmpty {
      var largest = 0
      woken.freed.forEach { largest = max(largest, Self.size(table.freeNanoCPUs(at: $0))) }
      for (size, keys) in self.bySize where size <= largest || size >= Self.otherSize { candidates.formUnion(keys) }
    }
    for port in woken.ports { candidates.formUnion(self.byPort[port] ?? []) }
    for service in woken.services {
      // Those limited in number per node, those who look for or avoid the service, and those whom it avoids.
      candidates.formUnion(self.byService[service] ?? [])
      guard let (name, unwanted) = table.neighbours.nameAndUnwanted(of: service) else { continue }
      candidates.formUnion(self.byNeighbour[name] ?? [])
      for other in unwanted.compactMap({ table.neighbours.id(of: $0) }) {
        candidates.formUnion(self.byService[other] ?? [])
      }
    }
    return candidates
  }

  /// The classes that a service keeps from nodes, by its wish or theirs: when it changes, or goes, they may fit there.
  func keptAway(by service: ServiceID, in table: NodeTable) -> Set<TaskClassKey> {
    guard !self.entries.isEmpty, let (name, unwanted) = table.neighbours.nameAndUnwanted(of: service) else { return [] }
    var classes = self.byNeighbour[name] ?? []
    for other in unwanted.compactMap({ table.neighbours.id(of: $0) }) { classes.formUnion(self.byService[other] ?? []) }
    return classes
  }

  /// Classes that need no processor time, but memory or other things.
  private static var otherSize: Int { 64 }

  private static func size(of taskClass: TaskClass) -> Int? {
    if taskClass.nanoCPUs > 0 { return Self.size(taskClass.nanoCPUs) }
    return taskClass.memoryBytes > 0 || !taskClass.generic.isEmpty ? Self.otherSize : nil
  }

  private static func size(_ nanoCPUs: Int64) -> Int { Int64.bitWidth - max(0, nanoCPUs).leadingZeroBitCount }
}
