// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
package import NIOCore
internal import NIOPosix
package import SwarmModel
internal import SwarmSockets

/// One connection to a manager elsewhere, with the methods of ``ManagerBackend``.
///
/// ```swift
/// try await ManagerClient.withConnection(to: "10.0.0.1:2377", as: nodeID, on: group) { manager in
///   for try await message in try await manager.session(request) { … }
/// }
/// ```
///
/// The connection is never opened again: once it is lost, streams end with `unavailable` at once, ``run()``
/// returns, and further calls throw `unavailable`. All methods throw `SwarmError`, or `CancellationError`
/// when the calling task is cancelled.
package final class ManagerClient: Sendable {
  /// For how long to wait for what.
  package struct Configuration: Sendable, Hashable {
    /// How long a manager may take to accept the connection.
    package var connectTimeout: Duration
    /// How long the TLS handshake may take then.
    ///
    /// Whoever accepts is there, and slow when a whole data centre's nodes come at once: to give up and to try again would cost it the handshake twice.
    package var handshakeTimeout: Duration
    /// How long a call may take, and how long a stream may take to be accepted.
    package var requestTimeout: Duration
    /// How many messages of a stream may wait for their reader before the stream is given up.
    package var streamBuffer: Int
    /// The longest message, in bytes, that is accepted from the manager.
    package var maximumMessageSize: Int

    package init(
      connectTimeout: Duration = .seconds(2),
      handshakeTimeout: Duration = .seconds(10),
      requestTimeout: Duration = .seconds(5),
      streamBuffer: Int = 1_024,
      maximumMessageSize: Int = 64 << 20
    ) {
      self.connectTimeout = connectTimeout
      self.handshakeTimeout = handshakeTimeout
      self.requestTimeout = requestTimeout
      self.streamBuffer = streamBuffer
      self.maximumMessageSize = maximumMessageSize
    }
  }

  typealias Transport = HTTP2ClientTransport.WrappedChannel

  /// How many bytes a manager may send ahead of what was read.
  ///
  /// As long as it may send, an eager stream keeps the manager's event loop from everybody else's connections, this one's word that its reader has
  /// left included: gRPC's own 8 MiB of small messages are seconds.
  private static let window = 1 << 20

  /// The manager's address, as `host:port`.
  package let address: String

  let configuration: Configuration
  let channel: any Channel
  let grpc: GRPCClient<Transport>
  /// The calling node's id, sent with calls that don't name a node themselves.
  let node: NodeID?
  /// Open streams, as work for ``run()``.
  let work: AsyncStream<@Sendable () async -> Void>.Continuation

  private let pendingWork: AsyncStream<@Sendable () async -> Void>

  private init(
    address: String,
    node: NodeID?,
    configuration: Configuration,
    channel: any Channel,
    transport: Transport
  ) {
    self.address = address
    self.node = node
    self.configuration = configuration
    self.channel = channel
    self.grpc = GRPCClient(transport: transport)
    (self.pendingWork, self.work) = AsyncStream.makeStream()
  }

  deinit {
    self.channel.close(promise: nil)
  }

  /// Connects to a manager.
  ///
  /// - Parameters:
  ///   - address: The manager, as `host:port`.
  ///   - node: The calling node's id, `nil` when it has none yet; counts only where certificates don't tell.
  ///   - security: How the connection is secured.
  ///   - group: Where the connection lives.
  ///   - configuration: For how long to wait for what.
  /// - Throws: `invalidArgument` for an address that is none, `unavailable` when nobody answers there or the manager can't be verified.
  package static func connect(
    to address: String,
    as node: NodeID?,
    security: ClientSecurity = .clear,
    on group: any EventLoopGroup,
    configuration: Configuration = Configuration()
  ) async throws(SwarmError) -> ManagerClient {
    let target = try NetworkAddress(address)
    let tls: ClientSecurity.Preparation?
    do {
      tls = try security.preparation()
    } catch {
      throw SwarmError(code: .invalidArgument, message: "the root certificates can't be used for TLS", cause: error)
    }
    let transportConfiguration = Transport.Config.defaults {
      $0.http2.authority = address
      $0.connection.maxIdleTime = nil
      // Calls are few and somebody waits for each of them.
      $0.connection.flushCoalescing = nil
      $0.http2.targetWindowSize = Self.window
    }
    do {
      let connected = Slot<any Channel>()
      let handshake = Slot<EventLoopFuture<Void>>()
      let transport = try await Transport.wrapping(config: transportConfiguration) { configure in
        var bootstrap = ClientBootstrap(group: group).connectTimeout(TimeAmount(configuration.connectTimeout))
        for (option, value) in KeepAlive.options {
          bootstrap = bootstrap.channelOption(option, value: value)
        }
        let configured = try await bootstrap.connect(host: target.host, port: target.port) { channel in
          if let tls { handshake.store(tls.add(to: channel)) }
          return configure(channel)
        }
        connected.store(configured.channel)
        return configured
      }
      guard let channel = connected.value else { throw ChannelError.ioOnClosedChannel }
      // The transport's writer must not go away before the channel is closed, even when nobody runs the
      // connection.
      channel.closeFuture.whenComplete { _ in withExtendedLifetime(transport) {} }
      if let handshake = handshake.value {
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(configuration.handshakeTimeout)) {
          channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        do {
          try await handshake.get()
        } catch {
          channel.close(promise: nil)
          throw error
        }
      }
      return ManagerClient(
        address: address,
        node: node,
        configuration: configuration,
        channel: channel,
        transport: transport
      )
    } catch {
      throw SwarmError(connectingTo: target, error)
    }
  }

  /// Connects to a manager, runs the connection while `body` uses it, and closes it when `body` is done.
  ///
  /// - Parameters: Those of ``connect(to:as:security:on:configuration:)``, and `body`.
  /// - Throws: What ``connect(to:as:security:on:configuration:)`` and `body` throw.
  package static func withConnection<Result>(
    to address: String,
    as node: NodeID?,
    security: ClientSecurity = .clear,
    on group: any EventLoopGroup,
    configuration: Configuration = Configuration(),
    _ body: (ManagerClient) async throws -> Result
  ) async throws -> Result {
    let client = try await Self.connect(
      to: address,
      as: node,
      security: security,
      on: group,
      configuration: configuration
    )
    return try await withThrowingDiscardingTaskGroup { tasks in
      tasks.addTask { await client.run() }
      defer { client.close() }
      return try await body(client)
    }
  }

  /// Runs the connection until it is lost, ``close()`` is called, or the task is cancelled; can be called
  /// once.
  package func run() async {
    await withDiscardingTaskGroup { tasks in
      tasks.addTask {
        // What ends a connection reaches the calls; here the end alone counts.
        try? await self.grpc.runConnections()
        self.work.finish()
      }
      for await stream in self.pendingWork {
        tasks.addTask { await stream() }
      }
      tasks.cancelAll()
    }
    self.close()
  }

  /// Closes the connection; open streams end with `unavailable`.
  package func close() {
    self.work.finish()
    self.channel.close(promise: nil)
  }
}
