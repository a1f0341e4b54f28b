// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL
internal import SwarmControl
package import SwarmIdentity
internal import SwarmModel
internal import SwarmSockets

/// How a connection to a manager is secured.
package enum ClientSecurity: Sendable {
  /// Not at all: within one machine, for tests.
  case clear
  /// Encrypted, but with whom isn't known: only the root certificates may be asked for, and a join token must vouch for them.
  case unverified
  /// The manager is verified; this side has no certificate yet.
  case joining(TrustRoots)
  /// Both sides show certificates.
  case mutual(NodeSecurity)

  /// What a manager is called by: its certificate has both names.
  private var serverName: String? {
    switch self {
    case .clear, .unverified: nil
    case .joining: "swarm-ca"
    case .mutual: "swarm-manager"
    }
  }

  /// What a manager's certificate has to lead to; `nil` where it isn't verified.
  private var roots: TrustRoots? {
    switch self {
    case .clear, .unverified: nil
    case .joining(let roots): roots
    case .mutual(let security): security.credentials.trustRoots
    }
  }

  private func context() throws -> NIOSSLContext? {
    switch self {
    case .clear: nil
    case .unverified: try NIOSSLContext(configuration: TLSPolicy.unverified)
    case .joining(let roots): try NIOSSLContext(configuration: TLSPolicy.client(roots, speaking: .grpc))
    case .mutual(let security): security.client
    }
  }

  /// What to add to a connection before its protocol's handlers.
  func preparation() throws -> Preparation? {
    guard let context = try self.context() else { return nil }
    return Preparation(context: context, serverName: self.serverName, roots: self.roots)
  }

  /// Secures one connection.
  struct Preparation: Sendable {
    let context: NIOSSLContext
    let serverName: String?
    let roots: TrustRoots?

    /// Adds TLS; the future is fulfilled when the handshake is over.
    ///
    /// Runs on the channel's event loop.
    func add(to channel: any Channel) -> EventLoopFuture<Void> {
      let done = channel.eventLoop.makePromise(of: Void.self)
      do {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(self.handler(on: channel.eventLoop))
        try pipeline.addHandler(HandshakeObserver(done: done))
      } catch {
        done.fail(error)
      }
      return done.futureResult
    }

    /// Makes TLS verify a manager by what certificates are verified with everywhere else here, not by the TLS library.
    ///
    /// While Docker replaces its root, its managers show the next one signed by the present one, without the key identifier of who signed. The TLS
    /// library takes that for a stranger that signed itself, and a node that had to come back during that time never could.
    private func handler(on eventLoop: any EventLoop) throws -> NIOSSLClientHandler {
      guard let roots = self.roots else { return try NIOSSLClientHandler(context: self.context, serverHostname: self.serverName) }
      return try NIOSSLClientHandler(
        context: self.context,
        serverHostname: self.serverName,
        customVerificationCallback: { certificates, promise in
          Task(executorPreference: EventLoopTasks(eventLoop)) {
            let shown = certificates.compactMap { try? $0.toDERBytes() }
            // That it is a manager's the TLS library still sees by its name.
            let isGood = (try? await roots.verify(shown: shown, now: WallClock.read())) != nil
            promise.succeed(isGood ? .certificateVerified : .failed)
          }
        }
      )
    }
  }
}
