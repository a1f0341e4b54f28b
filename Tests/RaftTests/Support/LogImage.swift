// SPDX-License-Identifier: Apache-2.0

import Raft

/// What a disk holds after some writes.
struct LogImage: Equatable {
  var hardState = HardState()
  var snapshot: SnapshotMetadata?
  /// The entry before the first one.
  var base = LogPosition.zero
  var entries: [Entry] = []

  var last: LogPosition { self.entries.last?.position ?? self.base }

  func entry(at index: LogIndex) -> Entry? {
    guard index > self.base.index, index <= self.last.index else { return nil }
    return self.entries[(index - self.base.index) - 1]
  }

  func contains(_ position: LogPosition) -> Bool {
    position == self.base || self.entry(at: position.index)?.term == position.term
      || (self.snapshot?.index ?? .zero) >= position.index
  }

  /// Carries out a write; gives a complaint when it makes no sense.
  mutating func apply(_ write: Ready.Write) -> String? {
    if let snapshot = write.snapshot {
      self.snapshot = snapshot
      self.base = snapshot.position
      self.entries = []
    }
    if let last = write.truncateAfter {
      guard last >= self.base.index, last < self.last.index else { return "\(write.id) cuts after \(last)" }
      self.entries.removeLast(self.last.index - last)
    }
    if let first = write.entries.first, first.index != self.last.index.next {
      return "\(write.id) appends \(first.position) behind \(self.last)"
    }
    self.entries.append(contentsOf: write.entries)
    guard let hardState = write.hardState else { return nil }
    let old = self.hardState
    self.hardState = hardState
    if hardState.term < old.term || hardState.commit < old.commit { return "the state goes back from \(old) to \(hardState)" }
    if hardState.term == old.term, old.votedFor != nil, hardState.votedFor != old.votedFor {
      return "the vote changes from \(old) to \(hardState)"
    }
    return nil
  }

  /// Recovery: a log that ends before the snapshot (it may cover what was applied, but not yet written here), or disagrees
  /// with it, starts anew behind it.
  mutating func recover() {
    guard let snapshot, snapshot.position != self.base, self.entry(at: snapshot.index)?.term != snapshot.term else { return }
    self.base = snapshot.position
    self.entries = []
  }

  /// The driver made a snapshot of its own and deletes what nobody needs.
  mutating func compact(to snapshot: SnapshotMetadata, firstNeeded: LogIndex) {
    self.snapshot = snapshot
    let last = min(firstNeeded.previous, self.last.index)
    guard last > self.base.index, let entry = self.entry(at: last) else { return }
    self.entries.removeFirst(last - self.base.index)
    self.base = entry.position
  }
}

/// A disk with writes under way: what is written can be read back, what is durable survives a crash.
struct TestDisk {
  private(set) var durable = LogImage()
  private(set) var written = LogImage()
  private var queue: [Ready.Write] = []

  var isIdle: Bool { self.queue.isEmpty }

  mutating func start(with bootstrap: Bootstrap) {
    self.durable.hardState = bootstrap.hardState
    self.durable.entries = bootstrap.entries
    self.written = self.durable
  }

  /// Puts entries behind what is there, as if they had been written before the member started.
  mutating func preload(_ entries: [Entry], term: Term = .zero) {
    self.durable.entries.append(contentsOf: entries)
    self.durable.hardState.term = max(self.durable.hardState.term, entries.last?.term ?? .zero, term)
    self.written = self.durable
  }

  /// An operator recovers the group from this disk.
  mutating func append(_ recovery: QuorumRecovery) {
    self.durable.hardState = recovery.hardState
    self.durable.entries.append(contentsOf: recovery.entries)
    self.written = self.durable
  }

  mutating func enqueue(_ write: Ready.Write) -> String? {
    self.queue.append(write)
    return self.written.apply(write)
  }

  /// The oldest writes reach the disk; gives the last of them.
  mutating func complete(_ count: Int = 1) -> WriteID? {
    var last: WriteID?
    for write in self.queue.prefix(count) {
      _ = self.durable.apply(write)
      last = write.id
    }
    self.queue.removeFirst(min(count, self.queue.count))
    return last
  }

  var pendingWrites: Int { self.queue.count }

  /// The power goes.
  ///
  /// Some of the writes under way may have made it without anybody being told.
  mutating func crash(keeping count: Int = 0) {
    _ = self.complete(count)
    self.queue = []
    self.durable.recover()
    self.written = self.durable
  }

  mutating func compact(to snapshot: SnapshotMetadata, firstNeeded: LogIndex) {
    self.durable.compact(to: snapshot, firstNeeded: firstNeeded)
    self.written.compact(to: snapshot, firstNeeded: firstNeeded)
  }

  func restored() throws(RaftError) -> RestoredState {
    try RestoredState(
      hardState: self.durable.hardState,
      snapshot: self.durable.snapshot,
      entries: self.durable.entries,
      tailBytes: 2048
    )
  }
}
