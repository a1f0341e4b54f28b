// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Chooses nodes for tasks, and keeps those that fit nowhere until something changes that could help them.
struct Scheduler: Sendable {
  var table = NodeTable()
  private var failures = FailureHistory()
  private var classes: [TaskClassKey: TaskClass] = [:]
  /// Tasks without a node.
  private var waiting: [TaskClassKey: Set<TaskID>] = [:]
  /// Classes whose waiting tasks are to be tried.
  private var retries: Set<TaskClassKey> = []
  private var triedShape: UInt64 = 0

  init() {}

  // MARK: - What changed

  /// A task came, changed or went.
  mutating func taskChanged(from old: SwarmTask?, to new: SwarmTask?, now: Duration) {
    self.table.taskChanged(from: old, to: new)
    let waited = old.flatMap(Self.waitingClass)
    let waits = new.flatMap(Self.waitingClass)
    if let waited, waits == nil, let id = old?.id {
      self.waiting[waited]?.remove(id)
      if self.waiting[waited]?.isEmpty == true { self.waiting[waited] = nil }
    }
    if let waits, waited == nil, let new {
      self.waiting[waits, default: []].insert(new.id)
      self.retries.insert(waits)
    }
    guard let new, let node = new.nodeID, let service = new.serviceID, let before = old?.status.state else { return }
    if before <= .running, new.status.state == .failed || new.status.state == .rejected {
      self.failures.taskFailed(service, on: node, now: now)
    }
  }

  /// A service's specification changed or the service went: forgets what nobody needs any more.
  mutating func specificationRetired(_ old: Service, for new: Service?) {
    // Other tasks may have other luck.
    if old.spec.task != new?.spec.task { self.failures.forget(old.id) }
    let key = TaskClassKey(service: old.id, specVersion: old.specVersion)
    if self.waiting[key] == nil { self.classes[key] = nil }
  }

  private static func waitingClass(of task: SwarmTask) -> TaskClassKey? {
    guard task.nodeID == nil, task.status.state < .assigned, task.isWanted, let service = task.serviceID else { return nil }
    return TaskClassKey(service: service, specVersion: task.specVersion)
  }

  // MARK: - Classes

  /// The class of tasks that the service makes now.
  mutating func taskClass(of service: Service) -> TaskClass {
    let key = TaskClassKey(service: service.id, specVersion: service.specVersion)
    if let known = self.classes[key] { return known }
    let made = TaskClass(key: key, spec: service.spec.task, ports: service.publishedPorts)
    self.classes[key] = made
    return made
  }

  /// The class that a task belongs to.
  mutating func taskClass(of task: SwarmTask) -> TaskClass {
    let key = TaskClassKey(service: task.serviceID ?? ServiceID(), specVersion: task.specVersion)
    if let known = self.classes[key] { return known }
    let made = TaskClass(key: key, spec: task.spec.value, ports: task.publishedPorts)
    self.classes[key] = made
    return made
  }

  // MARK: - Placing

  /// Nodes for up to `count` tasks of the class; fewer when no more fit.
  mutating func place(_ count: Int, of taskClass: TaskClass, now: Duration) -> [NodeID] {
    let eligible = self.classes[taskClass.key]?.eligibleNodes(in: self.table) ?? Bitset()
    let failing = self.failures.failingNodes(for: taskClass.key.service, in: self.table, now: now)
    let placer = Placer(table: self.table, taskClass: taskClass, failing: failing)
    return placer.place(count, on: eligible).compactMap { self.table.facts(at: $0)?.id }
  }

  /// Whether one more task of the class fits the node.
  func fits(_ taskClass: TaskClass, on node: NodeID) -> Bool {
    guard let index = self.table.indexByID[node] else { return false }
    return self.fits(taskClass, at: index)
  }

  /// Why a further task of the class fits nowhere.
  func failure(of taskClass: TaskClass) -> PlacementFailure {
    PlacementFailure(of: taskClass, in: self.table)
  }

  private func fits(_ taskClass: TaskClass, at index: Int) -> Bool {
    guard self.table.available[index], let facts = self.table.facts(at: index) else { return false }
    guard taskClass.meetsConstraints(facts), taskClass.meetsPlatform(facts) else { return false }
    let count = self.table.counts(of: taskClass.key.service)[index] ?? 0
    return taskClass.capacity(of: index, in: self.table, serviceCount: count, limit: 1) > 0
  }

  // MARK: - Waiting tasks

  /// Whether tasks wait that are to be tried.
  var hasRetries: Bool { !self.retries.isEmpty }

  /// Nodes changed, and maybe some of them can take more: finds out whose waiting tasks that could help.
  ///
  /// - Returns: The nodes that can take more than before.
  mutating func nodesWoke() -> [NodeID] {
    let woken = self.table.takeWoken()
    guard !woken.isEmpty else { return [] }
    if self.triedShape != self.table.shapeVersion {
      // Whatever waits may fit now, or has another reason to tell.
      self.triedShape = self.table.shapeVersion
      self.retries.formUnion(self.waiting.keys)
    } else {
      for key in self.waiting.keys where !self.retries.contains(key) {
        guard let taskClass = self.classes[key] else { continue }
        if woken.contains(where: { self.fits(taskClass, at: $0) }) { self.retries.insert(key) }
      }
    }
    return woken.compactMap { self.table.facts(at: $0)?.id }
  }

  /// The classes whose waiting tasks are to be tried, each with those tasks, in order.
  mutating func takeRetries() -> [(key: TaskClassKey, tasks: [TaskID])] {
    defer { self.retries = [] }
    return self.retries.sorted().compactMap { key in self.waiting[key].map { (key, $0.sorted()) } }
  }

  /// Tasks of the class were just tried and wait; nothing has changed since.
  mutating func wasTried(_ key: TaskClassKey) {
    self.retries.remove(key)
  }
}
