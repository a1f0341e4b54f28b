// SPDX-License-Identifier: Apache-2.0

/// The knobs of ``RaftCore``.
///
/// Pre-vote and check-quorum are always on: mixed settings are a known trap (etcd #8501).
public struct RaftConfiguration: Hashable, Sendable {
  /// Without a word from the leader for this long (randomised up to twice as long) an election begins.
  ///
  /// Default 500 ms.
  public var electionTimeout: Duration
  /// The leader speaks at least this often.
  ///
  /// Default 100 ms.
  public var heartbeatInterval: Duration
  /// After the leader's connection broke an election begins within this range.
  ///
  /// Default 10 to 60 ms.
  public var leaderLossDelay: ClosedRange<Duration>
  /// The leader gives up when a write of its own takes longer.
  ///
  /// Default 5 s.
  public var storageStallTimeout: Duration
  /// A snapshot that isn't reported as sent by then is tried again.
  ///
  /// Default 5 min.
  public var snapshotTimeout: Duration
  /// How far replication runs ahead of acknowledgements.
  public var replication: Replication
  /// What may wait to be committed and applied.
  public var limits: Limits
  /// What is kept for slow members.
  public var memory: Memory
  /// Whether a leader answers reads without asking the others, on the strength of clocks.
  ///
  /// Off (nil) by default.
  public var leaseReads: LeaseReads?

  /// Makes a configuration; every parameter has a default.
  public init(
    electionTimeout: Duration = .milliseconds(500),
    heartbeatInterval: Duration = .milliseconds(100),
    leaderLossDelay: ClosedRange<Duration> = .milliseconds(10) ... .milliseconds(60),
    storageStallTimeout: Duration = .seconds(5),
    snapshotTimeout: Duration = .seconds(300),
    replication: Replication = Replication(),
    limits: Limits = Limits(),
    memory: Memory = Memory(),
    leaseReads: LeaseReads? = nil
  ) {
    self.electionTimeout = electionTimeout
    self.heartbeatInterval = heartbeatInterval
    self.leaderLossDelay = leaderLossDelay
    self.storageStallTimeout = storageStallTimeout
    self.snapshotTimeout = snapshotTimeout
    self.replication = replication
    self.limits = limits
    self.memory = memory
    self.leaseReads = leaseReads
  }
}

extension RaftConfiguration {
  /// How far replication to one member runs ahead of its acknowledgements.
  public struct Replication: Hashable, Sendable {
    /// Encoded bytes of entries per message; an entry larger than this goes alone.
    ///
    /// Default 512 KiB.
    public var messageBytes: Int
    /// Messages in flight to one member.
    ///
    /// Default 256.
    public var inFlightMessages: Int
    /// Encoded bytes in flight to one member.
    ///
    /// Default 16 MiB.
    public var inFlightBytes: Int

    /// Makes the limits; every parameter has a default.
    public init(messageBytes: Int = 512 << 10, inFlightMessages: Int = 256, inFlightBytes: Int = 16 << 20) {
      self.messageBytes = messageBytes
      self.inFlightMessages = inFlightMessages
      self.inFlightBytes = inFlightBytes
    }
  }

  /// What may wait.
  public struct Limits: Hashable, Sendable {
    /// Encoded bytes that the leader accepted and that aren't committed; beyond it proposals are refused as busy.
    ///
    /// One proposal is always let in. Default 64 MiB.
    public var uncommittedBytes: Int
    /// Encoded bytes handed out to be applied and not yet reported as applied.
    ///
    /// Default 8 MiB.
    public var applyingBytes: Int
    /// Bytes of one proposed payload.
    ///
    /// Default 4 MiB.
    public var payloadBytes: Int
    /// A joining member is caught up when it is at most this many entries behind the commit.
    ///
    /// Default 1024.
    public var promotionLag: Int

    /// Makes the limits; every parameter has a default.
    public init(
      uncommittedBytes: Int = 64 << 20,
      applyingBytes: Int = 8 << 20,
      payloadBytes: Int = 4 << 20,
      promotionLag: Int = 1024
    ) {
      self.uncommittedBytes = uncommittedBytes
      self.applyingBytes = applyingBytes
      self.payloadBytes = payloadBytes
      self.promotionLag = promotionLag
    }
  }

  /// What is kept of the past.
  public struct Memory: Hashable, Sendable {
    /// Encoded bytes of the end of the log kept in memory; older entries are read from the log.
    ///
    /// Default 8 MiB.
    public var tailBytes: Int
    /// Entries that the log keeps behind a snapshot for slow members.
    ///
    /// Default 10,000.
    public var trailingEntries: Int
    /// Encoded bytes that the log keeps behind a snapshot for slow members, give or take a batch of at least 64 KiB: with large entries this is
    /// reached first (etcd #17098).
    ///
    /// Default 64 MiB.
    public var trailingBytes: Int

    /// Makes the limits; every parameter has a default.
    public init(tailBytes: Int = 8 << 20, trailingEntries: Int = 10_000, trailingBytes: Int = 64 << 20) {
      self.tailBytes = tailBytes
      self.trailingEntries = trailingEntries
      self.trailingBytes = trailingBytes
    }
  }

  /// Reads that cost no message.
  ///
  /// All members must have this set, with the same ``electionTimeout``.
  ///
  /// Followers promise not to vote for another (nor to stand themselves) within an election timeout after a word from their
  /// leader, also when its connection broke or they were restarted. The leader counts on a majority's promises from the moment
  /// it *asked*, shortened by ``clockDriftLimit``. When one clock runs away from another by more than that, a read may be stale;
  /// that is why it is off by default. A handing over of leadership ends all promises, so that the leader falls back to asking.
  public struct LeaseReads: Hashable, Sendable {
    /// By how much (a fraction) any member's clock may run faster than any other's.
    ///
    /// Default 0.1. Clocks must go on while a machine sleeps.
    public var clockDriftLimit: Double

    /// Sets the bound.
    public init(clockDriftLimit: Double = 0.1) { self.clockDriftLimit = clockDriftLimit }
  }

  /// Checks that the knobs fit together.
  ///
  /// - Throws: ``RaftError/Code/invalidConfiguration`` with the reason.
  public func validate() throws(RaftError) {
    func check(_ holds: Bool, _ message: String) throws(RaftError) {
      if !holds { throw RaftError(.invalidConfiguration, message) }
    }
    try check(self.heartbeatInterval > .zero, "the heartbeat interval must be positive")
    try check(self.electionTimeout >= self.heartbeatInterval * 2, "the election timeout must be two heartbeats or more")
    try check(self.leaderLossDelay.lowerBound >= .zero, "the leader loss delay must not be negative")
    try check(self.leaderLossDelay.upperBound <= self.electionTimeout, "the leader loss delay exceeds the election timeout")
    try check(self.storageStallTimeout > .zero && self.snapshotTimeout > .zero, "the timeouts must be positive")
    try check(self.replication.messageBytes > 0, "messages must hold bytes")
    try check(self.replication.inFlightMessages > 0 && self.replication.inFlightBytes > 0, "something must be in flight")
    try check(self.limits.uncommittedBytes > 0 && self.limits.applyingBytes > 0, "the limits must be positive")
    try check(
      1...EntryCodec.maximumPayloadLength ~= self.limits.payloadBytes,
      "a payload has 1 to \(EntryCodec.maximumPayloadLength) bytes"
    )
    try check(self.limits.promotionLag >= 0 && self.memory.tailBytes >= 0, "sizes must not be negative")
    try check(self.memory.trailingEntries >= 0 && self.memory.trailingBytes >= 0, "sizes must not be negative")
    if let leaseReads {
      try check(0..<1 ~= leaseReads.clockDriftLimit, "the clock drift limit is at least 0 and less than 1")
    }
  }
}
