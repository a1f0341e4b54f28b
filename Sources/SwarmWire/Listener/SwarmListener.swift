// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
package import Logging
package import NIOCore
internal import NIOPosix
package import SwarmModel
internal import SwarmSockets
internal import Synchronization

/// The one port of a manager: gRPC for all nodes, Raft frames between managers, told apart in the TLS handshake.
///
/// A client may show a certificate; what it may call is ``RPCPermissions``'s business, and Raft frames are for managers alone. Without
/// ``NodeSecurity`` everything is in the clear and anybody is who they say they are: then only loopback addresses should be listened on.
///
/// ```swift
/// let listener = try await SwarmListener.bind(configuration, on: group, logger: logger)
/// try await listener.run(backend: backend) { channel in raft.accept(channel) }
/// ```
///
/// From ``bind(_:on:logger:)`` on the port is taken and known; connections wait until
/// ``run(backend:acceptRaft:)``.
package final class SwarmListener: Sendable {
  /// Where to listen, and for how long to wait for what.
  package struct Configuration: Sendable, Hashable {
    /// The address to listen on.
    package var host: String
    /// The port; 0 takes a free one.
    package var port: Int
    /// How long an accepted connection may take to tell what it speaks, the TLS handshake included.
    package var preambleTimeout: Duration
    /// How many connections there may be of which it isn't known who they are; one more closes the oldest of them.
    ///
    /// Each costs about 40 KiB while its handshake lasts.
    package var maximumStrangers: Int
    /// How long a connection without a certificate may last: long enough to get one.
    package var strangerLifetime: Duration
    /// How many calls may be made on one connection without a certificate: enough to get one, with an impatient client too.
    package var maximumStrangerCalls: Int
    /// After what time without a call a connection is closed.
    package var maximumIdleTime: Duration
    /// How many calls may be open on one connection.
    package var maximumStreams: Int
    /// The longest message, in bytes, that is accepted; SwarmKit's limit.
    package var maximumMessageSize: Int
    /// How long calls may go on after ``SwarmListener/shutdown()``.
    package var shutdownGrace: Duration

    package init(
      host: String = "127.0.0.1",
      port: Int = 2377,
      preambleTimeout: Duration = .seconds(10),
      maximumStrangers: Int = 1_024,
      strangerLifetime: Duration = .seconds(60),
      maximumStrangerCalls: Int = 32,
      maximumIdleTime: Duration = .seconds(900),
      maximumStreams: Int = 256,
      maximumMessageSize: Int = 4 << 20,
      shutdownGrace: Duration = .seconds(1)
    ) {
      self.host = host
      self.port = port
      self.preambleTimeout = preambleTimeout
      self.maximumStrangers = maximumStrangers
      self.strangerLifetime = strangerLifetime
      self.maximumStrangerCalls = maximumStrangerCalls
      self.maximumIdleTime = maximumIdleTime
      self.maximumStreams = maximumStreams
      self.maximumMessageSize = maximumMessageSize
      self.shutdownGrace = shutdownGrace
    }
  }

  /// The port in use.
  package let port: Int
  /// The address in use, as `host:port`.
  package let address: String

  private let configuration: Configuration
  private let security: NodeSecurity?
  private let time: @Sendable () -> Timestamp
  private let channel: any Channel
  private let group: any EventLoopGroup
  private let logger: Logger
  private let shutdownRequest = Signal()

  private init(
    configuration: Configuration,
    security: NodeSecurity?,
    time: @escaping @Sendable () -> Timestamp,
    channel: any Channel,
    group: any EventLoopGroup,
    logger: Logger
  ) {
    self.configuration = configuration
    self.security = security
    self.time = time
    self.channel = channel
    self.group = group
    self.logger = logger
    self.port = channel.localAddress?.port ?? configuration.port
    self.address = NetworkAddress(host: configuration.host, port: self.port).description
  }

  /// Takes the port.
  ///
  /// - Parameters:
  ///   - configuration: Where to listen.
  ///   - security: What connections are secured with; may be replaced while the port is open.
  ///   - time: The time, for certificates.
  ///   - group: Where accepted connections live. A Raft connection can't move to another event loop later, so
  ///     this should be the loop of the Raft node.
  ///   - logger: For what goes wrong later.
  /// - Throws: `failedPrecondition` when the address is in use or can't be used, `invalidArgument` when it is
  ///   none, `permissionDenied` when the port is a privileged one.
  package static func bind(
    _ configuration: Configuration,
    security: NodeSecurity? = nil,
    time: @escaping @Sendable () -> Timestamp = WallClock.read,
    on group: any EventLoopGroup,
    logger: Logger
  ) async throws(SwarmError) -> SwarmListener {
    var bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.autoRead, value: false)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.closeOnExecution() }
      }
    for (option, value) in KeepAlive.options {
      bootstrap = bootstrap.childChannelOption(option, value: value)
    }
    let channel: any Channel
    do {
      channel = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
    } catch {
      throw SwarmError(listeningOn: NetworkAddress(host: configuration.host, port: configuration.port), error)
    }
    return SwarmListener(
      configuration: configuration,
      security: security,
      time: time,
      channel: channel,
      group: group,
      logger: logger
    )
  }

  /// Serves connections until ``shutdown()`` or until the task is cancelled; can be called once.
  ///
  /// After ``shutdown()`` long-lived streams end with `unavailable` at once, and everything else is cut off
  /// when ``Configuration/shutdownGrace`` is over; when the task is cancelled everything is cut off at once.
  /// Connections that were handed to Raft stay open.
  ///
  /// - Parameters:
  ///   - backend: Answers the calls.
  ///   - acceptRaft: Gets each connection that speaks Raft, a manager's, on the connection's event loop,
  ///     and adds its handlers; they see all bytes, the preamble included, once the future is fulfilled. When
  ///     it fails the connection is closed.
  /// - Throws: `unavailable` when the listening socket fails.
  package func run(
    backend: some ManagerBackend,
    acceptRaft: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) async throws(SwarmError) {
    let open = OpenConnections()
    let standing: @Sendable (NodeID) -> NodeStanding = { backend.standing(of: $0) }
    let socket = BoundSocket(
      channel: self.channel,
      eventLoopGroup: self.group,
      policy: ConnectionPolicy(
        security: self.security,
        standing: standing,
        time: self.time,
        timeLimit: TimeAmount(self.configuration.preambleTimeout),
        strangerLifetime: TimeAmount(self.configuration.strangerLifetime),
        strangerCalls: self.configuration.maximumStrangerCalls,
        strangers: Strangers(limit: self.configuration.maximumStrangers),
        peers: PeerRegistry()
      ),
      open: open,
      acceptRaft: acceptRaft
    )
    let server = GRPCServer(
      transport: PortTransport(socket, config: self.transportConfiguration),
      services: [
        DispatcherService(backend: backend),
        CAService(backend: backend),
        NodeCAService(backend: backend),
        RaftMembershipService(backend: backend),
        ResourceAllocatorService(),
        HealthService(backend: backend),
        ForwardService(backend: backend),
        GossipService(backend: backend),
        LogBrokerService(backend: backend),
        LogsService(backend: backend),
        ErrandService(backend: backend),
      ],
      interceptors: self.security.map { [Authorization(security: $0, standing: standing, time: self.time)] } ?? []
    )
    // A task of its own, for cancellation must not reach it while a connection is open: gRPC would stop
    // looking at new calls, and a call that nobody looks at traps. So connections are closed first.
    let serving = Task { try await server.serve() }
    let result = await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { [shutdownRequest, configuration] in
        await shutdownRequest.wait()
        server.beginGracefulShutdown()
        try? await Task.sleep(for: configuration.shutdownGrace)
        await open.closeAll()
        serving.cancel()
      }
      let result = await serving.result
      tasks.cancelAll()
      return result
    }
    // Whoever gets this call back may take the port at once.
    self.channel.close(promise: nil)
    try? await self.channel.closeFuture.get()
    guard case .failure(let failure) = result, !self.shutdownRequest.isSet, !Task.isCancelled else { return }
    self.logger.error("the listener failed", metadata: ["address": "\(self.address)", "error": "\(failure)"])
    throw SwarmError(code: .unavailable, message: "the listener on \(self.address) failed", cause: failure)
  }

  /// Stops listening and lets ``run(backend:acceptRaft:)`` end; before that one it only gives the port free.
  package func shutdown() {
    self.shutdownRequest.set()
    self.channel.close(promise: nil)
  }

  private var transportConfiguration: HTTP2ServerTransport.Custom<BoundSocket>.Config {
    var configuration = HTTP2ServerTransport.Custom<BoundSocket>.Config.defaults
    // Calls are few and somebody waits for each of them.
    configuration.connection.flushCoalescing = nil
    configuration.connection.maxGraceTime = self.configuration.shutdownGrace
    configuration.connection.maxIdleTime = self.configuration.maximumIdleTime
    configuration.http2.maxConcurrentStreams = self.configuration.maximumStreams
    configuration.rpc.maxRequestPayloadSize = self.configuration.maximumMessageSize
    configuration.connection.keepalive.clientBehavior.allowWithoutCalls = true
    configuration.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(1)
    return configuration
  }
}
