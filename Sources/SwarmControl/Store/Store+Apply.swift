// SPDX-License-Identifier: Apache-2.0
internal import SwarmModel

extension Store {
  /// Applies an entry and tells what it did.
  ///
  /// Entries are applied in the order of their indexes; an entry at or below ``version`` changes nothing. A change whose precondition no
  /// longer holds is rejected by itself, and the rest of the entry is applied.
  ///
  /// What a leader decided by itself counts in its own term only: such an entry that came into the log in a later one changes nothing. (A turn of
  /// its control loop may take longer than it takes to lose the leadership and to win it back.) What a client asked for is as good in any term.
  ///
  /// - Parameter term: The term in which the entry came into the log; without it, that of its leader.
  package mutating func apply(_ entry: LogEntry, index: UInt64, term: UInt64? = nil) -> Applied {
    // No two entries have the same time here, whatever the leaders' clocks say: the order in which tasks were created has to be known later.
    let time = max(self.time + .nanoseconds(1), entry.time)
    var application = Application(index: index, time: entry.time, creation: time)
    guard index > self.version else { return application.finish(outcome: Outcome(version: .zero)) }
    self.version = index
    self.time = time

    if let term, entry.leaderTerm < term, entry.client == nil {
      let error = SwarmError(code: .unavailable, message: "it was decided in term \(entry.leaderTerm), which is over")
      application.reject(error)
      return application.finish(outcome: Outcome(version: Version(index: index), error: error))
    }
    if let stamp = entry.client, let outcome = self.clients.outcome(of: stamp) {
      self.clients.touch(stamp.client, time: entry.time)
      var applied = application.finish(outcome: outcome)
      applied.wasDuplicate = true
      return applied
    }
    for (ordinal, change) in entry.changes.enumerated() {
      application.version.ordinal = UInt32(clamping: ordinal)
      do {
        try self.apply(change, &application)
      } catch {
        application.reject(error)
      }
    }
    let outcome = Outcome(
      version: Version(index: index),
      subject: entry.changes.first?.subject ?? "",
      error: application.rejections.first?.error
    )
    if let stamp = entry.client {
      self.clients.remember(outcome, of: stamp, time: entry.time)
    }
    return application.finish(outcome: outcome)
  }

  /// Refuses a change that would be refused if it were applied now.
  func check(_ change: Change, at time: Timestamp) throws(SwarmError) {
    let index = self.version + 1
    if case .createService(let service) = change {
      // Asked for most often, and can be told without changing a copy of the store.
      _ = try self.created(service, Application(index: index, time: time, creation: time))
      return
    }
    var trial = self
    let entry = LogEntry(leaderTerm: 0, time: time, changes: [change])
    if let error = trial.apply(entry, index: index).firstError { throw error }
  }

  /// What a request came to, when it was applied before; a leader asks before it makes changes of a request that may be a retry.
  package func outcome(of stamp: ClientStamp) -> Outcome? {
    self.clients.outcome(of: stamp)
  }

  private mutating func apply(_ change: Change, _ application: inout Application) throws(SwarmError) {
    switch change {
    case .putCluster(let cluster):
      self.put(cluster, &application)
    case .updateClusterSpec(let expected, let spec):
      try self.updateCluster(expected: expected, spec, &application)
    case .replaceRootCA(let expected, let rootCA):
      try self.replaceRootCA(expected: expected, rootCA, &application)
    case .changeCluster(let expected, let change):
      try self.changeCluster(expected: expected, change, &application)
    case .putNode(let node):
      self.put(node, &application)
    case .updateNodeSpec(let id, let expected, let spec):
      try self.updateNode(id, expected: expected, spec, &application)
    case .nodeStatuses(let changes):
      self.apply(changes, &application)
    case .removeNode(let id, let force):
      try self.removeNode(id, force: force, &application)
    case .createService(let service):
      try self.create(service, &application)
    case .updateService(let id, let expected, let spec, let isRollback):
      try self.updateService(id, expected: expected, spec, isRollback: isRollback, &application)
    case .updateStatus(let id, let specVersion, let status):
      try self.setUpdateStatus(of: id, specVersion: specVersion, to: status, &application)
    case .removeService(let id):
      try self.removeService(id, &application)
    case .createTasks(let id, let specVersion, let desired, let tasks):
      try self.createTasks(of: id, specVersion: specVersion, desired: desired, tasks, &application)
    case .assignTasks(let assignments):
      self.assign(assignments, &application)
    case .pendingReasons(let reasons):
      self.setReasons(reasons, &application)
    case .desiredStates(let states):
      self.raise(states, &application)
    case .taskStatuses(let statuses):
      self.observe(statuses, &application)
    case .removeTasks(let ids):
      self.removeTasks(ids, &application)
    case .createSecret(let secret):
      try self.create(secret, &application)
    case .updateSecret(let id, let expected, let labels):
      try self.updateSecret(id, expected: expected, labels: labels, &application)
    case .removeSecret(let id):
      try self.removeSecret(id, &application)
    case .createConfig(let config):
      try self.create(config, &application)
    case .updateConfig(let id, let expected, let labels):
      try self.updateConfig(id, expected: expected, labels: labels, &application)
    case .removeConfig(let id):
      try self.removeConfig(id, &application)
    case .runJob(let id, let iteration):
      try self.runJob(id, iteration: iteration, &application)
    case .stopService(let id, let isStopped):
      try self.stopService(id, isStopped: isStopped, &application)
    case .createNetwork(let network):
      try self.create(network, &application)
    case .removeNetwork(let id):
      try self.removeNetwork(id, &application)
    case .allocate(let id, let specVersion, let endpoint):
      try self.allocate(id, specVersion: specVersion, endpoint, &application)
    case .expireClients(let moment):
      self.clients.expire(before: moment)
    }
  }
}

/// An entry while it is applied.
struct Application {
  /// The change at hand.
  var version: Version
  /// The entry's time.
  let time: Timestamp
  /// The time of what the entry creates: the entry's, but later than that of all entries before.
  let creation: Timestamp
  /// What was done so far.
  var changes: ChangeSet
  /// What was refused so far.
  private(set) var rejections: [Applied.Rejection] = []

  init(index: UInt64, time: Timestamp, creation: Timestamp) {
    self.version = Version(index: index)
    self.time = time
    self.creation = creation
    self.changes = ChangeSet(index: index, time: time)
  }

  /// Refuses the change at hand, or one item of it.
  mutating func reject(_ error: SwarmError, item: Int? = nil) {
    self.rejections.append(Applied.Rejection(ordinal: Int(self.version.ordinal), item: item, error: error))
  }

  /// The metadata of an object that the change at hand writes.
  func meta(replacing old: Meta?) -> Meta {
    Meta(version: self.version, createdAt: old?.createdAt ?? self.creation, updatedAt: self.time)
  }

  func finish(outcome: Outcome) -> Applied {
    Applied(index: self.version.index, changes: self.changes, rejections: self.rejections, outcome: outcome)
  }
}

extension Change {
  /// The id of the object that the change is about; empty for changes of many objects.
  var subject: String {
    switch self {
    case .putCluster(let cluster): cluster.id.description
    case .putNode(let node): node.id.description
    case .updateNodeSpec(let id, _, _), .removeNode(let id, _): id.description
    case .createService(let service): service.id.description
    case .updateService(let id, _, _, _), .updateStatus(let id, _, _), .removeService(let id): id.description
    case .createTasks(let id, _, _, _): id.description
    case .createSecret(let secret): secret.id.description
    case .updateSecret(let id, _, _), .removeSecret(let id): id.description
    case .createConfig(let config): config.id.description
    case .updateConfig(let id, _, _), .removeConfig(let id): id.description
    case .createNetwork(let network): network.id.description
    case .removeNetwork(let id): id.description
    case .runJob(let id, _), .stopService(let id, _): id.description
    case .allocate(let id, _, _): id.description
    case .nodeStatuses(let changes): changes.count == 1 ? changes[0].id.description : ""
    case .updateClusterSpec, .replaceRootCA, .changeCluster, .assignTasks, .pendingReasons, .desiredStates, .taskStatuses,
      .removeTasks, .expireClients:
      ""
    }
  }
}
