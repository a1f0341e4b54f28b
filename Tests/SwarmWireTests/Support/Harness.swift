// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import SwarmModel
internal import SwarmWire

let group = MultiThreadedEventLoopGroup.singleton
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Waits longer than any busy machine needs.
let patient = ManagerClient.Configuration(
  connectTimeout: .seconds(30),
  handshakeTimeout: .seconds(30),
  requestTimeout: .seconds(30)
)

/// Ids that tests can tell apart.
enum Sample {
  private static func id<Kind>(_ character: Character) -> Identifier<Kind> {
    Identifier(String(repeating: character, count: 25)) ?? Identifier()
  }

  static let node: NodeID = id("n")
  static let session: SessionID = id("s")
  static let task: TaskID = id("t")
  static let cluster: ClusterID = id("c")
  static let service: ServiceID = id("v")
  static let secret: SecretID = id("e")
  static let config: ConfigID = id("f")
}

/// Runs a listener while `body` uses it; throws what the listener throws.
func withListener<Result>(
  _ backend: some ManagerBackend,
  configuration: SwarmListener.Configuration = .init(port: 0),
  acceptRaft: @escaping @Sendable (any Channel) -> EventLoopFuture<Void> = { $0.close() },
  _ body: (SwarmListener) async throws -> Result
) async throws -> Result {
  let listener = try await SwarmListener.bind(configuration, on: group, logger: quiet)
  return try await withThrowingDiscardingTaskGroup { tasks in
    tasks.addTask { try await listener.run(backend: backend, acceptRaft: acceptRaft) }
    defer { listener.shutdown() }
    return try await body(listener)
  }
}

/// Runs a listener and a client of it while `body` uses both.
func withClient<Result>(
  of backend: some ManagerBackend,
  as node: NodeID? = Sample.node,
  configuration: ManagerClient.Configuration = patient,
  _ body: (ManagerClient, SwarmListener) async throws -> Result
) async throws -> Result {
  try await withListener(backend) { listener in
    try await ManagerClient.withConnection(
      to: listener.address,
      as: node,
      on: group,
      configuration: configuration
    ) { client in
      try await body(client, listener)
    }
  }
}

/// A connection that sends what it is told and collects what comes.
struct RawConnection {
  let channel: any Channel
  let inbound: AsyncStream<UInt8>

  /// - Parameter tls: Secures the connection; whoever is at the other end is taken for granted.
  static func open(to listener: SwarmListener, tls: NIOSSLContext? = nil) async throws -> RawConnection {
    let (inbound, continuation) = AsyncStream.makeStream(of: UInt8.self)
    let channel = try await ClientBootstrap(group: group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            let handler = try NIOSSLClientHandler(
              context: tls,
              serverHostname: "swarm-manager",
              customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) }
            )
            try channel.pipeline.syncOperations.addHandler(handler)
          }
          try channel.pipeline.syncOperations.addHandler(Collector(continuation: continuation))
        }
      }
      .connect(host: "127.0.0.1", port: listener.port).get()
    return RawConnection(channel: channel, inbound: inbound)
  }

  func send(_ bytes: String) async throws {
    try await self.channel.writeAndFlush(ByteBuffer(string: bytes))
  }

  /// Waits until the other side has closed the connection; returns what came before.
  func drained() async -> [UInt8] {
    var bytes: [UInt8] = []
    for await byte in self.inbound { bytes.append(byte) }
    return bytes
  }

  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let continuation: AsyncStream<UInt8>.Continuation

    init(continuation: AsyncStream<UInt8>.Continuation) {
      self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      for byte in Self.unwrapInboundIn(data).readableBytesView { self.continuation.yield(byte) }
    }

    func channelInactive(context: ChannelHandlerContext) { self.continuation.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}

/// Sends back whatever comes.
final class Echo: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.writeAndFlush(data, promise: nil)
  }
}

/// Something that a test waits for.
struct Latch: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (self.stream, self.continuation) = AsyncStream.makeStream() }

  func open() { self.continuation.finish() }
  func wait() async { for await _ in self.stream {} }
}
