// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import SwarmModel

/// The committed store plus the control loop's own proposals that wait for the log.
///
/// Proposals are applied to the view as they are made, so nothing is decided twice. When one commits as predicted nothing is computed again;
/// when the log says otherwise (another entry came in between, a part was rejected, a proposal was lost) the view is made anew from the
/// committed store, and the difference reported for what was touched alone.
///
/// Both stores are the overlay's own: they take over what entries did and are changed in place, where a store that somebody else holds a
/// copy of would copy every part of its maps that an entry touches. What comes to rest shares its maps again, with ``share(_:)``.
struct Overlay: Sendable {
  /// What the log says.
  private(set) var committed: Store
  /// What the log will say if all goes as predicted.
  private(set) var view: Store
  private var inFlight: Deque<InFlight> = []
  /// What of the current turn is in the view but not proposed yet, by entry.
  private var drafted: [Prediction] = []
  /// How many objects were changed since the maps were shared last.
  private var unshared = 0

  /// What an entry did to the view.
  private struct Prediction: Sendable {
    var touched = TouchedObjects()
    /// Whether nothing was refused.
    var isClean = true

    mutating func add(_ applied: Applied) {
      self.touched.formUnion(applied.changes)
      self.isClean = self.isClean && applied.rejections.isEmpty
    }
  }

  private struct InFlight: Sendable {
    let id: ProposalID
    let entry: LogEntry
    var prediction: Prediction
  }

  init(_ store: Store) {
    self.committed = store
    self.view = store
  }

  /// The number of proposals in flight.
  var count: Int { self.inFlight.count }

  /// Applies a piece of one of the entries that are being drafted to the view.
  mutating func draft(_ piece: LogEntry, in position: Int) -> ViewDelta {
    let applied = self.view.apply(piece, index: self.view.version + 1)
    while self.drafted.count <= position { self.drafted.append(Prediction()) }
    self.drafted[position].add(applied)
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
    self.committed.adopt(entry, applied)
    self.unshared += applied.changes.tasks.count + applied.changes.nodes.count
    guard let position = self.position(of: entry) else {
      guard self.inFlight.isEmpty else {
        return Committed(proposal: nil, delta: self.rebuild(alsoTouched: applied.changes))
      }
      self.view.adopt(entry, applied)
      return Committed(proposal: nil, delta: ViewDelta(applied.changes))
    }
    let own = self.inFlight.remove(at: position)
    // Objects that other objects refer to by version must not keep a predicted version.
    let isAsPredicted = position == 0 && own.prediction.isClean && applied.rejections.isEmpty && applied.changes.services.isEmpty
    guard isAsPredicted else {
      return Committed(proposal: own.id, delta: self.rebuild(alsoTouched: applied.changes, and: own.prediction.touched))
    }
    self.view.adopt(applied.changes, except: self.inFlight.map(\.prediction.touched))
    if self.inFlight.isEmpty { (self.view.version, self.view.time) = (self.committed.version, self.committed.time) }
    return Committed(proposal: own.id, delta: ViewDelta())
  }

  /// Whether nothing is in flight and much has changed since the maps were shared: what is changed next has to be copied once more.
  func wantsToShare(after limit: Int) -> Bool {
    self.inFlight.isEmpty && self.unshared >= max(limit, self.committed.taskCount / 8)
  }

  /// Shares the maps of a store that says the same.
  mutating func share(_ store: Store) {
    self.committed = store
    self.view = store
    self.unshared = 0
  }

  /// A proposal will never commit.
  mutating func failed(_ id: ProposalID) -> ViewDelta {
    guard let position = self.inFlight.firstIndex(where: { $0.id == id }) else { return ViewDelta() }
    let own = self.inFlight.remove(at: position)
    return self.rebuild(alsoTouched: nil, and: own.prediction.touched)
  }

  private func position(of entry: LogEntry) -> Int? {
    guard entry.client == nil, let term = self.inFlight.first?.entry.leaderTerm, entry.leaderTerm == term else { return nil }
    return self.inFlight.firstIndex { $0.entry == entry }
  }

  private mutating func rebuild(alsoTouched changes: ChangeSet?, and other: TouchedObjects? = nil) -> ViewDelta {
    var touched = other ?? TouchedObjects()
    if let changes { touched.formUnion(changes) }
    let old = self.view
    self.view = self.committed
    for position in self.inFlight.indices {
      touched.formUnion(self.inFlight[position].prediction.touched)
      var prediction = Prediction()
      prediction.add(self.view.apply(self.inFlight[position].entry, index: self.view.version + 1))
      touched.formUnion(prediction.touched)
      self.inFlight[position].prediction = prediction
    }
    return ViewDelta(from: old, to: self.view, touched: touched)
  }
}
