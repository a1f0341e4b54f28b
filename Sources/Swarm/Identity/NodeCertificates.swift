// SPDX-License-Identifier: Apache-2.0

internal import RaftNIO
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// This node's certificate, key and trusted roots: on disk, and on all of its connections.
final class NodeCertificates: Sendable {
  /// What connections are secured with.
  let security: NodeSecurity
  private let directory: CertificateDirectory
  private let secrets: Mutex<NodeSecrets>

  private init(_ credentials: NodeCredentials, _ directory: CertificateDirectory, _ secrets: NodeSecrets) throws(SwarmError) {
    self.security = try NodeSecurity(credentials)
    self.directory = directory
    self.secrets = Mutex(secrets)
  }

  /// Stores a node's first certificate.
  ///
  /// - Throws: `failedPrecondition` when the directory can't be written.
  convenience init(storing credentials: NodeCredentials, in directory: StateDirectory) throws(SwarmError) {
    let directory = try CertificateDirectory(path: directory.certificates)
    try self.init(credentials, directory, directory.store(credentials))
  }

  /// Reads what a node stored before.
  ///
  /// - Throws: `dataLoss` when there is none or it is damaged, `failedPrecondition` when it can't be read.
  convenience init(storedIn directory: StateDirectory) throws(SwarmError) {
    let files = try CertificateDirectory(path: directory.certificates)
    guard let secrets = try files.secrets(), let credentials = try files.credentials(secrets) else {
      throw SwarmError(code: .dataLoss, message: "\(files.path) doesn't hold the node's certificate")
    }
    try self.init(credentials, files, secrets)
  }

  /// The present certificate with its key, and the roots.
  var credentials: NodeCredentials { self.security.credentials }

  /// What a manager's log is encrypted with, from the key file; the first time a key is made.
  ///
  /// - Throws: `failedPrecondition` when the key file can't be written.
  func storageKeys() throws(SwarmError) -> StorageKeyRing {
    let keys = try self.secrets.withLock { secrets throws(SwarmError) -> [[UInt8]] in
      if secrets.logKeys.isEmpty {
        var random = SystemRandomNumberGenerator()
        var next = secrets
        next.logKeys = [(0..<32).map { _ in UInt8.random(in: 0 ... .max, using: &random) }]
        try self.directory.store(next, sealedWith: nil)
        secrets = next
      }
      return secrets.logKeys
    }
    do {
      // Oldest first, so that the newest is current; a key's number is its place in that order.
      let named = try keys.reversed().enumerated().map { index, secret in
        try StorageKey(id: StorageKey.ID(rawValue: UInt64(index + 1)), secret: secret)
      }
      let ring = StorageKeyRing(named[0])
      for key in named.dropFirst() { ring.add(key) }
      return ring
    } catch {
      throw SwarmError(code: .dataLoss, message: "\(self.directory.path) holds a key of the log that is none", cause: error)
    }
  }

  /// Replaces certificate, key and roots, on disk first.
  ///
  /// - Throws: `failedPrecondition` when they can't be stored; then nothing changes.
  func replace(with credentials: NodeCredentials) throws(SwarmError) {
    try self.secrets.withLock { secrets throws(SwarmError) in
      secrets = try self.directory.store(credentials, secrets: secrets)
    }
    try self.security.replace(with: credentials)
  }
}
