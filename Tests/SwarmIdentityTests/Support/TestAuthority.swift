// SPDX-License-Identifier: Apache-2.0

import SwarmIdentity
import SwarmModel

/// An authority with what it has issued, at a fixed time.
struct TestAuthority {
  static let now = Timestamp(nanoseconds: 1_790_000_000_000_000_000)
  static let cluster = ClusterID("cluster000000000000000000") ?? ClusterID()
  static let node = NodeID("node000000000000000000000") ?? NodeID()
  static let day = Duration.seconds(24 * 3600)

  var state: RootCA
  var random: IdentifierGenerator

  init(seed: UInt64 = 1, now: Timestamp = Self.now) throws {
    self.random = IdentifierGenerator(seed: seed)
    self.state = try CertificateAuthority.makeState(now: now, using: &self.random)
  }

  var authority: CertificateAuthority {
    get throws { try CertificateAuthority(self.state) }
  }

  var roots: TrustRoots {
    get throws { try TrustRoots(pem: self.state.caCert) }
  }

  mutating func issue(
    _ role: NodeRole = .worker,
    key: NodeKey = NodeKey(),
    validity: Duration = CertificateAuthority.defaultValidity,
    now: Timestamp = Self.now
  ) throws -> NodeCredentials {
    let chain = try self.authority.issue(
      CertificateRequest(pem: key.certificateRequest()),
      for: PeerIdentity(role: role, nodeID: Self.node, clusterID: Self.cluster),
      validity: validity,
      now: now,
      using: &self.random
    )
    return try NodeCredentials(chain: chain, key: key, trustRoots: self.roots)
  }
}
