// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// What a node shows to others and judges others by: its certificate, the certificate's key, and the roots that it trusts.
public struct NodeCredentials: Sendable {
  /// Who the node is.
  public let facts: CertificateFacts
  /// The node's certificate, followed by those between it and the root, PEM.
  public let chain: [UInt8]
  /// The certificate's key.
  public let key: NodeKey
  /// The roots that the node trusts.
  public let trustRoots: TrustRoots

  /// Puts the three together.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument` when the certificate can't be read or the key isn't its key, `permissionDenied` when it isn't
  ///   a node's.
  public init(chain: [UInt8], key: NodeKey, trustRoots: TrustRoots) throws(SwarmError) {
    guard key.belongs(to: chain) else {
      throw SwarmError(code: .invalidArgument, message: "the key isn't that of the node's certificate")
    }
    self.facts = try CertificateFacts(chain: chain)
    self.chain = chain
    self.key = key
    self.trustRoots = trustRoots
  }

  /// Who the node is.
  public var identity: PeerIdentity { self.facts.identity }
}
