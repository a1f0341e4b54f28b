// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmIdentity
public import SwarmModel

extension ClusterChange {
  /// What a new specification, and what is to be made anew with it, mean for the cluster's authority, tokens and keys.
  ///
  /// Everything secret is made here, by the system's generator, and enters the log as it is.
  ///
  /// - Parameters:
  ///   - cluster: the cluster as it is.
  ///   - spec: what the operator wants.
  ///   - secrets: what is to be made anew.
  ///   - now: the time.
  /// - Throws: `invalidArgument` or `unimplemented` for a root certificate that can't be used.
  init(
    of cluster: Cluster,
    to spec: ClusterSpec,
    rotating secrets: Set<RotatableSecret>,
    now: Timestamp
  ) throws(SwarmError) {
    try spec.validate()
    if let external = spec.caConfig.externalCAs.first {
      throw SwarmError(
        code: .unimplemented,
        message: "external certificate authorities aren't supported (\(external.url)): the managers of this swarm sign themselves"
      )
    }
    var random = SystemRandomNumberGenerator()
    var rootCA = cluster.rootCA
    switch try Self.nextRoot(of: cluster, spec.caConfig) {
    case .present: break
    case .made: rootCA = try CertificateAuthority.startRotation(of: rootCA, now: now, using: &random)
    case .given(let certificate, let key):
      rootCA = try CertificateAuthority.startRotation(of: rootCA, to: (certificate, key), now: now, using: &random)
    }
    rootCA.lastForcedRotation = spec.caConfig.forceRotate
    let roots = try TrustRoots(pem: rootCA.caCert)
    for role in NodeRole.allCases where secrets.contains(.joinToken(role)) {
      rootCA.joinTokens.rotate(role, roots: roots, using: &random)
    }
    var spec = spec
    // The root certificate and its key are kept by the authority; the specification is shown to everybody who may ask.
    spec.caConfig.signingCACert = []
    spec.caConfig.signingCAKey = []
    self.init(spec: spec, rootCA: rootCA == cluster.rootCA ? nil : rootCA)
    if !spec.encryptionConfig.autoLockManagers {
      if !cluster.unlockKeys.isEmpty { self.unlockKeys = [] }
    } else if cluster.unlockKeys.isEmpty || secrets.contains(.unlockKey) {
      self.unlockKeys = [.unlock(UnlockKey(using: &random), after: cluster.unlockKeys)]
    }
  }

  /// The root certificate that an operator wants.
  private enum NextRoot {
    case present
    case made
    case given(certificate: [UInt8], key: [UInt8])
  }

  private static func nextRoot(of cluster: Cluster, _ config: CAConfig) throws(SwarmError) -> NextRoot {
    let (certificate, key) = (config.signingCACert, config.signingCAKey)
    if certificate.isEmpty, key.isEmpty {
      return config.forceRotate == cluster.rootCA.lastForcedRotation ? .present : .made
    }
    guard !certificate.isEmpty, !key.isEmpty else {
      throw SwarmError(
        code: .invalidArgument,
        message: "a root certificate needs its key, and a key its certificate: external certificate authorities aren't supported"
      )
    }
    return certificate == cluster.rootCA.caCert ? .present : .given(certificate: certificate, key: key)
  }
}

/// Something secret of a swarm that can be made anew while it runs.
public enum RotatableSecret: Sendable, Hashable {
  /// The token that lets nodes in as this role.
  case joinToken(NodeRole)
  /// The key that locked managers are opened with; without effect while managers aren't locked.
  case unlockKey
}

extension NetworkKey {
  private static let unlocking = "manager"

  /// An unlock key, as SwarmKit keeps it in the cluster.
  static func unlock(_ key: UnlockKey, after older: [NetworkKey]) -> NetworkKey {
    NetworkKey(subsystem: self.unlocking, key: key.bytes, lamportTime: (older.map(\.lamportTime).max() ?? 0) + 1)
  }
}

extension Cluster {
  /// The key that locked managers are opened with; `nil` when they aren't locked.
  ///
  /// - Throws: `invalidArgument` for a key that is none.
  var unlockKey: UnlockKey? {
    get throws(SwarmError) {
      guard let newest = self.unlockKeys.max(by: { $0.lamportTime < $1.lamportTime }) else { return nil }
      return try UnlockKey(bytes: newest.key)
    }
  }

  /// The root certificates that nodes trust, and who signs their certificates from now on: while nodes move to another root, that is the next one.
  public var tlsInfo: NodeTLSInfo? { self.rootCA.tlsInfo }
}
