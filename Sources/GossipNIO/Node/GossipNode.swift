// SPDX-License-Identifier: Apache-2.0

public import Gossip
public import Logging
public import NIOCore
public import NIOPosix
internal import Synchronization

/// One member of a gossiping cluster, on UDP and TCP.
///
/// ```swift
/// let node = try GossipNode(name: "web-1", seeds: ["10.0.0.1:7946"], keys: [key])
/// async let end: Void = node.run()
/// for await event in node.events { print(event) }
/// ```
///
/// Everything happens on one event loop. Call ``run()`` once; it returns after ``leave()`` or ``stop()``. All other methods may be
/// called from anywhere, also before `run()`: they wait until the node listens, and throw
/// ``Gossip/GossipError/Code/stopped`` when it is over.
public final class GossipNode: Sendable {
  /// How far the node's life is.
  enum Phase: Equatable {
    case idle
    case running
    case ended
  }

  /// Who the node is and how it works.
  public let configuration: GossipNodeConfiguration
  /// The event loop that everything happens on.
  public let eventLoop: any EventLoop

  let logger: Logger
  let hub = EventHub()
  let driver: NIOLoopBoundBox<GossipDriver?>
  let memory: NIOLoopBoundBox<PeerMemory?>
  let phase = Mutex(Phase.idle)
  /// Succeeds when the node listens; fails when it never will.
  let hasStarted: EventLoopPromise<GossipEndpoint>
  /// Completed to make ``run()`` return or throw.
  let end: EventLoopPromise<Void>
  /// Succeeds when everything is closed.
  let hasEnded: EventLoopPromise<Void>

  /// Describes a node; ``run()`` brings it to life.
  ///
  /// - Parameters:
  ///   - configuration: who the node is and how it works.
  ///   - eventLoop: the loop that everything happens on; default one of the process's own.
  ///   - logger: gets few lines: what was refused, and seeds that don't answer.
  /// - Throws: ``Gossip/GossipError`` when the configuration contradicts itself.
  public init(
    configuration: GossipNodeConfiguration,
    eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any(),
    logger: Logger = Logger(label: "gossip")
  ) throws(GossipError) {
    try configuration.validate()
    var logger = logger
    logger[metadataKey: "gossip"] = "\(configuration.name)"
    self.configuration = configuration
    self.eventLoop = eventLoop
    self.logger = logger
    self.driver = .makeEmptyBox(eventLoop: eventLoop)
    self.memory = .makeEmptyBox(eventLoop: eventLoop)
    self.hasStarted = eventLoop.makePromise()
    self.end = eventLoop.makePromise()
    self.hasEnded = eventLoop.makePromise()
  }

  /// Describes a node by texts; everything else has its default.
  ///
  /// - Parameters:
  ///   - name: the stable name of the member, unique in the cluster.
  ///   - listen: `host:port` to listen on.
  ///   - seeds: `host:port` of some members to join.
  ///   - keys: the keys that the cluster shares; empty for a cluster in the clear.
  /// - Throws: ``Gossip/GossipError`` when one of them makes no sense.
  public convenience init(
    name: String,
    listen: String = "0.0.0.0:7946",
    seeds: [String] = [],
    keys: [GossipKey]
  ) throws(GossipError) {
    var endpoints: [GossipEndpoint] = []
    for seed in seeds { endpoints.append(try GossipEndpoint(seed)) }
    try self.init(
      configuration: GossipNodeConfiguration(
        name: name,
        listen: try GossipEndpoint(listen),
        seeds: endpoints,
        keys: keys
      )
    )
  }

  deinit {
    // A node that never ran leaves nobody waiting.
    guard self.phase.withLock({ $0 == .idle }) else { return }
    self.hasStarted.fail(Self.stopped)
    self.end.succeed()
    self.hasEnded.succeed()
  }

  static var stopped: GossipError { GossipError(.stopped, "the node isn't running") }

  /// What happens from now on: members, broadcasts and records of others.
  ///
  /// Each use of this property is a sequence of its own, which ends with the node. One that isn't read falls behind; then
  /// ``Gossip/GossipEvent/eventsMissed`` stands where some are missing.
  public var events: AsyncStream<GossipEvent> { self.hub.makeStream() }

  /// Where the others reach this member.
  public func address() async throws -> GossipEndpoint { try await self.hasStarted.futureResult.get() }

  /// Does something on the event loop with the running driver.
  func withDriver<Result: Sendable>(
    _ body: @escaping @Sendable (GossipDriver) throws -> Result
  ) async throws -> Result {
    try await self.hasStarted.futureResult.flatMapThrowing { _ in
      guard let driver = self.driver.value, !driver.isStopped else { throw Self.stopped }
      return try body(driver)
    }.get()
  }
}
