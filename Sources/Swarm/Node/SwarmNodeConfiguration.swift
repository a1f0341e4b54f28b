// SPDX-License-Identifier: Apache-2.0

internal import GossipNIO
public import SwarmModel

/// What a node needs to know before it is part of a swarm.
///
/// An address or name given here wins over the one of a request (the docker CLI, for one, always sends its default).
public struct SwarmNodeConfiguration: Sendable, Hashable {
  /// The port that swarm nodes listen at when nothing else is said.
  public static let defaultPort = 2377

  /// The directory that holds all state of this node; made with mode 0700.
  public var stateDirectory: String
  /// The one node-to-node port; port 0 takes any free one.
  ///
  /// Default: that of the request that starts or joins a swarm, else port 2377, on all addresses if one is advertised to other machines and on
  /// 127.0.0.1 if not. A node that listens on all addresses must say which one
  /// others reach it at (``advertiseAddress``).
  public var listenAddress: NetworkAddress?
  /// Where other nodes reach this one.
  ///
  /// Default: the listen address.
  public var advertiseAddress: NetworkAddress?
  /// Where the node gossips with all others, by UDP and TCP.
  ///
  /// Default: port 7946 beside listen port 2377, else the listen port + 1, on the listen address's host; another port when
  /// that one is taken.
  public var gossipAddress: NetworkAddress?
  /// Whether the node gossips at all.
  ///
  /// Without gossip it costs no datagrams, its death is noticed by missed heartbeats alone, and managers that have moved while it was away are
  /// found only at the addresses that it knew: for nodes behind filters that pass no UDP, and for many nodes in one process. Default: true.
  public var gossips: Bool
  /// The name that this node shows.
  ///
  /// Default: the one that its runtime describes.
  public var hostname: String?
  /// Whether the node takes tasks when it joins.
  ///
  /// Default: active.
  public var availability: NodeSpec.Availability
  /// How long a follower waits for its leader before it campaigns, randomised up to twice as long.
  ///
  /// Default 500 ms.
  public var electionTimeout: Duration
  /// How often a leader makes itself heard.
  ///
  /// Default 100 ms.
  public var heartbeat: Duration
  /// How large one file of the Raft log is, in bytes.
  ///
  /// Default 64 MiB; small hosts and tests take 1 MiB.
  public var logSegmentSize: Int
  /// How long a request looks for a leader and a quorum before it fails.
  ///
  /// Default 8 s.
  public var requestTimeout: Duration
  /// Whether the node's tasks are stopped when it shuts down.
  ///
  /// Default true; false leaves them to the next start, which adopts them.
  public var stopsTasksOnShutdown: Bool

  /// How many entries the log keeps behind a snapshot; for tests.
  package var trailingLogEntries = 10_000
  /// How many bytes of the end of the log are kept in memory; for tests.
  package var logTailBytes = 8 << 20
  /// How many events a manager remembers for readers that go on behind a version; with what happened they hold the objects as they were.
  package var eventHistory = 10_000

  /// Creates a configuration with defaults.
  public init(
    stateDirectory: String,
    listenAddress: NetworkAddress? = nil,
    advertiseAddress: NetworkAddress? = nil,
    gossipAddress: NetworkAddress? = nil,
    gossips: Bool = true,
    hostname: String? = nil,
    availability: NodeSpec.Availability = .active,
    electionTimeout: Duration = .milliseconds(500),
    heartbeat: Duration = .milliseconds(100),
    logSegmentSize: Int = 64 << 20,
    requestTimeout: Duration = .seconds(8),
    stopsTasksOnShutdown: Bool = true
  ) {
    self.stateDirectory = stateDirectory
    self.listenAddress = listenAddress
    self.advertiseAddress = advertiseAddress
    self.gossipAddress = gossipAddress
    self.gossips = gossips
    self.hostname = hostname
    self.availability = availability
    self.electionTimeout = electionTimeout
    self.heartbeat = heartbeat
    self.logSegmentSize = logSegmentSize
    self.requestTimeout = requestTimeout
    self.stopsTasksOnShutdown = stopsTasksOnShutdown
  }

  /// Where a node that listens at a port keeps its state when nothing else is said: below `$XDG_STATE_HOME`, or `~/.local/state`.
  ///
  /// - Parameters:
  ///   - port: the node-to-node port.
  ///   - environment: the process's environment.
  public static func defaultStateDirectory(port: Int, environment: [String: String]) -> String {
    let base =
      environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(environment["HOME"] ?? "")/.local/state"
    return "\(base)/swift-swarm/\(port)"
  }

  /// Refuses what can't work.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument`.
  public func validate() throws(SwarmError) {
    guard !self.stateDirectory.isEmpty else {
      throw SwarmError(code: .invalidArgument, message: "the state directory must be named")
    }
    guard self.heartbeat > .zero, self.electionTimeout >= self.heartbeat * 2 else {
      throw SwarmError(code: .invalidArgument, message: "the election timeout must be at least twice the heartbeat")
    }
  }

  /// The address to listen at: the configuration's, else the request's, else the default.
  ///
  /// The docker CLI always sends `0.0.0.0:2377`, so that is taken as "nothing said": then a node that says where other machines reach it listens on all
  /// addresses, and any other one on this machine's own.
  ///
  /// - Parameter advertised: where the request says that others reach the node.
  package func listenAddress(requested: String?, advertised: String?) throws(SwarmError) -> NetworkAddress {
    if let listenAddress { return listenAddress }
    if let requested, !requested.isEmpty, requested != "0.0.0.0:\(Self.defaultPort)" {
      return try NetworkAddress(requested, defaultPort: Self.defaultPort)
    }
    var reached = self.advertiseAddress
    if reached == nil, let advertised, !advertised.isEmpty {
      reached = try NetworkAddress(advertised, defaultPort: Self.defaultPort)
    }
    guard let reached, !reached.isLoopback else { return NetworkAddress(host: "127.0.0.1", port: Self.defaultPort) }
    return NetworkAddress(host: reached.host.contains(":") ? "::" : "0.0.0.0", port: Self.defaultPort)
  }

  /// Where a manager listens that goes on in its swarm: where it did before, unless the configuration says otherwise; of that, port 0 says nothing.
  func listenAddress(before: NetworkAddress) -> NetworkAddress {
    guard let listenAddress else { return before }
    return NetworkAddress(host: listenAddress.host, port: listenAddress.port == 0 ? before.port : listenAddress.port)
  }

  /// Where to gossip.
  ///
  /// - Parameter listen: where the node listens, if it does; the port that was asked for counts, not the one that it got.
  func gossipEndpoint(listen: String) throws(SwarmError) -> GossipEndpoint {
    if let gossipAddress { return GossipEndpoint(host: gossipAddress.host, port: gossipAddress.port) }
    let actual = listen.isEmpty ? NetworkAddress(host: "127.0.0.1", port: Self.defaultPort) : try NetworkAddress(listen)
    let port = self.listenAddress?.port ?? actual.port
    let derived =
      switch port {
      case 0: 0
      case Self.defaultPort: GossipEndpoint.defaultPort
      default: port < 65_535 ? port + 1 : 0
      }
    return GossipEndpoint(host: self.listenAddress?.host ?? actual.host, port: derived)
  }

  /// Where other nodes reach a node that listens at `listen`: the configuration's advertised address, else the request's, else `listen` itself.
  func advertiseAddress(requested: String?, listen: NetworkAddress) throws(SwarmError) -> NetworkAddress {
    if let advertiseAddress { return advertiseAddress }
    guard let requested, !requested.isEmpty else {
      guard !listen.isUnspecified else {
        throw SwarmError(
          code: .invalidArgument,
          message:
            "could not choose an IP address to advertise since this node listens on all of them - specify one with --advertise-addr"
        )
      }
      return listen
    }
    return try NetworkAddress(requested, defaultPort: listen.port)
  }
}
