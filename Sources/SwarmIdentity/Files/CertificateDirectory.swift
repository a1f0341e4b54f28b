// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// Where a node keeps its certificate and keys: a directory with mode 0700, three files with mode 0600.
///
/// The names are docker's: `swarm-root-ca.crt`, `swarm-node.crt`, `swarm-node.key`; the key file has a format of its own (``KeyFile``). A crash at any
/// moment leaves a certificate with its key.
public struct CertificateDirectory: Sendable {
  /// The directory.
  public let path: String

  /// Takes hold of a directory, which is made when it isn't there.
  ///
  /// - Throws: ``SwarmError`` with code `failedPrecondition`, naming the directory.
  public init(path: String) throws(SwarmError) {
    self.path = path
    try ProtectedFile.makeDirectory(path)
  }

  private var rootFile: String { "\(self.path)/swarm-root-ca.crt" }
  private var certificateFile: String { "\(self.path)/swarm-node.crt" }
  private var keyFile: String { "\(self.path)/swarm-node.key" }

  /// Whether the keys are sealed and need an unlock key; `false` when there are none.
  ///
  /// - Throws: ``SwarmError``; `failedPrecondition`, `dataLoss` or `unsupportedFormat`, naming the file.
  public func isLocked() throws(SwarmError) -> Bool {
    guard let bytes = try ProtectedFile.read(self.keyFile) else { return false }
    return try self.naming(self.keyFile) { () throws(SwarmError) in try KeyFile.isSealed(bytes) }
  }

  /// Reads the node's secrets; `nil` when it has none.
  ///
  /// - Throws: what ``KeyFile/decode(_:unlockedWith:)`` throws.
  public func secrets(unlockedWith key: UnlockKey? = nil) throws(SwarmError) -> NodeSecrets? {
    guard let bytes = try ProtectedFile.read(self.keyFile) else { return nil }
    return try self.naming(self.keyFile) { () throws(SwarmError) in try KeyFile.decode(bytes, unlockedWith: key) }
  }

  /// Replaces the node's secrets, for instance by the same ones under another unlock key.
  ///
  /// - Throws: ``SwarmError`` with code `failedPrecondition`, naming the file.
  public func store(_ secrets: NodeSecrets, sealedWith key: UnlockKey?) throws(SwarmError) {
    try ProtectedFile.replace(self.keyFile, with: KeyFile.encode(secrets, sealedWith: key))
  }

  /// Puts what the node has together; `nil` when it has no certificate yet.
  ///
  /// - Throws: ``SwarmError``; `dataLoss` when files don't fit together.
  public func credentials(_ secrets: NodeSecrets) throws(SwarmError) -> NodeCredentials? {
    guard let chain = try ProtectedFile.read(self.certificateFile), let roots = try self.trustRoots() else { return nil }
    for pem in secrets.certificateKeys {
      let key = try self.naming(self.keyFile) { () throws(SwarmError) in try NodeKey(pem: pem) }
      guard key.belongs(to: chain) else { continue }
      return try self.naming(self.certificateFile) { () throws(SwarmError) in
        try NodeCredentials(chain: chain, key: key, trustRoots: roots)
      }
    }
    throw SwarmError(code: .dataLoss, message: "\(self.keyFile) doesn't hold the key of \(self.certificateFile)")
  }

  /// The roots that the node trusts; `nil` when it has none yet.
  ///
  /// - Throws: ``SwarmError``, naming the file.
  public func trustRoots() throws(SwarmError) -> TrustRoots? {
    guard let pem = try ProtectedFile.read(self.rootFile) else { return nil }
    return try self.naming(self.rootFile) { () throws(SwarmError) in try TrustRoots(pem: pem) }
  }

  /// Replaces the roots that the node trusts.
  ///
  /// - Throws: ``SwarmError`` with code `failedPrecondition`, naming the file.
  public func store(_ roots: TrustRoots) throws(SwarmError) {
    try ProtectedFile.replace(self.rootFile, with: roots.pem)
  }

  /// Replaces certificate and key; a crash in between leaves the old pair or the new one.
  ///
  /// - Parameters:
  ///   - credentials: the next certificate with its key, and the roots.
  ///   - secrets: what else the key file holds; ``NodeSecrets/certificateKeys`` is replaced.
  ///   - key: seals the key file.
  /// - Returns: what the key file holds now.
  /// - Throws: ``SwarmError`` with code `failedPrecondition`, naming the file.
  @discardableResult
  public func store(
    _ credentials: NodeCredentials,
    secrets: NodeSecrets = NodeSecrets(),
    sealedWith key: UnlockKey? = nil
  ) throws(SwarmError) -> NodeSecrets {
    var secrets = secrets
    let next = credentials.key.pem
    // Both keys, then the certificate, then the one key that is left.
    secrets.certificateKeys = [next] + secrets.certificateKeys.filter { $0 != next }
    try self.store(secrets, sealedWith: key)
    if try self.trustRoots() != credentials.trustRoots { try self.store(credentials.trustRoots) }
    try ProtectedFile.replace(self.certificateFile, with: credentials.chain)
    secrets.certificateKeys = [next]
    try self.store(secrets, sealedWith: key)
    return secrets
  }

  /// Deletes certificate, keys and roots, as when the node leaves its swarm.
  ///
  /// - Throws: ``SwarmError`` with code `failedPrecondition`, naming the file.
  public func wipe() throws(SwarmError) {
    for file in [self.keyFile, self.certificateFile, self.rootFile] {
      try ProtectedFile.remove(file)
      try ProtectedFile.remove("\(file).new")
    }
  }

  private func naming<Result>(_ file: String, _ body: () throws(SwarmError) -> Result) throws(SwarmError) -> Result {
    do {
      return try body()
    } catch {
      var error = error
      // What a user is told to do about a locked or wrongly unlocked node stays docker's sentence.
      if error.code != .failedPrecondition, error.code != .permissionDenied { error.message = "\(file): \(error.message)" }
      throw error
    }
  }
}
