// SPDX-License-Identifier: Apache-2.0

/// Decides what to do with the pieces of a snapshot that comes from another member, and remembers how far one got, so that it
/// goes on there when it is offered again.
public struct SnapshotReceiving: Sendable {
  /// What to do with a piece.
  public enum Answer: Hashable, Sendable {
    /// Write it at its offset, then confirm ``SnapshotReceiving/received``.
    case store
    /// Write it: it is the last one. Then verify the whole file, and show the snapshot to the core.
    case storeLast
    /// It is there already: confirm ``SnapshotReceiving/received`` and nothing else.
    case confirm
    /// It doesn't fit: ask for what follows ``SnapshotReceiving/received``.
    case reject
  }

  /// What is being received.
  public private(set) var identity: SnapshotIdentity?
  /// The file holds everything before this offset.
  public private(set) var received = 0

  /// Starts with nothing, or with an unfinished file that was found on the disk.
  public init(_ unfinished: (identity: SnapshotIdentity, received: Int)? = nil) {
    guard let unfinished, 0..<unfinished.identity.length ~= unfinished.received else { return }
    self.identity = unfinished.identity
    self.received = unfinished.received
  }

  /// A snapshot is offered: gives the offset to begin at.
  ///
  /// At 0 a file that is there is started anew.
  public mutating func offered(_ identity: SnapshotIdentity) -> Int {
    if self.identity != identity {
      self.identity = identity
      self.received = 0
    }
    return self.received
  }

  /// A piece came.
  ///
  /// After ``Answer/store`` and ``Answer/storeLast`` it counts as received; should it be impossible to write it, call
  /// ``discard()``.
  public mutating func pieceArrived(at offset: Int, count: Int, of identity: SnapshotIdentity) -> Answer {
    guard self.identity == identity, offset >= 0, count > 0, count <= identity.length - min(offset, identity.length) else {
      return .reject
    }
    if offset + count <= self.received { return .confirm }
    guard offset == self.received else { return .reject }
    self.received += count
    return self.received == identity.length ? .storeLast : .store
  }

  /// The file is gone: it was installed, was damaged, or isn't wanted any more.
  public mutating func discard() {
    self.identity = nil
    self.received = 0
  }
}
