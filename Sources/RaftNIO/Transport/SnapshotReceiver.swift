// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import Raft
internal import Synchronization

/// Stores one snapshot that comes from a member, and verifies it when it is complete.
///
/// Lives on the node's event loop; the file is written on the snapshot thread, piece by piece in order.
final class SnapshotReceiver {
  /// A complete, intact and synced snapshot under a temporary name.
  struct Received {
    /// The file's name.
    var name: String
    /// For the core.
    var message: Message
    /// What it covers.
    var metadata: SnapshotMetadata
    /// The state machine's bytes.
    var payload: [UInt8]
  }

  /// How it ended; `nil` when nothing came of it.
  typealias Completion = (_ receiver: SnapshotReceiver, _ received: Received?) -> Void

  let transfer: UInt64
  let connection: PeerConnection

  private let message: Message
  private let total: Int
  private let name: String
  private let store: SnapshotStore
  private let pool: NIOThreadPool
  private let eventLoop: any EventLoop
  private var completion: Completion?
  private let file: IncomingFile
  private var expected = 0

  init(
    transfer: UInt64,
    message: Message,
    total: Int,
    connection: PeerConnection,
    store: SnapshotStore,
    pool: NIOThreadPool,
    eventLoop: any EventLoop,
    completion: @escaping Completion
  ) {
    self.transfer = transfer
    self.message = message
    self.total = total
    self.connection = connection
    self.name = StorageNames.temporary("received-\(message.from)-\(transfer)")
    self.file = IncomingFile("\(store.path)/\(self.name)")
    self.store = store
    self.pool = pool
    self.eventLoop = eventLoop
    self.completion = completion
  }

  /// The next bytes came.
  func receive(_ bytes: ArraySlice<UInt8>, at offset: Int) {
    guard self.completion != nil else { return }
    guard offset == self.expected, bytes.count <= self.total - offset else { return self.refuse() }
    self.expected += bytes.count
    let received = self.expected
    let isLast = received == self.total
    let (store, name, file) = (self.store, self.name, self.file)
    self.pool.runIfActive(eventLoop: self.eventLoop) { () throws -> DecodedSnapshot? in
      try file.write(bytes, at: offset)
      guard isLast else { return nil }
      try file.sync()
      return try store.load(name)
    }
    .assumeIsolated()
    .whenComplete { result in
      switch result {
      case .success(let snapshot):
        self.stored(received, snapshot)
      case .failure:
        self.refuse()
      }
    }
  }

  private func stored(_ received: Int, _ snapshot: DecodedSnapshot?) {
    guard let completion = self.completion else { return }
    guard let snapshot else {
      return self.answer(received, .receiving)
    }
    guard case .installSnapshot(let metadata) = self.message.body, metadata == snapshot.metadata else {
      return self.refuse()
    }
    self.completion = nil
    completion(
      self,
      Received(name: self.name, message: self.message, metadata: metadata, payload: snapshot.payload)
    )
    self.answer(received, .complete)
  }

  private func refuse() {
    self.answer(0, .refused)
    self.cancel()
  }

  /// Gives up and deletes what came.
  func cancel() {
    guard let completion = self.completion else { return }
    self.completion = nil
    let (store, name) = (self.store, self.name)
    self.pool.submit { state in
      // Left-overs are deleted at the next start.
      if state == .active { try? store.discard(name) }
    }
    completion(self, nil)
  }

  private func answer(_ received: Int, _ state: PeerFrame.SnapshotState) {
    self.connection.send(.snapshotProgress(transfer: self.transfer, received: received, state: state))
    self.connection.flush()
  }
}

/// A file that is being received; made with its first bytes.
private final class IncomingFile: Sendable {
  private let path: String
  private let file: Mutex<OpenFile?>

  init(_ path: String) {
    self.path = path
    self.file = Mutex(nil)
  }

  func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws {
    try self.file.withLock { file in
      if file == nil {
        file = try OpenFile(self.path, .create)
        try file?.truncate()
      }
      try file?.write(bytes, at: offset)
    }
  }

  func sync() throws {
    try self.file.withLock { try $0?.sync() }
  }
}
