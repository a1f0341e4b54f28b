// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// What storage was asked to do, and what it has done.
///
/// Nothing counts as on the disk before it is reported.
struct StorageProgress: Sendable {
  private struct Pending {
    var id: WriteID
    /// The last entry that is on the disk once this write is.
    ///
    /// Cut back when the log is, so that the completion of a write never vouches for an entry that took the place of the one
    /// written (the ABA race).
    var last: LogIndex
    var term: Term
    var vote: RaftID?
    var snapshot: LogIndex
    var began: Duration
  }

  private var pending: Deque<Pending> = []
  private var lastID: UInt64 = 0
  /// The last entry handed to storage.
  private(set) var handed: LogIndex
  /// The last entry that the log on disk will have when all writes handed out are done.
  private var lastOnDisk: LogIndex
  private var handedState: HardState
  /// The last entry on the disk.
  private(set) var durable: LogIndex
  /// Term and vote on the disk.
  private(set) var durableTerm: Term
  private(set) var durableVote: RaftID?
  /// The newest snapshot on the disk.
  private(set) var durableSnapshot: LogIndex
  /// A snapshot to install with the next write.
  private var install: SnapshotMetadata?

  init(_ state: HardState, last: LogIndex, snapshot: LogIndex) {
    self.handed = last
    self.lastOnDisk = last
    self.handedState = state
    self.durable = last
    self.durableTerm = state.term
    self.durableVote = state.votedFor
    self.durableSnapshot = snapshot
  }

  /// All of it but times and numbers of writes.
  func essence(naming name: (RaftID) -> RaftID) -> [UInt64] {
    func number(_ vote: RaftID?) -> UInt64 { vote.map { name($0).rawValue } ?? 0 }
    let state = [self.handed.rawValue, self.durable.rawValue, self.durableTerm.rawValue, number(self.durableVote)]
    return state + self.pending.flatMap { [$0.last.rawValue, $0.term.rawValue, number($0.vote), $0.snapshot.rawValue] }
  }

  /// Whether a write has been under way for longer than `limit`.
  func isStalled(now: Duration, limit: Duration) -> Bool {
    self.pending.first.map { now - $0.began > limit } ?? false
  }

  /// The log was cut before `index`.
  mutating func truncate(from index: LogIndex) {
    self.handed = min(self.handed, index.previous)
    self.durable = min(self.durable, index.previous)
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(20) { return }
    #endif
    for position in self.pending.indices {
      self.pending[position].last = min(self.pending[position].last, index.previous)
    }
  }

  /// A snapshot takes the place of the whole log.
  mutating func reset(to snapshot: SnapshotMetadata) {
    self.install = snapshot
    self.handed = snapshot.index
    self.durable = .zero
    for position in self.pending.indices { self.pending[position].last = .zero }
  }

  /// The next write, if there is anything to write.
  ///
  /// A commit index alone isn't worth one.
  mutating func takeWrite(_ state: HardState, log: LogTail, now: Duration) -> Ready.Write? {
    let stateChanged = state.term != self.handedState.term || state.votedFor != self.handedState.votedFor
    guard stateChanged || self.handed < log.lastIndex || self.install != nil else { return nil }
    self.lastID += 1
    let write = Ready.Write(
      id: WriteID(rawValue: self.lastID),
      snapshot: self.install,
      truncateAfter: self.install == nil && self.lastOnDisk > self.handed ? self.handed : nil,
      entries: log.entries(from: self.handed.next, through: log.lastIndex, maximumBytes: .max),
      hardState: state == self.handedState ? nil : state
    )
    self.pending.append(
      Pending(
        id: write.id,
        last: log.lastIndex,
        term: state.term,
        vote: state.votedFor,
        snapshot: self.install?.index ?? .zero,
        began: now
      )
    )
    self.install = nil
    self.handed = log.lastIndex
    self.lastOnDisk = log.lastIndex
    self.handedState = state
    return write
  }

  /// Everything up to `id` is on the disk.
  mutating func complete(_ id: WriteID) {
    while let write = self.pending.first, write.id <= id {
      self.pending.removeFirst()
      self.durable = max(self.durable, write.last)
      self.durableTerm = write.term
      self.durableVote = write.vote
      self.durableSnapshot = max(self.durableSnapshot, write.snapshot)
    }
  }
}
