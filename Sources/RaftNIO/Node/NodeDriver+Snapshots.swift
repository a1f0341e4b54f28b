// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Raft

/// Snapshots being taken, sent and received.
struct SnapshotState {
  /// The newest one that is on the disk.
  private(set) var newest: StoredSnapshot?
  /// Whether one is being written.
  var isWriting = false
  /// Applied since the newest one.
  private(set) var entries = 0
  private(set) var bytes = 0
  /// Applied since the newest one when the one that is being written began.
  private var writing = (entries: 0, bytes: 0)
  /// Received ones that the core has seen, until they are restored.
  private var received: [LogPosition: (stored: StoredSnapshot, payload: [UInt8])] = [:]
  /// A received one that the core sees in this turn.
  var offered: SnapshotInbox.Received?
  /// Who waits for one of this member's state that covers an entry.
  var waiting: [(index: LogIndex, promise: EventLoopPromise<LogPosition>)] = []
  private var senders: [RaftID: SnapshotSender] = [:]
  private var lastTransfer: UInt64 = 0

  mutating func nextTransfer() -> UInt64 {
    self.lastTransfer += 1
    return self.lastTransfer
  }

  mutating func count(entries: Int, bytes: Int) {
    self.entries += entries
    self.bytes += bytes
  }

  /// One of this member's state is about to be written.
  mutating func writingBegan() {
    self.isWriting = true
    self.writing = (self.entries, self.bytes)
    self.entries = 0
    self.bytes = 0
  }

  /// One that was to be written found no room: it is due as before.
  mutating func writingFailed() {
    self.entries += self.writing.entries
    self.bytes += self.writing.bytes
  }

  mutating func written(_ snapshot: StoredSnapshot) {
    self.newest = snapshot
  }

  /// The next one is due now if anything was applied since the last one, whatever else is under way.
  mutating func hurry(_ policy: RaftNodeConfiguration.SnapshotPolicy) {
    if self.entries > 0 { self.entries = max(self.entries, policy.entries * Self.patience) }
  }

  private static let patience = 4

  mutating func installed(_ snapshot: StoredSnapshot) {
    self.newest = snapshot
    self.entries = 0
    self.bytes = 0
    self.received = self.received.filter { $0.key.index > snapshot.metadata.index }
  }

  /// Whether enough was applied for another one.
  ///
  /// One that is being sent isn't made out of date before it arrives, if that can be helped.
  func isDue(_ policy: RaftNodeConfiguration.SnapshotPolicy) -> Bool {
    let factor = self.senders.isEmpty ? 1 : Self.patience
    return self.entries / factor >= policy.entries || self.bytes / factor >= policy.bytes || !self.waiting.isEmpty
  }

  /// The file of the offered snapshot, which the core takes; its payload waits to be restored.
  mutating func take(_ position: LogPosition) -> String? {
    guard let offered, offered.stored.metadata.position == position else { return nil }
    self.offered = nil
    self.received[position] = (offered.stored, offered.payload)
    return offered.name
  }

  mutating func takeReceived(_ position: LogPosition) -> (stored: StoredSnapshot, payload: [UInt8])? {
    self.received.removeValue(forKey: position)
  }

  func sender(_ transfer: UInt64, to peer: RaftID) -> SnapshotSender? {
    self.senders[peer].flatMap { $0.transfer == transfer ? $0 : nil }
  }

  mutating func add(_ sender: SnapshotSender) { self.senders[sender.peer] = sender }

  mutating func remove(_ sender: SnapshotSender) {
    if self.senders[sender.peer] === sender { self.senders[sender.peer] = nil }
  }

  func isSending(to peer: RaftID) -> Bool { self.senders[peer] != nil }

  /// Gives up the transfer to a member, or to all.
  func cancelSending(to peer: RaftID? = nil) {
    for sender in self.senders.values where peer == nil || sender.peer == peer { sender.cancel() }
  }
}

extension NodeDriver {
  // MARK: - Taking

  /// When snapshots are due: as configured, unless the state says otherwise.
  private var snapshotPolicy: RaftNodeConfiguration.SnapshotPolicy {
    var policy = self.configuration.snapshots
    if let entries = self.host.entriesBetweenSnapshots { policy.entries = max(1, entries) }
    return policy
  }

  /// Takes a snapshot when enough was applied since the last one.
  func takeSnapshotIfDue() {
    guard !self.snapshots.isWriting, self.phase == .running, self.snapshots.isDue(self.snapshotPolicy),
      self.applying.applied > self.snapshots.newest?.metadata.index ?? .zero,
      let metadata = try? self.core.snapshotMetadata(at: self.applying.applied)
    else { return self.answerSnapshots() }
    self.snapshots.writingBegan()
    // A witness has no state: all that its snapshot says is where the log goes on.
    let source: any SnapshotSource = self.isWitness ? SnapshotBytes { [] } : self.host.snapshot()
    let store = self.snapshotStore
    self.snapshotPool.runIfActive(eventLoop: self.eventLoop) { try store.write(source, metadata) }
      .assumeIsolated()
      .whenComplete { result in
        self.snapshots.isWriting = false
        switch result {
        case .success(let snapshot): self.snapshotWritten(snapshot)
        case .failure(let error): self.snapshotFailed(error)
        }
      }
  }

  /// Takes a snapshot now, whatever the policy says.
  func takeSnapshot(_ promise: EventLoopPromise<LogPosition>) {
    guard self.phase == .running else { return promise.fail(RaftError(.stopped, "the node is stopped")) }
    let applied = self.applying.applied
    guard applied > .zero else { return promise.fail(RaftError(.compacted, "nothing was applied yet")) }
    self.snapshots.waiting.append((applied, promise))
    self.takeSnapshotIfDue()
  }

  /// The newest snapshot may be what was asked for.
  private func answerSnapshots() {
    guard !self.snapshots.waiting.isEmpty, let newest = self.snapshots.newest?.metadata.position else { return }
    self.snapshots.waiting.removeAll { waiting in
      guard waiting.index <= newest.index else { return false }
      waiting.promise.succeed(newest)
      return true
    }
  }

  private func snapshotWritten(_ snapshot: StoredSnapshot) {
    guard self.phase == .running || self.phase == .leaving else { return }
    let metadata = snapshot.metadata
    // One that was installed meanwhile is newer.
    guard metadata.index > self.snapshots.newest?.metadata.index ?? .zero else { return self.answerSnapshots() }
    self.snapshots.written(snapshot)
    self.core.compacted(metadata)
    self.writer.submit(.compact(through: self.core.firstIndex.previous))
    self.emit(.snapshotTaken(metadata.position))
    self.answerSnapshots()
    self.takeSnapshotIfDue()
    self.scheduleTurn()
  }

  private func snapshotFailed(_ error: any Error) {
    guard self.phase == .running || self.phase == .leaving else { return }
    if let error = error as? RaftError, error.isOutOfRoom {
      // The log goes on without.
      self.logger.warning("there is no room for a snapshot", metadata: ["error": "\(error)"])
      self.snapshots.writingFailed()
      for waiting in self.snapshots.waiting {
        waiting.promise.fail(RaftError(.storageFull, "there is no room for a snapshot", cause: error))
      }
      self.snapshots.waiting = []
      self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(self.configuration.storageRetryInterval)) {
        if self.phase == .running { self.takeSnapshotIfDue() }
      }
      return
    }
    let failure = error as? RaftError ?? RaftError(.storageFailed, "a snapshot can't be written", cause: error)
    self.stop(failure)
  }

  // MARK: - Sending

  /// Streams the newest snapshot to a member.
  func sendSnapshot(to member: RaftID) {
    guard let snapshot = self.snapshots.newest, let connection = self.transport.connection(to: member),
      !self.snapshots.isSending(to: member)
    else {
      self.core.snapshotSent(to: member, upTo: .zero, succeeded: false, now: self.now)
      return self.scheduleTurn()
    }
    // In a later term this leader's word is worth nothing: the message keeps the term in which it was due.
    let message = Message(from: self.core.id, to: member, term: self.term, body: .installSnapshot(snapshot.metadata))
    let sender = SnapshotSender(
      transfer: self.snapshots.nextTransfer(),
      message: message,
      snapshot: snapshot,
      connection: connection,
      store: self.snapshotStore,
      pool: self.snapshotPool,
      policy: self.configuration.transport,
      eventLoop: self.eventLoop
    ) { sender, succeeded in
      self.snapshots.remove(sender)
      guard self.phase == .running || self.phase == .leaving else { return }
      self.core.snapshotSent(to: sender.peer, upTo: sender.snapshot.metadata.index, succeeded: succeeded, now: self.now)
      self.scheduleTurn()
    }
    self.snapshots.add(sender)
    self.logger.info("a snapshot is sent", metadata: ["member": "\(member)", "index": "\(snapshot.metadata.index)"])
    sender.start()
  }

  // MARK: - Receiving

  /// A member offers a snapshot; one whose term is over is refused, so that it doesn't take the place of the leader's.
  func snapshotBegins(
    _ transfer: UInt64,
    length: Int,
    checksum: UInt32,
    _ message: Message,
    on connection: PeerConnection
  ) {
    guard case .installSnapshot(let metadata) = message.body, message.term >= self.core.status.term, length > 0 else {
      connection.send(.snapshotProgress(transfer: transfer, received: 0, state: .refused))
      return connection.flush()
    }
    let identity = SnapshotIdentity(position: metadata.position, length: length, checksum: checksum)
    self.inbox.offered(transfer, identity, message, on: connection)
  }

  /// Whether a message is for this member; a snapshot without bytes is only for witnesses: anybody else would lose its state.
  ///
  /// Who just joined may not know yet what it is, nor may the snapshot; the leader does.
  func isOfUse(_ message: Message) -> Bool {
    guard case .installSnapshot(let metadata) = message.body else { return true }
    let known = metadata.membership[self.core.id] ?? self.membership[self.core.id]
    guard known?.isWitness != false else { return false }
    self.wasTreatedAsWitness = true
    return true
  }

  /// Whether this member stores and votes, and has no state.
  var isWitness: Bool { self.membership[self.core.id]?.isWitness ?? self.wasTreatedAsWitness }

  /// Shows a received snapshot to the core.
  ///
  /// If the core takes it, the next write says so.
  func offer(_ received: SnapshotInbox.Received) {
    guard self.phase == .running || self.phase == .leaving else { return }
    self.dropUnusedSnapshot()
    self.snapshots.offered = received
    self.core.receive(received.message, now: self.now)
    self.scheduleTurn()
  }

  /// Deletes a received snapshot that the core didn't take.
  func dropUnusedSnapshot() {
    guard let offered = self.snapshots.offered else { return }
    self.snapshots.offered = nil
    let store = self.snapshotStore
    self.snapshotPool.submit { state in
      // Left-overs are deleted at the next start.
      if state == .active { try? store.discard(offered.name) }
    }
  }

  // MARK: - Room

  /// The writer found no room, or found some again.
  ///
  /// Meanwhile proposals are refused and room is looked for; a snapshot makes some.
  func storageIsFull(_ isFull: Bool) {
    guard isFull != self.isStorageFull else { return }
    self.isStorageFull = isFull
    if isFull {
      self.logger.warning("the disk is full: proposals are refused until there is room")
      self.lookForRoom()
    } else {
      self.logger.info("the disk has room again")
    }
  }

  private func lookForRoom() {
    self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(self.configuration.storageRetryInterval)) {
      guard self.isStorageFull, self.phase == .running || self.phase == .leaving else { return }
      self.snapshots.hurry(self.snapshotPolicy)
      self.takeSnapshotIfDue()
      self.writer.submit(.findRoom)
      self.lookForRoom()
    }
  }
}
