// SPDX-License-Identifier: Apache-2.0

public import Gossip

/// Everything a ``GossipNode`` needs to know.
public struct GossipNodeConfiguration: Sendable {
  /// The stable name of the member, unique in the cluster: 1 to 31 bytes of UTF-8.
  public var name: String
  /// Where to listen, by UDP and TCP.
  ///
  /// Default any address, port 7946.
  public var listen: GossipEndpoint
  /// Where the others reach this member.
  ///
  /// `nil` takes the listening address, or the first address of the machine when that is any; a port of 0 takes the one that is
  /// listened on.
  public var advertise: GossipEndpoint?
  /// Some members to join; their names are looked up again while none of them answers.
  public var seeds: [GossipEndpoint]
  /// The keys that the cluster shares, at most three; the first one seals.
  ///
  /// Without keys everything is in the clear, and everybody who reaches the port can say what he likes.
  public var keys: [GossipKey]
  /// What the member says about itself: at most 512 bytes.
  public var metadata: [UInt8]
  /// Where epoch and peers are kept from one start to the next; its directory must exist.
  ///
  /// `nil`: the epoch is taken from the clock, and only seeds are joined.
  public var peerFile: String?
  /// Whether the end of ``GossipNode/run()`` by cancellation or graceful shutdown says good-bye.
  ///
  /// Default true.
  public var leavesAtEnd: Bool
  /// The knobs of the protocol; its label names the cluster.
  ///
  /// `packetBytes` counts what is on the wire, sealing included.
  public var gossip: GossipConfiguration
  /// What others are given at most.
  public var limits: TransportLimits
  /// Failures that tests ask for.
  package var faults = TransportFaults()

  /// Describes a member.
  public init(
    name: String,
    listen: GossipEndpoint = GossipEndpoint(host: "0.0.0.0"),
    advertise: GossipEndpoint? = nil,
    seeds: [GossipEndpoint] = [],
    keys: [GossipKey],
    metadata: [UInt8] = [],
    peerFile: String? = nil,
    leavesAtEnd: Bool = true,
    gossip: GossipConfiguration = .default,
    limits: TransportLimits = TransportLimits()
  ) {
    self.name = name
    self.listen = listen
    self.advertise = advertise
    self.seeds = seeds
    self.keys = keys
    self.metadata = metadata
    self.peerFile = peerFile
    self.leavesAtEnd = leavesAtEnd
    self.gossip = gossip
    self.limits = limits
  }

  /// Checks that the values make sense.
  ///
  /// - Throws: ``Gossip/GossipError/Code/invalidConfiguration``, ``Gossip/GossipError/Code/invalidIdentity`` or
  ///   ``Gossip/GossipError/Code/tooLarge`` with the reason.
  public func validate() throws(GossipError) {
    func check(_ holds: Bool, _ message: String) throws(GossipError) {
      if !holds { throw GossipError(.invalidConfiguration, message) }
    }
    _ = try MemberID(self.name)
    _ = try Keyring(self.keys)
    try self.coreConfiguration.validate()
    guard self.metadata.count <= GossipConfiguration.maximumMetadataBytes else {
      throw GossipError(.tooLarge, "metadata has at most \(GossipConfiguration.maximumMetadataBytes) bytes")
    }
    try check(1...4096 ~= self.limits.packetsPerTurn, "1 to 4,096 packets per turn")
    try check(1...65_536 ~= self.limits.strangers, "1 to 65,536 strangers")
    try check(self.limits.strangerTime > .zero && self.limits.connectTime > .zero, "connections need time")
    try check(self.limits.streamTime > .zero && self.limits.streamBytes >= 1 << 20, "streams need time and 1 MiB")
    try check(self.limits.senders > 1, "somebody must be remembered")
  }

  /// The core's configuration: packets leave room for the seal.
  var coreConfiguration: GossipConfiguration {
    var configuration = self.gossip
    configuration.packetBytes -= Seal.overhead
    return configuration
  }
}
