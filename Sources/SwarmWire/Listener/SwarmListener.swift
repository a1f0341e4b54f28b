// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
package import Logging
package import NIOCore
internal import NIOPosix
package import SwarmModel
internal import Synchronization

/// The one TCP port of a manager: gRPC for all nodes, Raft frames between managers, told apart by a
/// connection's first bytes.
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
    /// The address to listen on; everything is in the clear until there are certificates, hence the loopback
    /// address.
    package var host: String
    /// The port; 0 takes a free one.
    package var port: Int
    /// How long an accepted connection may take to tell what it speaks.
    package var preambleTimeout: Duration
    /// How long calls may go on after ``SwarmListener/shutdown()``.
    package var shutdownGrace: Duration

    package init(
      host: String = "127.0.0.1",
      port: Int = 2377,
      preambleTimeout: Duration = .seconds(5),
      shutdownGrace: Duration = .seconds(1)
    ) {
      self.host = host
      self.port = port
      self.preambleTimeout = preambleTimeout
      self.shutdownGrace = shutdownGrace
    }
  }

  /// The port in use.
  package let port: Int
  /// The address in use, as `host:port`.
  package let address: String

  private let configuration: Configuration
  private let channel: any Channel
  private let group: any EventLoopGroup
  private let logger: Logger
  private let shutdownRequest = Signal()

  private init(configuration: Configuration, channel: any Channel, group: any EventLoopGroup, logger: Logger) {
    self.configuration = configuration
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
  ///   - group: Where accepted connections live. A Raft connection can't move to another event loop later, so
  ///     this should be the loop of the Raft node.
  ///   - logger: For what goes wrong later.
  /// - Throws: `failedPrecondition` when the address is in use or can't be used, `invalidArgument` when it is
  ///   none, `permissionDenied` when the port is a privileged one.
  package static func bind(
    _ configuration: Configuration,
    on group: any EventLoopGroup,
    logger: Logger
  ) async throws(SwarmError) -> SwarmListener {
    var bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.autoRead, value: false)
    for (option, value) in KeepAlive.options {
      bootstrap = bootstrap.childChannelOption(option, value: value)
    }
    let channel: any Channel
    do {
      channel = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
    } catch {
      throw SwarmError(listeningOn: NetworkAddress(host: configuration.host, port: configuration.port), error)
    }
    return SwarmListener(configuration: configuration, channel: channel, group: group, logger: logger)
  }

  /// Serves connections until ``shutdown()`` or until the task is cancelled; can be called once.
  ///
  /// After ``shutdown()`` long-lived streams end with `unavailable` at once, and everything else is cut off
  /// when ``Configuration/shutdownGrace`` is over; when the task is cancelled everything is cut off at once.
  /// Connections that were handed to Raft stay open.
  ///
  /// - Parameters:
  ///   - backend: Answers the calls.
  ///   - acceptRaft: Gets each connection that begins with a Raft preamble, on the connection's event loop,
  ///     and adds its handlers; they see all bytes, the preamble included, once the future is fulfilled. When
  ///     it fails the connection is closed.
  /// - Throws: `unavailable` when the listening socket fails.
  package func run(
    backend: some ManagerBackend,
    acceptRaft: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) async throws(SwarmError) {
    let open = OpenConnections()
    let socket = BoundSocket(
      channel: self.channel,
      eventLoopGroup: self.group,
      timeLimit: TimeAmount(self.configuration.preambleTimeout),
      open: open,
      acceptRaft: acceptRaft
    )
    let server = GRPCServer(
      transport: HTTP2ServerTransport.Custom(listenerFactory: socket, config: self.transportConfiguration),
      services: [
        DispatcherService(backend: backend),
        NodeCAService(backend: backend),
        RaftMembershipService(backend: backend),
        HealthService(backend: backend),
        ForwardService(backend: backend),
        GossipService(backend: backend),
      ]
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
    configuration.connection.keepalive.clientBehavior.allowWithoutCalls = true
    configuration.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(1)
    return configuration
  }
}
