// SPDX-License-Identifier: Apache-2.0

#if Security
  public import NIOCore
  public import NIOPosix
  public import NIOSSL
  internal import NIOTLS
  public import Raft

  extension PeerNetwork {
    /// TLS 1.3 in which both sides show a certificate of the group's authority.
    public static func mutualTLS(_ channels: MutualTLS) -> Self { .channels(channels) }
  }

  /// Channels on which both sides prove who they are before the first byte of Raft.
  public struct MutualTLS: PeerChannels {
    /// What the next connection uses.
    public struct Contexts: Sendable {
      /// For connections that this member makes.
      public var client: NIOSSLContext
      /// For connections that it takes.
      public var server: NIOSSLContext

      /// Takes contexts; the server's must ask for a certificate.
      public init(client: NIOSSLContext, server: NIOSSLContext) {
        self.client = client
        self.server = server
      }
    }

    /// The protocol that both sides agree on by ALPN, so that a port can be shared.
    public static let applicationProtocol = "swarm-raft/1"

    private let contexts: @Sendable () -> Contexts
    private let verify: (@Sendable (Member, NIOSSLCertificate) -> Bool)?

    /// Asks for the contexts with each new connection, so that certificates and roots can be exchanged at any time.
    ///
    /// - Parameters:
    ///   - contexts: what to use; called on the event loop, so it must not block.
    ///   - verify: whether a certificate that the group's authority signed belongs to the member that was dialled;
    ///     by default each of them does.
    public init(
      contexts: @escaping @Sendable () -> Contexts,
      verify: (@Sendable (Member, NIOSSLCertificate) -> Bool)? = nil
    ) {
      self.contexts = contexts
      self.verify = verify
    }

    /// Uses one certificate for both directions.
    ///
    /// - Parameter verify: as above.
    /// - Throws: `NIOSSLError` when certificate, key and roots don't fit together.
    public init(
      certificateChain: [NIOSSLCertificateSource],
      privateKey: NIOSSLPrivateKeySource,
      trustRoots: NIOSSLTrustRoots,
      verify: (@Sendable (Member, NIOSSLCertificate) -> Bool)? = nil
    ) throws {
      var server = TLSConfiguration.makeServerConfigurationWithMTLS(
        certificateChain: certificateChain,
        privateKey: privateKey,
        trustRoots: trustRoots
      )
      server.minimumTLSVersion = .tlsv13
      server.certificateVerification = .noHostnameVerification
      server.applicationProtocols = [Self.applicationProtocol]
      var client = TLSConfiguration.makeClientConfiguration()
      client.minimumTLSVersion = .tlsv13
      client.certificateChain = certificateChain
      client.privateKey = privateKey
      client.trustRoots = trustRoots
      // Members move; what counts is who signed.
      client.certificateVerification = .noHostnameVerification
      client.applicationProtocols = [Self.applicationProtocol]
      let contexts = try Contexts(client: NIOSSLContext(configuration: client), server: NIOSSLContext(configuration: server))
      self.init(contexts: { contexts }, verify: verify)
    }

    /// Dials, and secures the channel.
    public func connect(
      _ bootstrap: ClientBootstrap,
      to member: Member,
      at address: PeerAddress
    ) -> EventLoopFuture<any Channel> {
      let context = self.contexts().client
      let verify = self.verify
      return bootstrap.channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
          try channel.pipeline.syncOperations.addHandler(handler)
          if let verify {
            try channel.pipeline.syncOperations.addHandler(PeerVerifier { verify(member, $0) })
          }
        }
      }
      .connect(host: address.host, port: address.port)
    }

    /// Secures an accepted channel.
    public func prepare(accepted channel: any Channel) throws {
      try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: self.contexts().server))
    }
  }

  /// Closes a channel whose other end isn't who was dialled, before it gets anything to read.
  private final class PeerVerifier: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    private let isExpected: (NIOSSLCertificate) -> Bool

    init(_ isExpected: @escaping (NIOSSLCertificate) -> Bool) { self.isExpected = isExpected }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        guard let certificate, self.isExpected(certificate) else { return context.close(promise: nil) }
      }
      context.fireUserInboundEventTriggered(event)
    }
  }
#endif
