// SPDX-License-Identifier: Apache-2.0

/// The knobs of ``GossipCore``.
///
/// All nodes of a cluster should share them.
public struct GossipConfiguration: Hashable, Sendable {
  /// Names the cluster; packets of other clusters are refused.
  ///
  /// At most 64 bytes. Default empty.
  public var label: String
  /// Bytes of a packet before sealing.
  ///
  /// Default 1,400; subtract what sealing adds.
  public var packetBytes: Int
  /// How members are watched.
  public var probing: Probing
  /// How long a member has to refute.
  public var suspicion: Suspicion
  /// How rumours spread.
  public var spreading: Spreading
  /// How tables are compared and made equal.
  public var synchronising: Synchronising
  /// How long what is gone is remembered.
  public var retention: Retention
  /// What is accepted at most.
  public var limits: Limits

  /// Makes a configuration for one data centre; every parameter has a default.
  public init(
    label: String = "",
    packetBytes: Int = 1400,
    probing: Probing = Probing(),
    suspicion: Suspicion = Suspicion(),
    spreading: Spreading = Spreading(),
    synchronising: Synchronising = Synchronising(),
    retention: Retention = Retention(),
    limits: Limits = Limits()
  ) {
    self.label = label
    self.packetBytes = packetBytes
    self.probing = probing
    self.suspicion = suspicion
    self.spreading = spreading
    self.synchronising = synchronising
    self.retention = retention
    self.limits = limits
  }
}

extension GossipConfiguration {
  /// One data centre: a probe per second.
  public static let `default` = GossipConfiguration()

  /// One data centre, failures noticed in about half of the time for twice the packets.
  public static let fast = GossipConfiguration(
    probing: Probing(interval: .milliseconds(500), timeout: .milliseconds(250)),
    suspicion: Suspicion(minimum: .seconds(1))
  )

  /// Several data centres: the times of hashicorp/memberlist's WAN profile.
  public static let wan = GossipConfiguration(
    probing: Probing(interval: .seconds(5), timeout: .seconds(3), minimumTimeout: .milliseconds(500)),
    suspicion: Suspicion(minimum: .seconds(10)),
    spreading: Spreading(interval: .milliseconds(500), fanout: 4),
    synchronising: Synchronising(settling: .seconds(5), interval: .seconds(1), timeout: .seconds(30))
  )

  /// How members are watched.
  public struct Probing: Hashable, Sendable {
    /// One member is probed per interval, times (health + 1).
    ///
    /// Default 1 s.
    public var interval: Duration
    /// The longest wait for a direct answer before others are asked to help.
    ///
    /// Default 500 ms.
    public var timeout: Duration
    /// The shortest wait, however fast answers have been so far.
    ///
    /// Default 100 ms.
    public var minimumTimeout: Duration
    /// How many others are asked to help.
    ///
    /// Default 3.
    public var helpers: Int
    /// Whether a stream is opened beside the helpers, and once more before a member is declared dead.
    ///
    /// Default true.
    public var usesStreams: Bool
    /// The health counter goes from 0 (healthy) up to below this (Lifeguard).
    ///
    /// Default 8; 1 turns it off.
    public var healthLimit: Int

    /// Makes the knobs; every parameter has a default.
    public init(
      interval: Duration = .seconds(1),
      timeout: Duration = .milliseconds(500),
      minimumTimeout: Duration = .milliseconds(100),
      helpers: Int = 3,
      usesStreams: Bool = true,
      healthLimit: Int = 8
    ) {
      self.interval = interval
      self.timeout = timeout
      self.minimumTimeout = minimumTimeout
      self.helpers = helpers
      self.usesStreams = usesStreams
      self.healthLimit = healthLimit
    }
  }

  /// How long a member has to refute.
  public struct Suspicion: Hashable, Sendable {
    /// Times log10 of the members times the probe interval is the shortest suspicion.
    ///
    /// Default 1.6.
    public var multiplier: Double
    /// The shortest suspicion in small clusters.
    ///
    /// Default 2 s.
    public var minimum: Duration
    /// Times the shortest suspicion is the longest one.
    ///
    /// Default 6.
    public var maximumFactor: Int
    /// So many accusers besides the first shorten a suspicion to the minimum (0 to 3).
    ///
    /// Default 3.
    public var confirmations: Int

    /// Makes the knobs; every parameter has a default.
    public init(
      multiplier: Double = 1.6,
      minimum: Duration = .seconds(2),
      maximumFactor: Int = 6,
      confirmations: Int = 3
    ) {
      self.multiplier = multiplier
      self.minimum = minimum
      self.maximumFactor = maximumFactor
      self.confirmations = confirmations
    }
  }

  /// How rumours spread.
  public struct Spreading: Hashable, Sendable {
    /// The least time between two rounds.
    ///
    /// The first round after silence is at once. Default 200 ms.
    public var interval: Duration
    /// Members told per round.
    ///
    /// Default 3.
    public var fanout: Int
    /// How likely it may be that somebody isn't reached by a rumour.
    ///
    /// Default 0.001.
    public var missProbability: Double

    /// Makes the knobs; every parameter has a default.
    public init(interval: Duration = .milliseconds(200), fanout: Int = 3, missProbability: Double = 0.001) {
      self.interval = interval
      self.fanout = fanout
      self.missProbability = missProbability
    }
  }

  /// How tables are compared and made equal.
  public struct Synchronising: Hashable, Sendable {
    /// Digests that differ by little must have differed for this long, because rumours are on their way.
    ///
    /// Default 1 s.
    public var settling: Duration
    /// The least time between two exchanges that this node begins.
    ///
    /// Where much differs it doubles with each exchange, until somebody knows the same as this node. Default 200 ms.
    public var interval: Duration
    /// What the time between two exchanges grows to.
    ///
    /// Default 5 s.
    public var longestInterval: Duration
    /// An exchange that takes longer is given up.
    ///
    /// Default 10 s.
    public var timeout: Duration
    /// About how many bytes one frame holds.
    ///
    /// Default 32 KiB.
    public var chunkBytes: Int
    /// Exchanges that others may have open with this node.
    ///
    /// Default 128.
    public var incomingExchanges: Int

    /// Makes the knobs; every parameter has a default.
    public init(
      settling: Duration = .seconds(1),
      interval: Duration = .milliseconds(200),
      longestInterval: Duration = .seconds(5),
      timeout: Duration = .seconds(10),
      chunkBytes: Int = 32 << 10,
      incomingExchanges: Int = 128
    ) {
      self.settling = settling
      self.interval = interval
      self.longestInterval = longestInterval
      self.timeout = timeout
      self.chunkBytes = chunkBytes
      self.incomingExchanges = incomingExchanges
    }
  }

  /// How long what is gone is remembered.
  public struct Retention: Hashable, Sendable {
    /// Dead members are tried again and remembered for this long.
    ///
    /// Default 24 h.
    public var dead: Duration
    /// Members that left are remembered for this long.
    ///
    /// Default 24 h.
    public var left: Duration
    /// Withdrawn records are remembered for this long.
    ///
    /// Default 30 min.
    public var withdrawn: Duration

    /// Makes the times; every parameter has a default.
    public init(
      dead: Duration = .seconds(86_400),
      left: Duration = .seconds(86_400),
      withdrawn: Duration = .seconds(1_800)
    ) {
      self.dead = dead
      self.left = left
      self.withdrawn = withdrawn
    }
  }

  /// What is accepted at most.
  public struct Limits: Hashable, Sendable {
    /// Members, present or not.
    ///
    /// Default 65,536.
    public var members: Int
    /// Records of the table, withdrawn ones too.
    ///
    /// Default 1,048,576.
    public var records: Int
    /// Broadcasts that wait to be passed on.
    ///
    /// Default 4,096.
    public var broadcasts: Int

    /// Makes the limits; every parameter has a default.
    public init(members: Int = 1 << 16, records: Int = 1 << 20, broadcasts: Int = 4096) {
      self.members = members
      self.records = records
      self.broadcasts = broadcasts
    }
  }

  /// The most bytes of metadata.
  public static let maximumMetadataBytes = 512
  /// The most bytes of a broadcast.
  public static let maximumBroadcastBytes = 512
  /// The most bytes of a record's key.
  public static let maximumKeyBytes = 128
  /// The most bytes of a record's value.
  public static let maximumValueBytes = 768

  /// Checks that the knobs fit together.
  ///
  /// - Throws: ``GossipError/Code/invalidConfiguration`` with the reason.
  public func validate() throws(GossipError) {
    func check(_ holds: Bool, _ message: String) throws(GossipError) {
      if !holds { throw GossipError(.invalidConfiguration, message) }
    }
    try check(self.label.utf8.count <= 64, "the label has more than 64 bytes")
    try check(1200...65_000 ~= self.packetBytes, "a packet has 1,200 to 65,000 bytes")
    try check(self.probing.timeout > .zero, "the probe timeout must be positive")
    try check(self.probing.timeout * 5 <= self.probing.interval * 3, "the probe timeout exceeds 60 % of the interval")
    try check(self.probing.minimumTimeout > .zero, "the shortest probe timeout must be positive")
    try check(self.probing.minimumTimeout <= self.probing.timeout, "the shortest probe timeout exceeds the longest")
    try check(0...16 ~= self.probing.helpers, "0 to 16 helpers")
    try check(1...64 ~= self.probing.healthLimit, "the health limit is 1 to 64")
    try check(self.suspicion.minimum > .zero && self.suspicion.multiplier > 0, "a suspicion must take time")
    try check(1...100 ~= self.suspicion.maximumFactor, "the longest suspicion is 1 to 100 times the shortest")
    try check(0...3 ~= self.suspicion.confirmations, "0 to 3 confirmations")
    try check(self.spreading.interval > .zero && 1...16 ~= self.spreading.fanout, "rounds need time and 1 to 16 targets")
    try check(
      self.spreading.missProbability > 0 && self.spreading.missProbability < 1,
      "the probability of a miss is between 0 and 1"
    )
    try check(self.synchronising.interval > .zero && self.synchronising.timeout > .zero, "exchanges must take time")
    try check(self.synchronising.settling >= .zero, "settling must not be negative")
    try check(2048...(1 << 20) ~= self.synchronising.chunkBytes, "a frame has 2 KiB to 1 MiB")
    try check(self.synchronising.incomingExchanges > 0, "somebody must be let in")
    try check(
      self.retention.dead > .zero && self.retention.left > .zero && self.retention.withdrawn > .zero,
      "what is gone must be remembered for a while"
    )
    try check(self.limits.members > 1 && self.limits.records > 0 && self.limits.broadcasts > 0, "limits must be positive")
  }
}
