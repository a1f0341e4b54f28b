// SPDX-License-Identifier: Apache-2.0

/// Decides which piece of a snapshot goes next to one member, and when.
///
/// The sender offers the snapshot first; the receiver answers with what it has of it (``resumed(at:now:)``). Then pieces follow,
/// as many as the window and the rate allow, each confirmed by how far the receiver's file reaches. After a broken connection the
/// transfer is offered again and goes on where the receiver's file ends.
public struct SnapshotSending: Sendable {
  /// How fast to send.
  public struct Policy: Hashable, Sendable {
    /// Bytes per piece.
    ///
    /// Default 256 KiB.
    public var pieceLength: Int
    /// Bytes on their way.
    ///
    /// Default 1 MiB.
    public var window: Int
    /// Bytes per second; nil, the default, for no limit.
    public var rate: Int?
    /// Without progress for this long the transfer is given up.
    ///
    /// Default 15 s.
    public var timeout: Duration

    /// Makes a policy; every parameter has a default.
    ///
    /// Sizes below 1 count as 1.
    public init(
      pieceLength: Int = 256 << 10,
      window: Int = 1 << 20,
      rate: Int? = nil,
      timeout: Duration = .seconds(15)
    ) {
      self.pieceLength = max(1, pieceLength)
      self.window = max(1, window)
      self.rate = rate.map { max(1, $0) }
      self.timeout = timeout
    }
  }

  /// How far a transfer is.
  public enum State: Hashable, Sendable {
    /// The receiver hasn't said yet where to begin.
    case offered
    /// Pieces are on their way.
    case sending
    /// The receiver has everything.
    case complete
    /// There was no progress for too long.
    case abandoned
  }

  /// What is sent.
  public let identity: SnapshotIdentity
  /// How far the transfer is.
  public private(set) var state = State.offered
  /// The receiver stored everything before this offset.
  public private(set) var confirmed = 0
  private let policy: Policy
  private var sent = 0
  private var lastProgress: Duration
  /// When the rate allows the next piece.
  private var nextSend: Duration

  /// Offers a snapshot.
  public init(_ identity: SnapshotIdentity, policy: Policy = Policy(), now: Duration) {
    self.identity = identity
    self.policy = policy
    self.lastProgress = now
    self.nextSend = now
  }

  /// The receiver's file ends at `offset`: go on from there.
  public mutating func resumed(at offset: Int, now: Duration) {
    guard self.state == .offered, 0...self.identity.length ~= offset else { return }
    self.state = offset == self.identity.length ? .complete : .sending
    self.confirmed = offset
    self.sent = offset
    self.lastProgress = now
  }

  /// The receiver stored everything before `offset`.
  public mutating func confirmed(through offset: Int, now: Duration) {
    guard self.state == .sending, offset > self.confirmed, offset <= self.sent else { return }
    self.confirmed = offset
    self.lastProgress = now
    if offset == self.identity.length { self.state = .complete }
  }

  /// The connection broke, or the receiver missed a piece: what was on its way is lost.
  ///
  /// Offer the snapshot again.
  public mutating func interrupted(now: Duration) {
    guard self.state == .sending || self.state == .offered else { return }
    self.state = .offered
    self.sent = self.confirmed
  }

  /// The piece to send now, or nil when there is none to send yet: ask again after a confirmation or at ``nextDeadline``.
  public mutating func nextPiece(now: Duration) -> Range<Int>? {
    if self.state == .sending || self.state == .offered, now >= self.lastProgress + self.policy.timeout {
      self.state = .abandoned
    }
    guard self.hasRoom, now >= self.nextSend else { return nil }
    let piece = self.sent..<min(self.sent + self.policy.pieceLength, self.identity.length)
    self.sent = piece.upperBound
    if let rate = self.policy.rate {
      self.nextSend = now + .microseconds(Int64(Double(piece.count) * 1_000_000 / Double(rate)))
    }
    return piece
  }

  /// Whether there is something to send, and the window is open for it.
  ///
  /// One piece may always be on its way.
  private var hasRoom: Bool {
    self.state == .sending && self.sent < self.identity.length
      && (self.sent == self.confirmed || self.sent - self.confirmed + self.policy.pieceLength <= self.policy.window)
  }

  /// When to ask ``nextPiece(now:)`` again at the latest; nil when the transfer has ended.
  public var nextDeadline: Duration? {
    guard self.state == .sending || self.state == .offered else { return nil }
    let timeout = self.lastProgress + self.policy.timeout
    return self.hasRoom ? min(timeout, self.nextSend) : timeout
  }
}
