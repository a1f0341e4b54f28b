// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import SwarmModel

/// The committed store with the control loop's own proposals applied that wait for the log.
///
/// Proposals are applied to the view as they are made, so nothing is decided twice. When one commits as predicted nothing is computed again;
/// when the log says otherwise (another entry came in between, a part was rejected, a proposal was lost) the view is put back to what the log
/// says, what is still in flight is applied again, and the difference reported for what was touched alone.
///
/// There is one store, and beside it the objects that the view has otherwise than the log. It is the overlay's own: it takes over what
/// entries did and is changed in place, where a store that somebody else holds a copy of would copy every part of its maps that an entry
/// touches. What comes to rest shares its maps again, with ``share(_:)``.
struct Overlay: Sendable {
  /// What the log will say if all goes as predicted.
  private(set) var view: Store
  /// The index of the log's last entry that was taken over, and the newest time of all of them.
  private(set) var version: UInt64
  private var time: Timestamp
  /// What the log says of objects that are in flight.
  private var originals = Originals()
  private var inFlight: Deque<InFlight> = []
  /// What of the current turn is in the view but not proposed yet, by entry.
  private var drafted: [Prediction] = []
  /// How many objects were changed since the maps were shared last.
  private var unshared = 0

  /// What an entry did to the view.
  private struct Prediction: Sendable {
    var touched = TouchedObjects()
    var changeCount = 0
    /// Whether nothing was refused.
    var isClean = true

    mutating func add(_ applied: Applied) {
      self.touched.formUnion(applied.changes)
      self.changeCount += applied.changes.count
      self.isClean = self.isClean && applied.rejections.isEmpty
    }

    /// Whether an entry did this.
    ///
    /// A specification, to which tasks refer by its version, must not keep a predicted version.
    func cameTrue(_ applied: Applied) -> Bool {
      self.isClean && applied.rejections.isEmpty && applied.changes.count == self.changeCount
        && applied.changes.services.allSatisfy { $0.oldBox?.value.specVersion == $0.newBox?.value.specVersion }
    }
  }

  private struct InFlight: Sendable {
    let id: ProposalID
    let entry: LogEntry
    var prediction: Prediction
  }

  init(_ store: Store) {
    self.view = store
    (self.version, self.time) = (store.version, store.time)
  }

  /// The number of proposals in flight.
  var count: Int { self.inFlight.count }

  /// Applies a piece of one of the entries that are being drafted to the view.
  mutating func draft(_ piece: LogEntry, in position: Int) -> ViewDelta {
    let applied = self.view.apply(piece, index: self.view.version + 1)
    while self.drafted.count <= position { self.drafted.append(Prediction()) }
    self.drafted[position].add(applied)
    self.originals.keep(applied.changes)
    return ViewDelta(applied.changes)
  }

  /// What was drafted since the last call is on its way as these entries.
  mutating func propose(_ proposals: [Proposal]) {
    for (proposal, prediction) in zip(proposals, self.drafted) {
      self.inFlight.append(InFlight(id: proposal.id, entry: proposal.entry, prediction: prediction))
    }
    self.drafted = []
  }

  /// What an entry of the log did.
  struct Committed: Sendable {
    /// The own proposal that the entry is.
    let proposal: ProposalID?
    /// How the view changed.
    let delta: ViewDelta
  }

  /// Takes over an applied entry.
  mutating func committed(_ entry: LogEntry, _ applied: Applied) -> Committed {
    self.unshared += applied.changes.tasks.count + applied.changes.nodes.count
    guard let position = self.position(of: entry) else {
      guard self.inFlight.isEmpty else { return Committed(proposal: nil, delta: self.rebuild(TouchedObjects(), entry, applied)) }
      self.takeOver(entry, applied)
      return Committed(proposal: nil, delta: ViewDelta(applied.changes))
    }
    let own = self.inFlight.remove(at: position)
    guard position == 0, own.prediction.cameTrue(applied) else {
      return Committed(proposal: own.id, delta: self.rebuild(own.prediction.touched, entry, applied))
    }
    let later = self.inFlight.map(\.prediction.touched)
    self.view.adopt(applied.changes, except: later)
    self.originals.cameTrue(applied.changes, before: later)
    self.version = applied.index
    self.time = max(self.time + .nanoseconds(1), entry.time)
    if later.isEmpty { (self.view.version, self.view.time) = (self.version, self.time) }
    return Committed(proposal: own.id, delta: ViewDelta())
  }

  /// Whether nothing is in flight and much has changed since the maps were shared: what is changed next has to be copied once more.
  func wantsToShare(after limit: Int) -> Bool {
    self.inFlight.isEmpty && self.unshared >= max(limit, self.view.taskCount / 8)
  }

  /// Shares the maps of a store that says the same.
  mutating func share(_ store: Store) {
    self.view = store
    self.unshared = 0
  }

  /// A proposal will never commit.
  mutating func failed(_ id: ProposalID) -> ViewDelta {
    guard let position = self.inFlight.firstIndex(where: { $0.id == id }) else { return ViewDelta() }
    let own = self.inFlight.remove(at: position)
    return self.rebuild(own.prediction.touched)
  }

  private func position(of entry: LogEntry) -> Int? {
    guard entry.client == nil, let term = self.inFlight.first?.entry.leaderTerm, entry.leaderTerm == term else { return nil }
    return self.inFlight.firstIndex { $0.entry == entry }
  }

  /// Makes the view anew, after an entry if there is one.
  private mutating func rebuild(_ touched: TouchedObjects, _ entry: LogEntry? = nil, _ applied: Applied? = nil) -> ViewDelta {
    var touched = touched
    if let applied { touched.formUnion(applied.changes) }
    for proposal in self.inFlight { touched.formUnion(proposal.prediction.touched) }
    var before = Originals(touched, in: self.view)

    self.view.restore(self.originals)
    (self.view.version, self.view.time) = (self.version, self.time)
    self.originals = Originals()
    if let entry, let applied { self.takeOver(entry, applied) }
    for position in self.inFlight.indices {
      let applied = self.view.apply(self.inFlight[position].entry, index: self.view.version + 1)
      self.inFlight[position].prediction = Prediction()
      self.inFlight[position].prediction.add(applied)
      self.originals.keep(applied.changes)
      before.keep(applied.changes)
    }
    return ViewDelta(from: before, to: self.view, networksChanged: touched.networks)
  }

  /// Takes over an entry while nothing is in flight.
  private mutating func takeOver(_ entry: LogEntry, _ applied: Applied) {
    self.view.adopt(entry, applied)
    (self.version, self.time) = (self.view.version, self.view.time)
  }
}

// MARK: - What the log says

extension Overlay {
  /// The cluster object, in its box: every heartbeat reads a part of it.
  var committedCluster: Stored<Cluster>? {
    guard let original = self.originals.cluster else { return self.view.storedCluster }
    return original.box
  }

  /// The node with an id.
  func committedNode(_ id: NodeID) -> Node? {
    guard let original = self.originals.nodes[id] else { return self.view.node(id) }
    return original.box?.value
  }

  /// The service with an id.
  func committedService(_ id: ServiceID) -> Service? {
    guard let original = self.originals.services[id] else { return self.view.service(id) }
    return original.box?.value
  }

  /// The task with an id, in its box: what is read of it there costs no copy of all of it.
  func committedTask(_ id: TaskID) -> Stored<SwarmTask>? {
    guard let original = self.originals.tasks[id] else { return self.view.taskBox(id) }
    return original.box
  }

  /// A node's tasks, sorted by id.
  func committedTasks(on node: NodeID) -> [SwarmTask] {
    // A task that has a node never gets another one.
    let removed = self.originals.removedTasks.filter { self.committedTask($0)?.value.nodeID == node }
    return (self.view.taskIDs(on: node) + removed).sorted().compactMap { id in
      self.committedTask(id).flatMap { $0.value.nodeID == node ? $0.value : nil }
    }
  }

  // The control loop proposes no changes of the following.

  /// The secret with an id.
  func committedSecret(_ id: SecretID) -> Secret? { self.view.secret(id) }
  /// The config with an id.
  func committedConfig(_ id: ConfigID) -> Config? { self.view.config(id) }
  /// The network with an id.
  func committedNetwork(_ id: NetworkID) -> Network? { self.view.network(id) }
}
