// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import Raft

/// Streams one snapshot file to one member, beside everything else on the connection; `SnapshotSending` says what and when.
///
/// Lives on the node's event loop; the file is read on the snapshot thread.
final class SnapshotSender {
  /// How it ended.
  typealias Completion = (_ sender: SnapshotSender, _ succeeded: Bool) -> Void

  let transfer: UInt64
  let peer: RaftID
  let snapshot: StoredSnapshot

  private let connection: PeerConnection
  private let message: Message
  private let store: SnapshotStore
  private let pool: NIOThreadPool
  private let eventLoop: any EventLoop
  private var completion: Completion?

  private var sending: SnapshotSending
  private var file: OpenSnapshot?
  private var isReading = false
  private var timer: Scheduled<Void>?

  /// Offers a snapshot that the core asked for with `message`.
  init(
    transfer: UInt64,
    message: Message,
    snapshot: StoredSnapshot,
    connection: PeerConnection,
    store: SnapshotStore,
    pool: NIOThreadPool,
    policy: RaftNodeConfiguration.TransportPolicy,
    eventLoop: any EventLoop,
    completion: @escaping Completion
  ) {
    self.transfer = transfer
    self.peer = message.to
    self.snapshot = snapshot
    self.connection = connection
    self.message = message
    self.store = store
    self.pool = pool
    self.eventLoop = eventLoop
    self.completion = completion
    self.sending = SnapshotSending(
      snapshot.identity,
      policy: SnapshotSending.Policy(
        pieceLength: min(256 << 10, policy.snapshotWindow),
        window: policy.snapshotWindow,
        rate: policy.snapshotRate,
        timeout: policy.snapshotTimeout
      ),
      now: Self.now(eventLoop)
    )
  }

  private static func now(_ eventLoop: any EventLoop) -> Duration {
    .nanoseconds(Int64(clamping: eventLoop.now.uptimeNanoseconds))
  }

  /// Opens the file, and asks the receiver where to begin.
  func start() {
    let (store, metadata) = (self.store, self.snapshot.metadata)
    self.pool.runIfActive(eventLoop: self.eventLoop) { try OpenSnapshot(store.open(metadata)) }
      .assumeIsolated()
      .whenComplete { result in
        guard case .success(let file) = result, file.length == self.snapshot.identity.length, self.completion != nil else {
          return self.finish(succeeded: false)
        }
        self.file = file
        let identity = self.snapshot.identity
        self.connection.send(
          .snapshotBegins(
            transfer: self.transfer,
            length: identity.length,
            checksum: identity.checksum,
            message: self.message
          )
        )
        self.connection.flush()
        self.pump()
      }
  }

  /// The receiver stored so much.
  func progressed(_ received: Int, _ state: PeerFrame.SnapshotState) {
    switch state {
    case .receiving:
      let now = Self.now(self.eventLoop)
      if self.sending.state == .offered {
        self.sending.resumed(at: received, now: now)
      } else {
        self.sending.confirmed(through: received, now: now)
      }
      self.pump()
    case .complete: self.finish(succeeded: true)
    case .refused: self.finish(succeeded: false)
    }
  }

  /// Gives up.
  func cancel() { self.finish(succeeded: false) }

  /// Sends what window and rate allow now, and comes back when they may allow more.
  private func pump() {
    guard let file, !self.isReading, self.completion != nil else { return }
    let piece = self.sending.nextPiece(now: Self.now(self.eventLoop))
    if self.sending.state == .abandoned { return self.finish(succeeded: false) }
    guard let piece else { return self.setTimer() }
    self.isReading = true
    self.pool.runIfActive(eventLoop: self.eventLoop) { try file.read(piece) }
      .assumeIsolated()
      .whenComplete { result in
        self.isReading = false
        guard case .success(let bytes) = result, bytes.count == piece.count, self.connection.isUsable else {
          return self.finish(succeeded: false)
        }
        self.connection.send(.snapshotPiece(transfer: self.transfer, offset: piece.lowerBound, bytes: bytes[...]))
        self.connection.flush()
        self.pump()
      }
  }

  private func setTimer() {
    self.timer?.cancel()
    guard let deadline = self.sending.nextDeadline else { return }
    let time = NIODeadline.uptimeNanoseconds(UInt64(clamping: TimeAmount(deadline).nanoseconds))
    self.timer = self.eventLoop.assumeIsolated().scheduleTask(deadline: time) { self.pump() }
  }

  private func finish(succeeded: Bool) {
    guard let completion = self.completion else { return }
    self.completion = nil
    self.timer?.cancel()
    self.file = nil
    completion(self, succeeded)
  }
}

/// A snapshot file that stays open while it is sent.
private final class OpenSnapshot: Sendable {
  let length: Int
  private let file: SnapshotFileReader

  init(_ file: consuming SnapshotFileReader) {
    self.length = file.length
    self.file = file
  }

  func read(_ range: Range<Int>) throws(RaftError) -> [UInt8] {
    try self.file.read(range.count, at: range.lowerBound)
  }
}
