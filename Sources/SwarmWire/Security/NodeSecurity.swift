// SPDX-License-Identifier: Apache-2.0

package import NIOSSL
package import SwarmIdentity
package import SwarmModel
internal import Synchronization

/// What a node shows and trusts on all of its connections, and what can be replaced while they are open.
///
/// Connections that exist keep what they were made with; the next ones, in both directions, get what is here then. Sessions of before a
/// replacement can't be resumed after it.
package final class NodeSecurity: Sendable {
  private struct State {
    var credentials: NodeCredentials
    var server: NIOSSLContext
    var client: NIOSSLContext
    var raft: NIOSSLContext
  }

  private let state: Mutex<State>

  /// Makes what connections need.
  ///
  /// - Throws: `invalidArgument` when the TLS library doesn't take the credentials.
  package init(_ credentials: NodeCredentials) throws(SwarmError) {
    self.state = Mutex(try Self.state(for: credentials))
  }

  /// Replaces certificate, key and roots for all connections to come.
  ///
  /// - Throws: `invalidArgument` when the TLS library doesn't take the credentials; then nothing changes.
  package func replace(with credentials: NodeCredentials) throws(SwarmError) {
    let state = try Self.state(for: credentials)
    self.state.withLock { $0 = state }
  }

  /// The present certificate, key and roots.
  package var credentials: NodeCredentials { self.state.withLock { $0.credentials } }

  /// For connections that others make.
  package var server: NIOSSLContext { self.state.withLock { $0.server } }

  /// For connections that carry gRPC.
  var client: NIOSSLContext { self.state.withLock { $0.client } }

  /// For connections that carry Raft frames.
  package var raft: NIOSSLContext { self.state.withLock { $0.raft } }

  private static func state(for credentials: NodeCredentials) throws(SwarmError) -> State {
    do {
      return State(
        credentials: credentials,
        server: try NIOSSLContext(configuration: TLSPolicy.server(credentials)),
        client: try NIOSSLContext(configuration: TLSPolicy.client(credentials, speaking: .grpc)),
        raft: try NIOSSLContext(configuration: TLSPolicy.client(credentials, speaking: .raft))
      )
    } catch {
      throw SwarmError(code: .invalidArgument, message: "the node's certificate can't be used for TLS", cause: error)
    }
  }
}
