// SPDX-License-Identifier: Apache-2.0

public import Metrics
public import Raft

/// Everything a ``RaftNode`` needs to know besides its state machine.
public struct RaftNodeConfiguration: Sendable {
  /// Where log and snapshots are kept.
  ///
  /// Made with mode 0700 when it isn't there; one node uses it at a time.
  public var directory: String
  /// Names the cluster; members of another one are refused.
  ///
  /// At most 128 bytes of UTF-8.
  public var clusterID: String
  /// This member: the index of the entry that added it, 1 for the member that began the group.
  public var member: RaftID
  /// What to do when the directory holds no log.
  ///
  /// One that holds a log is always resumed.
  public var start: Start
  /// Where to listen for other members; port 0 takes any free one.
  ///
  /// `nil`: channels come through ``RaftNode/accept(_:)``.
  public var listen: PeerAddress?
  /// Where to reach a member.
  ///
  /// By default its context is the text `host:port`. `nil` for a member means that it isn't known yet: it is asked for
  /// again with each attempt, and the member is spoken to when it dials this one. Called on the event loop, so it must
  /// not block.
  public var address: @Sendable (Member) -> PeerAddress?
  /// The knobs of consensus.
  public var raft: RaftConfiguration
  /// The size of log segments in bytes.
  ///
  /// Default 64 MiB; 1 MiB for small hosts and tests.
  public var segmentSize: Int
  /// When to take snapshots.
  public var snapshots: SnapshotPolicy
  /// How members reach each other: plain TCP by default.
  public var network: PeerNetwork
  /// The knobs of connections.
  public var transport: TransportPolicy
  #if Security
    /// What log and snapshots are encrypted with.
    ///
    /// `nil`, the default: they aren't. A directory in plaintext is taken over; what is in it is encrypted as it is written anew,
    /// and gone with the snapshot that makes it superfluous.
    public var storageKeys: (any StorageKeyProvider)?
  #endif
  /// How long a full disk is left alone before room is looked for again.
  ///
  /// Default 500 ms.
  public var storageRetryInterval: Duration = .milliseconds(500)
  /// Where metrics go; `nil` for the one that the process is bootstrapped with.
  public var metrics: (any MetricsFactory)?
  /// Failures that tests ask for.
  package var faults = StorageFaults()
  /// What a write waits for.
  package var durability = LogDurability.synced

  /// Describes a node.
  public init(
    directory: String,
    clusterID: String,
    member: RaftID = RaftID(1),
    start: Start = .resume,
    listen: PeerAddress? = nil,
    raft: RaftConfiguration = RaftConfiguration(),
    segmentSize: Int = 64 << 20,
    snapshots: SnapshotPolicy = SnapshotPolicy(),
    network: PeerNetwork = .tcp,
    transport: TransportPolicy = TransportPolicy(),
    address: @escaping @Sendable (Member) -> PeerAddress? = { PeerAddress(context: $0.context) }
  ) {
    self.directory = directory
    self.clusterID = clusterID
    self.member = member
    self.start = start
    self.listen = listen
    self.raft = raft
    self.segmentSize = segmentSize
    self.snapshots = snapshots
    self.network = network
    self.transport = transport
    self.address = address
  }

  /// What to do when the directory holds no log.
  public enum Start: Sendable, Hashable {
    /// Begin a group of several voters with the identities 1, 2, … and these contexts. Each of them starts with the same
    /// list. The last `witnesses` of them are witnesses, which vote and store the log but have no state machine.
    case bootstrap([[UInt8]], witnesses: Int = 0)
    /// Begin with an empty log, and learn everything from the leader that added this member.
    case join
    /// Refuse to start.
    case resume

    /// Begin a group of one.
    public static func bootstrap(context: [UInt8] = []) -> Self { .bootstrap([context]) }
  }

  /// When to take snapshots: as soon as one of the limits is reached since the last one.
  public struct SnapshotPolicy: Sendable, Hashable {
    /// Applied entries.
    ///
    /// Default 100,000. Four times as many while one is being sent, so that it isn't out of date when it arrives. A state machine may say
    /// otherwise: ``StateMachine/entriesBetweenSnapshots``.
    public var entries: Int
    /// Encoded bytes of applied entries.
    ///
    /// Default 64 MiB. Four times as many while one is being sent.
    public var bytes: Int

    /// Makes a policy; every parameter has a default.
    public init(entries: Int = 100_000, bytes: Int = 64 << 20) {
      self.entries = entries
      self.bytes = bytes
    }
  }

  /// How connections are made and used.
  public struct TransportPolicy: Sendable, Hashable {
    /// How long to wait before a connection that failed is tried again; doubled each time up to the upper bound.
    ///
    /// Default 20 ms to 1 s.
    public var reconnectDelay: ClosedRange<Duration>
    /// A member that doesn't answer within this time when dialled is tried again.
    ///
    /// Default 1 s.
    public var connectTimeout: Duration
    /// An unanswered byte after this time breaks a connection, as does a missing handshake.
    ///
    /// Default 10 s.
    public var idleTimeout: Duration
    /// Bytes of a snapshot in flight to one member.
    ///
    /// Default 1 MiB.
    public var snapshotWindow: Int
    /// Bytes of a snapshot per second to one member.
    ///
    /// `nil`, the default: as fast as it goes.
    public var snapshotRate: Int?
    /// A snapshot transfer without progress for this long is given up.
    ///
    /// Default 15 s.
    public var snapshotTimeout: Duration

    /// Makes a policy; every parameter has a default.
    public init(
      reconnectDelay: ClosedRange<Duration> = .milliseconds(20) ... .seconds(1),
      connectTimeout: Duration = .seconds(1),
      idleTimeout: Duration = .seconds(10),
      snapshotWindow: Int = 1 << 20,
      snapshotRate: Int? = nil,
      snapshotTimeout: Duration = .seconds(15)
    ) {
      self.reconnectDelay = reconnectDelay
      self.connectTimeout = connectTimeout
      self.idleTimeout = idleTimeout
      self.snapshotWindow = snapshotWindow
      self.snapshotRate = snapshotRate
      self.snapshotTimeout = snapshotTimeout
    }
  }

  /// Checks that the values make sense.
  ///
  /// - Throws: `RaftError` with code `invalidConfiguration` and the reason.
  public func validate() throws(RaftError) {
    func check(_ holds: Bool, _ message: String) throws(RaftError) {
      if !holds { throw RaftError(.invalidConfiguration, message) }
    }
    try self.raft.validate()
    try check(!self.directory.isEmpty, "the directory has no name")
    try check(1...LogFormat.maximumClusterIDLength ~= self.clusterID.utf8.count, "a cluster id has 1 to 128 bytes")
    try check(self.member.rawValue > 0, "a member's identity isn't 0")
    try check(64 << 10...1 << 30 ~= self.segmentSize, "a segment has 64 KiB to 1 GiB")
    try check(self.snapshots.entries > 0 && self.snapshots.bytes > 0, "snapshot limits are positive")
    try check(self.storageRetryInterval > .zero, "the storage retry interval is positive")
    try check(self.transport.reconnectDelay.lowerBound > .zero, "the reconnect delay is positive")
    try check(self.transport.snapshotWindow > 0, "something of a snapshot must be in flight")
    try check(self.transport.snapshotRate ?? 1 > 0, "a snapshot that is sent needs a rate above 0")
  }
}

extension RaftNodeConfiguration {
  /// What encrypts files; `nil` when nothing does.
  var cipher: (any StorageCipher)? {
    #if Security
      self.storageKeys.map { AuthenticatedCipher($0) }
    #else
      nil
    #endif
  }

  /// The snapshot files in the directory.
  var snapshotStore: SnapshotStore {
    SnapshotStore(path: self.directory, clusterID: self.clusterID, cipher: self.cipher, faults: self.faults)
  }
}
