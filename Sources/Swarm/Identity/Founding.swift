// SPDX-License-Identifier: Apache-2.0

internal import SwarmIdentity
internal import SwarmModel

/// The certificates that a swarm begins with: its authority, and its first manager's.
struct Founding: Sendable {
  /// The authority, with the join tokens.
  let rootCA: RootCA
  /// The key that managers are opened with, when they are to be locked.
  let unlockKeys: [NetworkKey]
  /// The first manager's certificate, as its node object has it.
  let certificate: NodeCertificate
  /// The first manager's certificate, with its key.
  let credentials: NodeCredentials

  /// Makes both.
  init(node: NodeID, cluster: ClusterID, spec: ClusterSpec, now: Timestamp) throws(SwarmError) {
    var random = SystemRandomNumberGenerator()
    self.rootCA = try CertificateAuthority.makeState(now: now, using: &random)
    self.unlockKeys = spec.encryptionConfig.autoLockManagers ? [.unlock(UnlockKey(using: &random), after: [])] : []
    let authority = try CertificateAuthority(self.rootCA)
    let key = NodeKey()
    let csr = try key.certificateRequest()
    let chain = try authority.issue(
      CertificateRequest(pem: csr),
      for: PeerIdentity(role: .manager, nodeID: node, clusterID: cluster),
      validity: spec.caConfig.nodeCertExpiry,
      now: now,
      using: &random
    )
    self.credentials = try NodeCredentials(chain: chain, key: key, trustRoots: authority.trustRoots)
    self.certificate = NodeCertificate(
      role: .manager,
      csr: csr,
      status: IssuanceStatus(state: .issued),
      certificate: chain,
      cn: node.description
    )
  }
}
