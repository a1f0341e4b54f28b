// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Raft

/// Snapshots being taken, sent and received.
struct SnapshotState {
  /// The newest one that is on the disk.
  private(set) var newest: SnapshotMetadata?
  /// Whether one is being written.
  var isWriting = false
  /// Applied since the newest one.
  private(set) var entries = 0
  private(set) var bytes = 0
  /// Received ones that the core has seen, until they are restored.
  var payloads: [LogPosition: [UInt8]] = [:]
  /// A received one that the core sees in this turn.
  var offered: SnapshotReceiver.Received?
  private var senders: [RaftID: SnapshotSender] = [:]
  private var receivers: [SnapshotReceiver] = []
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
    self.entries = 0
    self.bytes = 0
  }

  mutating func written(_ metadata: SnapshotMetadata) {
    self.newest = metadata
  }

  mutating func installed(_ metadata: SnapshotMetadata) {
    self.newest = metadata
    self.entries = 0
    self.bytes = 0
    self.payloads = self.payloads.filter { $0.key.index > metadata.index }
  }

  /// The file of the offered snapshot, which the core takes; its payload waits to be restored.
  mutating func take(_ position: LogPosition) -> String? {
    guard let offered, offered.metadata.position == position else { return nil }
    self.offered = nil
    self.payloads[position] = offered.payload
    return offered.name
  }

  func sender(_ transfer: UInt64, to peer: RaftID) -> SnapshotSender? {
    self.senders[peer].flatMap { $0.transfer == transfer ? $0 : nil }
  }

  func receiver(_ transfer: UInt64, on connection: PeerConnection) -> SnapshotReceiver? {
    self.receivers.first { $0.transfer == transfer && $0.connection === connection }
  }

  mutating func add(_ sender: SnapshotSender) { self.senders[sender.peer] = sender }
  mutating func add(_ receiver: SnapshotReceiver) { self.receivers.append(receiver) }

  mutating func remove(_ sender: SnapshotSender) {
    if self.senders[sender.peer] === sender { self.senders[sender.peer] = nil }
  }

  mutating func remove(_ receiver: SnapshotReceiver) { self.receivers.removeAll { $0 === receiver } }

  /// Whoever is under way.
  var underWay: (senders: [SnapshotSender], receivers: [SnapshotReceiver]) {
    (Array(self.senders.values), self.receivers)
  }

  func connectionLost(to peer: RaftID) {
    self.senders[peer]?.cancel()
    for receiver in self.receivers where receiver.connection.peer == peer { receiver.cancel() }
  }
}

extension NodeDriver {
  // MARK: - Taking

  /// Takes a snapshot when enough was applied since the last one.
  func takeSnapshotIfDue() {
    let policy = self.configuration.snapshots
    guard !self.snapshots.isWriting, self.phase == .running,
      self.snapshots.entries >= policy.entries || self.snapshots.bytes >= policy.bytes,
      let metadata = try? self.core.snapshotMetadata(at: self.applying.applied)
    else { return }
    self.snapshots.writingBegan()
    let source = self.host.snapshot()
    let store = self.snapshotStore
    self.snapshotPool.runIfActive(eventLoop: self.eventLoop) { try store.write(source, metadata) }
      .assumeIsolated()
      .whenComplete { result in
        self.snapshots.isWriting = false
        switch result {
        case .success: self.snapshotWritten(metadata)
        case .failure(let error): self.snapshotFailed(error)
        }
      }
  }

  private func snapshotWritten(_ metadata: SnapshotMetadata) {
    guard self.phase == .running || self.phase == .leaving else { return }
    // One that was installed meanwhile is newer.
    guard metadata.index > self.snapshots.newest?.index ?? .zero else { return }
    self.snapshots.written(metadata)
    self.core.compacted(metadata)
    self.writer.submit(.compact(through: self.core.firstIndex.previous))
    self.emit(.snapshotTaken(metadata.position))
    self.scheduleTurn()
  }

  private func snapshotFailed(_ error: any Error) {
    guard self.phase == .running || self.phase == .leaving else { return }
    let failure = error as? RaftError ?? RaftError(.storageFailed, "a snapshot can't be written", cause: error)
    self.stop(failure)
  }

  // MARK: - Sending

  /// Streams the newest snapshot to a member.
  func sendSnapshot(to member: RaftID) {
    guard let metadata = self.snapshots.newest, let connection = self.transport.connection(to: member),
      self.snapshots.underWay.senders.allSatisfy({ $0.peer != member })
    else {
      self.core.snapshotSent(to: member, upTo: .zero, succeeded: false, now: self.now)
      return self.scheduleTurn()
    }
    // In a later term this leader's word is worth nothing: the message keeps the term in which it was due.
    let message = Message(from: self.core.id, to: member, term: self.term, body: .installSnapshot(metadata))
    let sender = SnapshotSender(
      transfer: self.snapshots.nextTransfer(),
      message: message,
      metadata: metadata,
      connection: connection,
      store: self.snapshotStore,
      pool: self.snapshotPool,
      policy: self.configuration.transport,
      eventLoop: self.eventLoop
    ) { sender, succeeded in
      self.snapshots.remove(sender)
      guard self.phase == .running || self.phase == .leaving else { return }
      self.core.snapshotSent(to: sender.peer, upTo: sender.metadata.index, succeeded: succeeded, now: self.now)
      self.scheduleTurn()
    }
    self.snapshots.add(sender)
    self.logger.info("a snapshot is sent", metadata: ["member": "\(member)", "index": "\(metadata.index)"])
    sender.start()
  }

  // MARK: - Receiving

  func snapshotBegins(_ transfer: UInt64, total: Int, _ message: Message, on connection: PeerConnection) {
    for receiver in self.snapshots.underWay.receivers where receiver.connection === connection { receiver.cancel() }
    let receiver = SnapshotReceiver(
      transfer: transfer,
      message: message,
      total: total,
      connection: connection,
      store: self.snapshotStore,
      pool: self.snapshotPool,
      eventLoop: self.eventLoop
    ) { receiver, received in
      self.snapshots.remove(receiver)
      if let received { self.offer(received) }
    }
    self.snapshots.add(receiver)
  }

  /// Shows a received snapshot to the core.
  ///
  /// If the core takes it, the next write says so.
  private func offer(_ received: SnapshotReceiver.Received) {
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

  /// Gives up everything under way.
  func cancelTransfers() {
    let underWay = self.snapshots.underWay
    for sender in underWay.senders { sender.cancel() }
    for receiver in underWay.receivers { receiver.cancel() }
  }
}
