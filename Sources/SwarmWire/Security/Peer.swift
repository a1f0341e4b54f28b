// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import NIOCore
internal import NIOSSL
internal import SwarmIdentity
internal import SwarmModel

/// Who is at the other end of a secured connection.
struct Peer: Sendable, Hashable {
  /// The node that the certificate names.
  var identity: PeerIdentity
  /// Until when the certificate is valid: connections may outlive it.
  var notAfter: Timestamp

  init(identity: PeerIdentity, notAfter: Timestamp) {
    self.identity = identity
    self.notAfter = notAfter
  }

  /// Reads the certificate that was verified in a connection's handshake; `nil` when none was shown.
  ///
  /// - Throws: `permissionDenied` when the certificate is genuine but not a node's.
  init?(of channel: any Channel) throws {
    guard let certificate = try channel.pipeline.syncOperations.nioSSL_peerCertificate() else { return nil }
    let facts = try CertificateFacts(der: certificate.toDERBytes())
    self.init(identity: facts.identity, notAfter: facts.notAfter)
  }
}

/// What a call's context has of the connection that the call came on.
struct SecuredConnection: ServerContext.TransportSpecific {
  /// Who called; `nil` when no certificate was shown, or after authorization, when it doesn't count.
  var peer: Peer?
}
