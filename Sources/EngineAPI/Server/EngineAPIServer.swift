// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
public import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
public import ServiceLifecycle
public import Swarm
internal import SwarmSockets
internal import Synchronization

/// Serves Docker's Engine API (its swarm part) of one node.
///
/// A long-running service: ``run()`` binds the endpoints, serves requests until the task is cancelled or shut down gracefully, and removes its sockets.
/// Requests are served in parallel, on two event loops that all servers of the process share.
public final class EngineAPIServer: Service {
  /// How long requests may go on when the server is cancelled.
  private static let cancellationGrace = Duration.seconds(1)
  /// Where requests are served: not where a manager's Raft member lives, which a long answer would hold up.
  ///
  /// Two, so that it doesn't hold up all others either.
  private static let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 2)

  private let configuration: EngineAPIConfiguration
  private let tls: TLSConfiguration?
  private let responder: EngineAPIResponder<EngineRequestContext>
  private let logger: Logger
  private let onListening: @Sendable ([EngineEndpoint]) async -> Void
  private let bound = Mutex<[Int: EngineEndpoint]>([:])

  /// Creates a server.
  ///
  /// - Parameters:
  ///   - node: The node that requests are about.
  ///   - configuration: Where and how to serve.
  ///   - logger: Where the server writes what happens.
  ///   - onListening: Called once, when all endpoints are bound, with the endpoints as they are: port 0 is
  ///     replaced by the port taken.
  /// - Throws: ``EngineAPIError`` with code `invalidEndpoint` or `invalidCertificate`.
  public convenience init(
    node: SwarmNode,
    configuration: EngineAPIConfiguration,
    logger: Logger,
    onListening: @escaping @Sendable ([EngineEndpoint]) async -> Void = { _ in }
  ) throws(EngineAPIError) {
    try self.init(backend: NodeBackend(node: node), configuration: configuration, logger: logger, onListening: onListening)
  }

  package init(
    backend: any SwarmBackend,
    configuration: EngineAPIConfiguration,
    logger: Logger,
    onListening: @escaping @Sendable ([EngineEndpoint]) async -> Void = { _ in }
  ) throws(EngineAPIError) {
    try configuration.validate()
    self.configuration = configuration
    self.tls = try configuration.tls?.read()
    self.responder = EngineAPIResponder(backend: backend, configuration: configuration, logger: logger)
    self.logger = logger
    self.onListening = onListening
  }

  /// Serves until cancelled or shut down gracefully.
  ///
  /// Requests that are being carried out have a second to end when the task is cancelled; a graceful shutdown waits for them.
  ///
  /// - Throws: ``EngineAPIError`` when an endpoint can't be had; nothing is served then.
  public func run() async throws {
    for endpoint in self.configuration.endpoints where self.tls == nil && !endpoint.isLocal {
      self.logger.warning("whoever reaches \(endpoint) owns the swarm: it is plain TCP, and not this machine's alone")
    }
    for endpoint in self.configuration.endpoints {
      if case .unix(let path) = endpoint.kind {
        try await SocketFile(path: path).claim(on: Self.eventLoops.next())
      }
    }
    // Cancelled when all endpoints have ended.
    async let _: Void = self.responder.run()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (position, endpoint) in self.configuration.endpoints.enumerated() {
        group.addTask { try await self.serve(endpoint, position: position) }
      }
      // One endpoint that ends with an error ends the others.
      try await group.waitForAll()
    }
  }

  private func serve(_ endpoint: EngineEndpoint, position: Int) async throws {
    let identity = Mutex<UInt64?>(nil)
    let application = Application(
      responder: self.responder,
      server: try self.server(of: endpoint),
      configuration: .init(address: endpoint.bindAddress, serverName: nil, reuseAddress: true),
      onServerRunning: { channel in
        let socket = endpoint.socketFile
        identity.withLock { $0 = socket?.identity }
        do {
          try await channel.eventLoop.submit { try channel.pipeline.syncOperations.closeOnExecution() }.get()
          try socket?.setPermissions(self.configuration.socketPermissions)
        } catch {
          self.logger.error("\(endpoint) can't be made safe: \(error)")
          channel.close(promise: nil)
          return
        }
        await self.listening(at: endpoint.resolved(channel.localAddress), position: position)
      },
      eventLoopGroupProvider: .shared(Self.eventLoops),
      logger: self.quietLogger
    )
    defer { endpoint.socketFile?.remove(ifStill: identity.withLock { $0 }) }
    do {
      try await self.run(application)
    } catch let error as IOError {
      throw EngineAPIError(code: .bindFailed, message: "\(endpoint) can't be served: \(error)", cause: error)
    }
  }

  private func server(of endpoint: EngineEndpoint) throws -> HTTPServerBuilder {
    let configuration = HTTP1Channel.Configuration(additionalChannelHandlers: [HangUpObserver()])
    let server = HTTPServerBuilder {
      LoopChannel(
        base: HTTP1Channel(responder: $0, configuration: configuration),
        isRemote: endpoint.socketFile == nil,
        idleTimeout: self.configuration.idleTimeout
      )
    }
    guard let tls, case .tcp = endpoint.kind else { return server }
    return try .tls(server, tlsConfiguration: tls)
  }

  /// Runs an HTTP server that, when this task is cancelled, accepts nobody any more before it is cancelled itself.
  ///
  /// Otherwise it may drop a connection that it has just accepted, and NIO ends a process that does so.
  private func run(_ application: some ApplicationProtocol) async throws {
    let group = ServiceGroup(configuration: .init(services: [application], logger: self.quietLogger))
    let running = Task { try await group.run() }
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await running.value
      } onGracefulShutdown: {
        Task { await group.triggerGracefulShutdown() }
      }
    } onCancel: {
      Task {
        await group.triggerGracefulShutdown()
        // Idle connections are closed at once, and streams end: only requests that are being carried out are left then.
        try? await Task.sleep(for: Self.cancellationGrace)
        running.cancel()
      }
    }
  }

  private func listening(at endpoint: EngineEndpoint, position: Int) async {
    let all: [EngineEndpoint]? = self.bound.withLock { bound in
      bound[position] = endpoint
      guard bound.count == self.configuration.endpoints.count else { return nil }
      return bound.sorted { $0.key < $1.key }.map(\.value)
    }
    if let all {
      self.logger.debug("the API is served at \(all.map(\.description).joined(separator: ", "))")
      await self.onListening(all)
    }
  }

  /// The HTTP server logs its ordinary end, by cancellation, as an error, and prepares a line for every request; what matters is thrown.
  private var quietLogger: Logger { Logger(label: "swarm.api") { _ in SwiftLogNoOpLogHandler() } }
}

extension EngineEndpoint {
  fileprivate var bindAddress: BindAddress {
    switch self.kind {
    case .unix(let path): .unixDomainSocket(path: path)
    case .tcp(let host, let port): .hostname(host, port: port)
    }
  }

  fileprivate var socketFile: SocketFile? {
    guard case .unix(let path) = self.kind else { return nil }
    return SocketFile(path: path)
  }

  fileprivate func resolved(_ address: SocketAddress?) -> EngineEndpoint {
    guard case .tcp(let host, _) = self.kind, let port = address?.port else { return self }
    return EngineEndpoint(kind: .tcp(host: host, port: port))
  }
}
