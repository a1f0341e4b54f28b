// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import Raft
internal import Synchronization

/// Stores the snapshot that comes from the leader, and verifies it when it is complete; `SnapshotReceiving` says what to keep.
///
/// There is one at a time. What came of it outlives the connection and the node: offered again, it goes on where it ended.
/// Lives on the node's event loop; the file is written on the snapshot thread, piece by piece in order.
final class SnapshotInbox {
  /// A complete, intact and synced snapshot under the name of an incoming one.
  struct Received {
    /// The file's name.
    var name: String
    /// For the core.
    var message: Message
    /// What it is.
    var stored: StoredSnapshot
    /// The state machine's bytes.
    var payload: [UInt8]
  }

  /// Who sends, on what.
  private struct Transfer {
    var number: UInt64
    var connection: PeerConnection
    var message: Message
  }

  /// Called with each complete snapshot.
  private let completion: (Received) -> Void
  private let store: SnapshotStore
  private let pool: NIOThreadPool
  private let eventLoop: any EventLoop
  private var receiving: SnapshotReceiving
  private var file: IncomingFile?
  private var transfer: Transfer?
  /// What is complete, and has nobody to be confirmed to.
  private var verified: (snapshot: DecodedSnapshot, stored: StoredSnapshot)?

  /// Begins with what an earlier life left behind.
  init(
    _ unfinished: (identity: SnapshotIdentity, received: Int)?,
    store: SnapshotStore,
    pool: NIOThreadPool,
    eventLoop: any EventLoop,
    completion: @escaping (Received) -> Void
  ) {
    self.receiving = SnapshotReceiving(unfinished)
    self.file = self.receiving.identity.map { IncomingFile($0, store, isContinued: true) }
    self.store = store
    self.pool = pool
    self.eventLoop = eventLoop
    self.completion = completion
  }

  /// A member offers a snapshot.
  func offered(_ number: UInt64, _ identity: SnapshotIdentity, _ message: Message, on connection: PeerConnection) {
    let old = self.receiving.identity
    let offset = self.receiving.offered(identity)
    if old != identity || self.file == nil {
      self.verified = nil
      if let old, old != identity { self.discard(StorageNames.incoming(old)) }
      self.file = IncomingFile(identity, self.store, isContinued: false)
    }
    self.transfer = Transfer(number: number, connection: connection, message: message)
    self.answer(offset, .receiving)
    if let verified { self.finish(verified, StorageNames.incoming(identity), identity) }
  }

  /// Bytes came.
  func arrived(_ number: UInt64, _ bytes: ArraySlice<UInt8>, at offset: Int, on connection: PeerConnection) {
    guard let transfer, transfer.number == number, transfer.connection === connection, let file,
      let identity = self.receiving.identity
    else { return }
    switch self.receiving.pieceArrived(at: offset, count: bytes.count, of: identity) {
    case .store: self.write(bytes, to: file, identity, isLast: false)
    case .storeLast: self.write(bytes, to: file, identity, isLast: true)
    case .confirm: self.answer(self.receiving.received, .receiving)
    case .reject:
      self.answer(0, .refused)
      self.transfer = nil
    }
  }

  /// Nobody sends any more; what came is kept.
  func connectionLost(to peer: RaftID) {
    if self.transfer?.connection.peer == peer { self.transfer = nil }
  }

  private func write(_ bytes: ArraySlice<UInt8>, to file: IncomingFile, _ identity: SnapshotIdentity, isLast: Bool) {
    let received = self.receiving.received
    let (store, name) = (self.store, StorageNames.incoming(identity))
    self.pool.runIfActive(eventLoop: self.eventLoop) { () throws -> (snapshot: DecodedSnapshot, stored: StoredSnapshot)? in
      try file.append(bytes)
      guard isLast else { return nil }
      try file.finish()
      return try store.load(name)
    }
    .assumeIsolated()
    .whenComplete { result in
      // Another one may have been offered meanwhile.
      guard self.file === file else { return }
      switch result {
      case .success(nil): self.answer(received, .receiving)
      case .success(let loaded?): self.finish(loaded, name, identity)
      case .failure: self.refuse(name)
      }
    }
  }

  private func finish(
    _ loaded: (snapshot: DecodedSnapshot, stored: StoredSnapshot),
    _ name: String,
    _ identity: SnapshotIdentity
  ) {
    guard let transfer else {
      // Whoever sent the last piece is gone. The leader of the day will offer it again.
      self.verified = loaded
      return
    }
    guard case .installSnapshot(let metadata) = transfer.message.body, metadata == loaded.snapshot.metadata,
      loaded.stored.identity == identity
    else { return self.refuse(name) }
    self.answer(identity.length, .complete)
    self.forget()
    self.completion(
      Received(name: name, message: transfer.message, stored: loaded.stored, payload: loaded.snapshot.payload)
    )
  }

  private func refuse(_ name: String) {
    self.answer(0, .refused)
    self.forget()
    self.discard(name)
  }

  private func forget() {
    self.receiving.discard()
    self.verified = nil
    self.file = nil
    self.transfer = nil
  }

  private func discard(_ name: String) {
    let store = self.store
    self.pool.submit { state in
      // Left-overs are deleted at the next start.
      if state == .active { try? store.discard(name) }
    }
  }

  private func answer(_ received: Int, _ state: PeerFrame.SnapshotState) {
    guard let transfer else { return }
    transfer.connection.send(.snapshotProgress(transfer: transfer.number, received: received, state: state))
    transfer.connection.flush()
  }
}

/// The file of a snapshot that is being received; opened with the first bytes that come.
private final class IncomingFile: Sendable {
  private let identity: SnapshotIdentity
  private let store: SnapshotStore
  private let isContinued: Bool
  private let file: Mutex<SnapshotFileWriter?>

  init(_ identity: SnapshotIdentity, _ store: SnapshotStore, isContinued: Bool) {
    self.identity = identity
    self.store = store
    self.isContinued = isContinued
    self.file = Mutex(nil)
  }

  func append(_ bytes: ArraySlice<UInt8>) throws {
    try self.file.withLock { file in
      if file == nil { file = try self.store.receive(self.identity, isContinued: self.isContinued) }
      try file?.append(bytes)
    }
  }

  func finish() throws {
    try self.file.withLock { file in
      try file?.finish()
      file = nil
    }
  }
}
