// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Chooses nodes for tasks, and keeps those that fit nowhere until something changes that could help them.
struct Scheduler: Sendable {
  var table = NodeTable()
  /// The drivers of networks, where it is one that not every engine has.
  var networkPlugins: [NetworkID: String] = [:]
  private var failures = FailureHistory()
  /// The classes of each service's specifications, as far as they were asked for.
  private(set) var classes: [ServiceID: [Version: TaskClass]] = [:]
  /// The specification that each service has now.
  private var specVersions: [ServiceID: Version] = [:]
  /// What is known of nodes, per requirements that any class has; with the number of classes that have them.
  private var eligible: [NodeRequirements: (classes: Int, nodes: EligibleNodes)] = [:]
  private var trees: [[SpreadDescriptor]: SpreadTree] = [:]
  /// Tasks without a node.
  private var waiting = WaitingTasks()
  /// Tasks that only their node will do for, and which don't fit there.
  private var preassigned = PreassignedTasks()
  /// Classes whose waiting tasks are to be tried.
  private var retries: Set<TaskClassKey> = []
  /// Classes whose reason to wait may read differently now; there is no hurry.
  private var outdatedReasons: Set<TaskClassKey> = []
  /// How many reasons may be worked out anew now, as of a moment.
  private var reasonBudget = (count: Scheduler.reasonsPerSecond, at: Duration.zero)

  init() {}

  // MARK: - What changed

  /// A task came, changed or went.
  mutating func taskChanged(from oldBox: Stored<SwarmTask>?, to newBox: Stored<SwarmTask>?, now: Duration) {
    self.table.taskChanged(from: oldBox, to: newBox)
    let waited = oldBox.flatMap { Self.waitingClass(of: $0.value) }
    let waits = newBox.flatMap { Self.waitingClass(of: $0.value) }
    if let waited, waits == nil, let old = oldBox?.value {
      self.waiting.remove(old, waited)
      self.forgetUnused(waited)
    }
    if let waits, let new = newBox?.value {
      if waited == nil {
        self.waiting.insert(new, waits)
        self.retries.insert(waits)
      } else {
        self.waiting.tells(new, waits)
      }
    }
    let oldPlace = oldBox.flatMap { PreassignedTasks.node(of: $0.value) }
    let newPlace = newBox.flatMap { PreassignedTasks.node(of: $0.value) }
    if oldPlace != newPlace, let id = (newBox ?? oldBox)?.value.id {
      self.preassigned.taskChanged(id, from: oldPlace, to: newPlace)
    }
    guard let new = newBox?.value, let before = oldBox?.value.status.state, before <= .running else { return }
    guard new.status.state == .failed || new.status.state == .rejected else { return }
    if let node = new.nodeID, let service = new.serviceID {
      self.failures.taskFailed(service, on: node, now: now)
    }
  }

  #if PLANTED_BUGS
    mutating func forgetWaiting() {
      (self.waiting, self.retries) = (WaitingTasks(), [])
      self.preassigned = PreassignedTasks()
    }
  #endif

  /// A service came, changed or went: forgets what nobody needs any more.
  mutating func serviceChanged(from old: Service?, to new: Service?) {
    if let id = new?.id ?? old?.id { self.specVersions[id] = new?.specVersion }
    if let id = new?.id ?? old?.id, old?.spec != new?.spec {
      self.retries.formUnion(self.waiting.keptAway(by: id, in: self.table))
      self.table.neighbours.serviceChanged(id, to: new)
      self.table.neighboursChanged(of: id)
    }
    guard let old, old.specVersion != new?.specVersion else { return }
    // Other tasks may have other luck.
    if old.spec.task != new?.spec.task { self.failures.forget(old.id) }
    for version in (self.classes[old.id] ?? [:]).keys {
      self.forgetUnused(TaskClassKey(service: old.id, specVersion: version))
    }
  }

  /// Forgets a class of a specification that its service has no more, unless tasks of it wait.
  private mutating func forgetUnused(_ key: TaskClassKey) {
    guard self.specVersions[key.service] != key.specVersion, !self.waiting.contains(key),
      let gone = self.classes[key.service]?.removeValue(forKey: key.specVersion)
    else { return }
    if self.classes[key.service]?.isEmpty == true { self.classes[key.service] = nil }
    self.eligible[gone.requirements]?.classes -= 1
    if self.eligible[gone.requirements]?.classes == 0 { self.eligible[gone.requirements] = nil }
  }

  private static func waitingClass(of task: SwarmTask) -> TaskClassKey? {
    guard task.nodeID == nil, task.status.state < .assigned, task.isWanted, let service = task.serviceID else { return nil }
    return TaskClassKey(service: service, specVersion: task.specVersion)
  }

  // MARK: - Classes

  /// The class of tasks that the service makes now.
  mutating func taskClass(of service: Service) -> TaskClass {
    let key = TaskClassKey(service: service.id, specVersion: service.specVersion)
    if let known = self.classes[key.service]?[key.specVersion] { return known }
    let drivers = self.networkPlugins.drivers(of: service.spec.task, in: service)
    return self.keep(TaskClass(key: key, spec: service.spec.task, ports: service.publishedPorts, networkDrivers: drivers))
  }

  /// The class that a task of a service belongs to.
  mutating func taskClass(of task: SwarmTask, in service: Service?) -> TaskClass {
    let key = TaskClassKey(service: task.serviceID ?? ServiceID(), specVersion: task.specVersion)
    if let known = self.classes[key.service]?[key.specVersion] { return known }
    let drivers = self.networkPlugins.drivers(of: task.spec.value, in: service)
    return self.keep(TaskClass(key: key, spec: task.spec.value, ports: task.publishedPorts, networkDrivers: drivers))
  }

  private mutating func keep(_ made: TaskClass) -> TaskClass {
    self.classes[made.key.service, default: [:]][made.key.specVersion] = made
    self.eligible[made.requirements, default: (0, EligibleNodes())].classes += 1
    return made
  }

  /// The nodes that meet the class's requirements.
  private mutating func eligibleNodes(_ taskClass: TaskClass) -> Bitset {
    guard let index = self.eligible.index(forKey: taskClass.requirements) else { return Bitset() }
    self.eligible.values[index].nodes.update(taskClass.requirements, from: self.table)
    return self.eligible.values[index].nodes.nodes
  }

  private mutating func tree(_ preferences: [SpreadDescriptor]) -> SpreadTree? {
    guard !preferences.isEmpty else { return nil }
    self.trees[preferences, default: SpreadTree(preferences)].update(from: self.table)
    return self.trees[preferences]
  }

  // MARK: - Placing

  /// Nodes for up to `count` tasks of the class; fewer when no more fit.
  mutating func place(_ count: Int, of taskClass: TaskClass, now: Duration) -> [Placed] {
    let placer = Placer(
      count,
      table: self.table,
      taskClass: taskClass,
      tree: self.tree(taskClass.preferences),
      failing: self.failures.failingNodes(for: taskClass.key.service, in: self.table, now: now)
    )
    let indices = placer.place(on: self.eligibleNodes(taskClass))
    guard !taskClass.generic.isEmpty else {
      return indices.map { Placed(node: self.table.ids[Int($0)], generic: []) }
    }
    var stocks: [Int32: GenericStock] = [:]
    return indices.map { index in
      let claimed = stocks[index, default: self.table.genericStock(at: Int(index))].claim(taskClass.generic)
      return Placed(node: self.table.ids[Int(index)], generic: claimed)
    }
  }

  /// A node for a task.
  struct Placed: Sendable {
    let node: NodeID
    /// What the task gets of the node's own resources.
    let generic: [GenericResource]
  }

  /// Whether one more task of the class fits the node.
  func fits(_ taskClass: TaskClass, on node: NodeID) -> Bool {
    guard let index = self.table.indexByID[node] else { return false }
    return self.fits(taskClass, at: index)
  }

  /// What one more task of the class gets of the node's own resources.
  func claim(_ taskClass: TaskClass, on node: NodeID) -> [GenericResource] {
    guard !taskClass.generic.isEmpty, let index = self.table.indexByID[node] else { return [] }
    var stock = self.table.genericStock(at: index)
    return stock.claim(taskClass.generic)
  }

  /// Why a further task of the class fits nowhere.
  mutating func failure(of taskClass: TaskClass) -> PlacementFailure {
    PlacementFailure(of: taskClass, eligible: self.eligibleNodes(taskClass), in: self.table)
  }

  /// Why one more task of the class doesn't fit the node.
  func failure(of taskClass: TaskClass, on node: NodeID) -> PlacementFailure? {
    self.table.indexByID[node].map { PlacementFailure(of: taskClass, at: $0, in: self.table) }
  }

  /// Whether the node may take new tasks at all.
  func isAvailable(_ node: NodeID) -> Bool { self.table.indexByID[node].map { self.table.available[$0] } ?? false }

  private func fits(_ taskClass: TaskClass, at index: Int) -> Bool {
    guard self.table.available[index] else { return false }
    let count = self.table.counts(of: taskClass.key.service)[index]
    guard taskClass.capacity(of: index, in: self.table, serviceCount: count, limit: 1) > 0 else { return false }
    guard let facts = self.table.facts(at: index), taskClass.requirements.isMet(by: facts) else { return false }
    return taskClass.likesNeighbours(at: index, in: self.table)
  }

  // MARK: - Waiting tasks

  /// How many reasons to wait are worked out anew in a second, at most: nobody reads them faster, and each is a look at all nodes.
  private static var reasonsPerSecond: Int { 256 }

  /// Whether tasks wait that are to be tried.
  var hasRetries: Bool { !self.retries.isEmpty || self.preassigned.hasRetries }
  /// When reasons to wait are to be worked out anew.
  var reasonsDue: Duration? { self.outdatedReasons.isEmpty ? nil : self.reasonBudget.at + .seconds(1) }

  /// Nodes changed, and maybe some of them can take more: finds out whose waiting tasks that could help.
  mutating func nodesWoke() {
    let woken = self.table.takeWoken()
    guard !woken.isEmpty else { return }
    if !woken.reshaped.isEmpty {
      self.outdatedReasons.formUnion(self.waiting.keys)
      self.retryWhatFits(self.waiting.keys, woken.reshaped)
    }
    self.retryWhatFits(self.waiting.candidates(woken, in: self.table), woken.freed)
    guard !self.preassigned.isEmpty else { return }
    woken.freed.forEach { self.preassigned.nodeWoke(self.table.ids[$0]) }
    woken.reshaped.forEach { self.preassigned.nodeWoke(self.table.ids[$0]) }
  }

  private mutating func retryWhatFits(_ keys: some Sequence<TaskClassKey>, _ nodes: Bitset) {
    for key in keys where !self.retries.contains(key) {
      guard let taskClass = self.classes[key.service]?[key.specVersion] else { continue }
      if nodes.firstCommon(with: nodes, where: { self.fits(taskClass, at: $0) }) != nil { self.retries.insert(key) }
    }
  }

  /// Tries some of the classes again that have nothing but a reason to update.
  mutating func refreshReasons(now: Duration) {
    guard !self.outdatedReasons.isEmpty else { return }
    if now >= self.reasonBudget.at + .seconds(1) { self.reasonBudget = (Self.reasonsPerSecond, now) }
    guard self.reasonBudget.count > 0 else { return }
    let some = self.outdatedReasons.sorted().prefix(self.reasonBudget.count)
    self.reasonBudget.count -= some.count
    self.outdatedReasons.subtract(some)
    self.retries.formUnion(some)
  }

  /// The classes whose waiting tasks are to be tried, each with the number of those tasks, in order.
  mutating func takeRetries() -> [(key: TaskClassKey, count: Int)] {
    defer { self.retries = [] }
    self.outdatedReasons.subtract(self.retries)
    return self.retries.sorted().compactMap { key in
      self.waiting.contains(key) ? (key, self.waiting.count(key)) : nil
    }
  }

  /// The tasks to try that only their node will do for, sorted.
  mutating func takePreassignedRetries() -> [TaskID] { self.preassigned.takeRetries() }

  /// Some of the class's waiting tasks, those of the lowest slots first.
  func waitingTasks(_ key: TaskClassKey, _ count: Int) -> [TaskID] { self.waiting.tasks(key, count) }

  /// Whether the class's waiting tasks may show another reason than this one.
  func mayShowOther(than reason: String, _ key: TaskClassKey) -> Bool { self.waiting.reason(key) != reason }

  /// Tasks of the class were just tried and wait, and show why; nothing has changed since.
  mutating func wasTried(_ taskClass: TaskClass, reason: String) {
    self.retries.remove(taskClass.key)
    self.waiting.fitsNowhere(taskClass, reason: reason)
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(34) { self.retries.insert(taskClass.key) }
    #endif
  }
}
