// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import Raft

/// What is decided and not applied yet, in order.
struct ApplyState {
  /// A step of applying.
  enum Item {
    /// Entries in memory.
    case entries([Entry])
    /// Entries that the log on disk must give.
    case range(ClosedRange<LogIndex>)
    /// A snapshot that replaces the state.
    case restore(SnapshotMetadata)
  }

  var queue = CircularBuffer<Item>()
  /// The last entry that the state machine has taken in.
  var applied: LogIndex
  /// The read under way for the first item.
  var read: LogWriter.ReadID?
  /// The last term in which this member led and applied an entry of its own.
  var establishedTerm = Term.zero

  init(applied: LogIndex) { self.applied = applied }

  /// Nothing that was to be applied matters any more.
  mutating func replaceAll(by snapshot: SnapshotMetadata) {
    self.queue = [.restore(snapshot)]
    self.read = nil
  }
}

extension NodeDriver {
  /// Applies what can be applied without waiting.
  func applyQueued() {
    while let item = self.applying.queue.first, self.applying.read == nil, self.phase != .stopped {
      switch item {
      case .range(let range) where self.isWitness:
        self.applying.queue.removeFirst()
        self.passOver(through: range.upperBound, entries: range.upperBound - range.lowerBound + 1, bytes: 0)
      case .entries(let entries):
        self.applying.queue.removeFirst()
        self.apply(entries)
      case .range(let range):
        let limit = self.configuration.raft.limits.applyingBytes
        self.applying.read = self.requests.nextRead()
        self.writer.submit(.read(self.requests.lastRead, range, maximumBytes: limit))
      case .restore(let metadata):
        self.applying.queue.removeFirst()
        self.restore(metadata)
      }
    }
    self.takeSnapshotIfDue()
  }

  private func apply(_ entries: [Entry]) {
    guard let last = entries.last else { return }
    let began = self.eventLoop.now
    do {
      // A witness stores and votes; it has no state to change.
      if !self.isWitness { try self.host.apply(entries) }
    } catch {
      return self.stop(RaftError(.unsupportedFormat, "the entries up to \(last.index) can't be applied", cause: error))
    }
    let now = self.eventLoop.now
    self.activity.applied(from: began, to: now)
    if let time = self.activity.finished(through: last.index, at: now) { self.gauges.committed(after: time) }
    let bytes = entries.encodedLength
    for position in entries.indices where entries[position].kind == .configuration {
      self.configurationCommitted(entries[position])
    }
    self.passOver(through: last.index, entries: entries.count, bytes: bytes)
    if self.role == .leader, last.term == self.term, self.applying.establishedTerm != self.term {
      self.applying.establishedTerm = self.term
      self.emit(.leadershipEstablished(term: self.term))
    }
    // The core hands out a bounded part at a time; when this was much, there may be more.
    if bytes * 4 > self.configuration.raft.limits.applyingBytes { self.scheduleTurn() }
  }

  /// Entries were taken in.
  private func passOver(through last: LogIndex, entries: Int, bytes: Int) {
    self.advance(to: last)
    self.snapshots.count(entries: entries, bytes: bytes)
  }

  private func restore(_ metadata: SnapshotMetadata) {
    do {
      if let received = self.snapshots.takeReceived(metadata.position) {
        try self.host.restore(from: received.payload)
        self.snapshots.installed(received.stored)
      } else if self.isWitness {
        // Nobody gets a snapshot from a witness, so that the file needs no name.
        let identity = SnapshotIdentity(position: metadata.position, length: 0, checksum: 0)
        self.snapshots.installed(StoredSnapshot(metadata: metadata, identity: identity))
      } else {
        throw RaftError(.corrupt, "the snapshot at entry \(metadata.index) isn't there")
      }
    } catch {
      return self.stop(RaftError(.corrupt, "the snapshot at entry \(metadata.index) can't be restored", cause: error))
    }
    self.advance(to: metadata.index)
    self.configurationCommitted(metadata.membership)
    self.emit(.snapshotRestored(metadata.position))
    self.scheduleTurn()
  }

  private func advance(to index: LogIndex) {
    self.applying.applied = index
    self.core.applied(upTo: index)
    self.answerReads()
  }

  /// Entries for the first item came from the disk.
  func applyRead(_ result: Result<[Entry], RaftError>) {
    self.applying.read = nil
    guard case .range(let range)? = self.applying.queue.first else { return }
    switch result {
    case .success(let entries):
      guard let last = entries.last?.index else {
        return self.stop(RaftError(.corrupt, "decided entries from \(range.lowerBound) on aren't in the log"))
      }
      self.applying.queue.removeFirst()
      if last < range.upperBound { self.applying.queue.prepend(.range(last.next...range.upperBound)) }
      self.apply(entries)
      self.applyQueued()
      self.scheduleTurn()
    case .failure(let error):
      // The log lets go of decided entries only for a snapshot that is about to be restored.
      self.logger.debug("decided entries are no longer in the log", metadata: self.place(["error": "\(error)"]))
    }
  }

  /// Reads entries for a member that is further behind than memory reaches.
  func read(_ read: Ready.LogRead) {
    let id = self.requests.nextRead()
    self.requests.memberReads[id] = read.member
    self.writer.submit(.read(id, read.range, maximumBytes: read.maximumBytes))
  }

  /// A read is done.
  func finishRead(_ id: LogWriter.ReadID, _ result: Result<[Entry], RaftError>) {
    if let member = self.requests.memberReads.removeValue(forKey: id) {
      self.core.entriesRead((try? result.get()) ?? [], for: member, now: self.now)
    } else if self.applying.read == id {
      self.applyRead(result)
    }
  }
}
