// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Raft

/// Streams one snapshot file to one member, a window at a time, beside everything else on the connection.
///
/// Lives on the node's event loop; the file is read on the snapshot thread.
final class SnapshotSender {
  /// How it ended.
  typealias Completion = (_ sender: SnapshotSender, _ succeeded: Bool) -> Void

  let transfer: UInt64
  let peer: RaftID
  let metadata: SnapshotMetadata

  private let connection: PeerConnection
  private let message: Message
  private let store: SnapshotStore
  private let pool: NIOThreadPool
  private let policy: RaftNodeConfiguration.TransportPolicy
  private let eventLoop: any EventLoop
  private var completion: Completion?

  private var file: SnapshotReader?
  private var sent = 0
  private var confirmed = 0
  private var isReading = false
  private var deadline: Scheduled<Void>?

  private static let pieceLength = 256 << 10

  init(
    transfer: UInt64,
    message: Message,
    metadata: SnapshotMetadata,
    connection: PeerConnection,
    store: SnapshotStore,
    pool: NIOThreadPool,
    policy: RaftNodeConfiguration.TransportPolicy,
    eventLoop: any EventLoop,
    completion: @escaping Completion
  ) {
    self.transfer = transfer
    self.peer = message.to
    self.metadata = metadata
    self.connection = connection
    self.message = message
    self.store = store
    self.pool = pool
    self.policy = policy
    self.eventLoop = eventLoop
    self.completion = completion
  }

  /// Opens the file and sends what the window allows.
  func start() {
    self.extendDeadline()
    let store = self.store
    let metadata = self.metadata
    self.pool.runIfActive(eventLoop: self.eventLoop) { try SnapshotReader(store.open(metadata)) }
      .assumeIsolated()
      .whenComplete { result in
        switch result {
        case .success(let file):
          self.file = file
          self.connection.send(.snapshotBegins(transfer: self.transfer, total: file.size, message: self.message))
          self.connection.flush()
          self.pump()
        case .failure:
          self.finish(succeeded: false)
        }
      }
  }

  /// The receiver stored so much.
  func progressed(_ received: Int, _ state: PeerFrame.SnapshotState) {
    switch state {
    case .receiving:
      guard received > self.confirmed, received <= self.sent else { return }
      self.confirmed = received
      self.extendDeadline()
      self.pump()
    case .complete: self.finish(succeeded: true)
    case .refused: self.finish(succeeded: false)
    }
  }

  /// Gives up.
  func cancel() { self.finish(succeeded: false) }

  private func pump() {
    guard let file, !self.isReading, self.completion != nil, self.sent < file.size else { return }
    guard self.sent - self.confirmed < self.policy.snapshotWindow else { return }
    self.isReading = true
    let offset = self.sent
    self.pool.runIfActive(eventLoop: self.eventLoop) { try file.read(Self.pieceLength, at: offset) }
      .assumeIsolated()
      .whenComplete { result in
        self.isReading = false
        guard case .success(let bytes) = result, !bytes.isEmpty, self.connection.isUsable else {
          return self.finish(succeeded: false)
        }
        self.connection.send(.snapshotPiece(transfer: self.transfer, offset: offset, bytes: bytes[...]))
        self.connection.flush()
        self.sent = offset + bytes.count
        self.pump()
      }
  }

  private func extendDeadline() {
    self.deadline?.cancel()
    self.deadline = self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(self.policy.snapshotTimeout)) {
      self.finish(succeeded: false)
    }
  }

  private func finish(succeeded: Bool) {
    guard let completion = self.completion else { return }
    self.completion = nil
    self.deadline?.cancel()
    self.file = nil
    completion(self, succeeded)
  }
}

/// A snapshot file that stays open while it is sent.
private final class SnapshotReader: Sendable {
  let size: Int
  private let file: OpenFile

  init(_ file: consuming OpenFile) throws(RaftError) {
    self.size = try file.size()
    self.file = file
  }

  func read(_ count: Int, at offset: Int) throws(RaftError) -> [UInt8] {
    try self.file.read(count, at: offset)
  }
}
