// SPDX-License-Identifier: Apache-2.0

import Raft

/// One member with a disk and a state machine: the driver that tests use.
struct TestNode {
  let id: RaftID
  private(set) var core: RaftCore
  var disk: TestDisk
  /// What the state machine took in.
  private(set) var applied: LogIndex
  var reads: [Ready.Read] = []
  var failedReads: [ReadRequestID] = []
  var abandonedTransfers: [RaftID] = []
  var failure: RaftError?
  /// Members that were to get a snapshot.
  var snapshotsToSend: [RaftID] = []
  /// The state machine takes part only when this is set.
  var applies = true
  private var unapplied: [Entry] = []

  init(id: RaftID, disk: TestDisk, configuration: RaftConfiguration, seed: UInt64, now: Duration) throws(RaftError) {
    self.id = id
    self.disk = disk
    let restored = try disk.restored()
    self.core = try RaftCore(id: id, configuration: configuration, restored: restored, seed: seed, now: now)
    self.applied = disk.durable.snapshot?.index ?? .zero
  }

  var status: RaftStatus { self.core.status }
  var isLeader: Bool { self.core.role == .leader }

  /// Feeds an event to the core.
  mutating func feed<Result>(_ event: (inout RaftCore) throws(RaftError) -> Result) throws(RaftError) -> Result {
    try event(&self.core)
  }

  /// The oldest writes are on the disk.
  mutating func sync(_ count: Int = .max, now: Duration) {
    guard let last = self.disk.complete(min(count, self.disk.pendingWrites)) else { return }
    self.core.storageCompleted(last, now: now)
  }

  /// Takes batches until there is nothing more to do, and gives the messages to send.
  mutating func turn(now: Duration, oracle: Oracle) -> [Message] {
    var messages: [Message] = []
    while true {
      var ready = self.core.takeReady()
      if self.handle(&ready, now: now, oracle: oracle) == false { break }
      messages.append(contentsOf: ready.messages)
    }
    return messages
  }

  private mutating func handle(_ ready: inout Ready, now: Duration, oracle: Oracle) -> Bool {
    var isBusy = !ready.messages.isEmpty
    if let write = ready.write {
      isBusy = true
      let decided = self.disk.written.hardState.commit
      if let complaint = self.disk.enqueue(write) { oracle.violation("member \(self.id): \(complaint)") }
      oracle.wrote(write, to: self.id, decided: decided, log: self.disk.written)
    }
    for message in ready.messages { oracle.sent(message, disk: self.disk.durable) }
    if let change = ready.roleChange {
      isBusy = true
      oracle.roleChanged(change, member: self.id, log: self.disk.written, status: self.core.status)
    }
    for read in ready.logReads {
      isBusy = true
      let entries = self.read(read.range, maximumBytes: read.maximumBytes)
      oracle.count(.logRead)
      self.core.entriesRead(entries, for: read.member, now: now)
    }
    if let snapshot = ready.restore {
      isBusy = true
      self.unapplied.removeAll()
      oracle.restored(snapshot, member: self.id)
      self.applied = snapshot.index
      self.core.applied(upTo: snapshot.index)
    }
    if let range = ready.committedRange { self.unapplied.append(contentsOf: self.read(range, maximumBytes: .max)) }
    self.unapplied.append(contentsOf: ready.committed)
    if self.applies, !self.unapplied.isEmpty {
      isBusy = true
      self.apply(oracle)
    }
    self.snapshotsToSend.append(contentsOf: ready.snapshotsToSend)
    self.reads.append(contentsOf: ready.reads)
    self.failedReads.append(contentsOf: ready.failedReads)
    if let target = ready.abandonedTransfer { self.abandonedTransfers.append(target) }
    if let failure = ready.failure { self.failure = failure }
    return isBusy
  }

  private mutating func apply(_ oracle: Oracle) {
    for entry in self.unapplied {
      if entry.index != self.applied.next { oracle.violation("member \(self.id) applies \(entry.index) after \(self.applied)") }
      oracle.decided(entry, by: self.id)
      self.applied = entry.index
    }
    self.unapplied.removeAll()
    self.core.applied(upTo: self.applied)
  }

  private func read(_ range: ClosedRange<LogIndex>, maximumBytes: Int) -> [Entry] {
    var entries: [Entry] = []
    var bytes = 0
    var index = range.lowerBound
    while index <= range.upperBound, let entry = self.disk.written.entry(at: index) {
      bytes += entry.encoded.count
      if !entries.isEmpty, bytes > maximumBytes { break }
      entries.append(entry)
      index = index.next
    }
    return entries
  }

  /// Makes a snapshot of the state machine as it is.
  mutating func snapshot() throws(RaftError) {
    guard self.applied > self.disk.durable.snapshot?.index ?? .zero else { return }
    let metadata = try self.core.snapshotMetadata(at: self.applied)
    self.core.compacted(metadata)
    self.disk.compact(to: metadata, firstNeeded: self.core.firstIndex)
  }
}
