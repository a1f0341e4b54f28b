// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  /// Everything that ``Ready/write`` asked for up to and including `write` is on the disk.
  ///
  /// What waited for it goes out with the next ``Ready``: votes, acknowledgements, and on the leader its own share of commits.
  public mutating func storageCompleted(_ write: WriteID, now: Duration) {
    guard self.begin(now) else { return }
    self.storage.complete(write)
    self.follower.diskAdvanced = true
    self.voteMayBeDurable()
    self.ownLogAdvanced()
  }

  /// The state machine took in everything up to `index`, or restored the snapshot that ends there.
  public mutating func applied(upTo index: LogIndex) {
    guard self.failure == nil else { return }
    self.applying.applied(through: index)
    self.memberships.forget(before: self.applying.applied)
  }

  /// The description of a snapshot of the state machine as it is at `index`.
  ///
  /// - Throws: ``RaftError/Code/compacted`` unless `index` is the last applied entry, or one between it and the last snapshot.
  public func snapshotMetadata(at index: LogIndex) throws(RaftError) -> SnapshotMetadata {
    guard index <= self.applying.applied, index > .zero,
      let term = self.log.terms.term(at: index),
      let membership = self.memberships.membership(at: index)
    else { throw RaftError(.compacted, "there is nothing known about entry \(index)") }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(23) { return SnapshotMetadata(index: index, term: term, membership: .empty) }
    #endif
    return SnapshotMetadata(index: index, term: term, membership: membership)
  }

  /// The driver made a snapshot durable.
  ///
  /// The log may lose what stands before ``firstIndex`` now: some entries behind the snapshot stay for slow members.
  public mutating func compacted(_ snapshot: SnapshotMetadata) {
    guard self.failure == nil, snapshot.index <= self.applying.applied, snapshot.index > self.snapshot?.index ?? .zero
    else { return }
    self.snapshot = snapshot
    let cut = self.log.lastToDrop(before: snapshot.index, self.configuration.memory)
    self.log.compact(through: min(cut, self.storage.durable))
  }

  var hardState: HardState { HardState(term: self.term, votedFor: self.votedFor, commit: self.commit) }
}
