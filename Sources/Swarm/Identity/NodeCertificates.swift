// SPDX-License-Identifier: Apache-2.0

internal import RaftNIO
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// This node's certificate, keys and trusted roots: on disk, and on all of its connections.
final class NodeCertificates: Sendable {
  private struct State {
    var secrets: NodeSecrets
    /// Seals the key file; `nil` on workers, and while managers aren't locked.
    var unlockKey: UnlockKey?
    var ring: StorageKeyRing?
  }

  /// What connections are secured with.
  let security: NodeSecurity
  private let directory: CertificateDirectory
  private let state: Mutex<State>

  private init(
    _ credentials: NodeCredentials,
    _ directory: CertificateDirectory,
    _ secrets: NodeSecrets,
    _ unlockKey: UnlockKey?
  ) throws(SwarmError) {
    self.security = try NodeSecurity(credentials)
    self.directory = directory
    self.state = Mutex(State(secrets: secrets, unlockKey: unlockKey))
  }

  /// Stores a node's first certificate.
  ///
  /// - Throws: `failedPrecondition` when the directory can't be written.
  convenience init(storing credentials: NodeCredentials, in directory: StateDirectory) throws(SwarmError) {
    let directory = try CertificateDirectory(path: directory.certificates)
    try self.init(credentials, directory, directory.store(credentials), nil)
  }

  /// Reads what a node stored before.
  ///
  /// - Throws: `dataLoss` when there is none or it is damaged, `failedPrecondition` when it can't be read or is sealed and there is no key,
  ///   `permissionDenied` when the key is wrong.
  convenience init(storedIn directory: StateDirectory, unlockedWith key: UnlockKey? = nil) throws(SwarmError) {
    let files = try CertificateDirectory(path: directory.certificates)
    let isSealed = try files.isLocked()
    guard let secrets = try files.secrets(unlockedWith: key), let credentials = try files.credentials(secrets) else {
      throw SwarmError(code: .dataLoss, message: "\(files.path) doesn't hold the node's certificate")
    }
    try self.init(credentials, files, secrets, isSealed ? key : nil)
  }

  /// Whether the keys of a node are sealed.
  ///
  /// - Throws: `dataLoss`, `unsupportedFormat` or `failedPrecondition` when that can't be told.
  static func areLocked(in directory: StateDirectory) throws(SwarmError) -> Bool {
    try CertificateDirectory(path: directory.certificates).isLocked()
  }

  /// The present certificate with its key, and the roots.
  var credentials: NodeCredentials { self.security.credentials }

  /// What the keys are sealed with; `nil` while they are open.
  var unlockKey: UnlockKey? { self.state.withLock(\.unlockKey) }

  /// Replaces certificate and key, on disk first.
  ///
  /// - Throws: `failedPrecondition` when they can't be stored; then nothing changes.
  func replace(with credentials: NodeCredentials) throws(SwarmError) {
    try self.state.withLock { state throws(SwarmError) in
      // Roots come another way, and may have been replaced while the certificate was.
      let next = try NodeCredentials(
        chain: credentials.chain,
        key: credentials.key,
        trustRoots: self.security.credentials.trustRoots
      )
      state.secrets = try self.directory.store(next, secrets: state.secrets, sealedWith: state.unlockKey)
      try self.security.replace(with: next)
    }
  }

  /// Replaces the roots, on disk first.
  ///
  /// - Throws: `failedPrecondition` when they can't be stored; then nothing changes.
  func trust(_ roots: TrustRoots) throws(SwarmError) {
    try self.state.withLock { _ throws(SwarmError) in
      let present = self.security.credentials
      let next = try NodeCredentials(chain: present.chain, key: present.key, trustRoots: roots)
      try self.directory.store(roots)
      try self.security.replace(with: next)
    }
  }
}

// MARK: - The log's keys

extension NodeCertificates {
  /// What a manager's log is encrypted with, from the key file; the first time a key is made.
  ///
  /// - Throws: `failedPrecondition` when the key file can't be written.
  func storageKeys() throws(SwarmError) -> StorageKeyRing {
    try self.state.withLock { state throws(SwarmError) in
      if let ring = state.ring { return ring }
      if state.secrets.logKeys.isEmpty {
        var next = state.secrets
        next.logKeys = [Self.makeLogKey()]
        try self.directory.store(next, sealedWith: state.unlockKey)
        state.secrets = next
      }
      let keys = try self.storageKeys(of: state.secrets)
      let ring = StorageKeyRing(keys[0])
      // Oldest first, so that the newest is current.
      for key in keys.reversed() { ring.add(key) }
      state.ring = ring
      return ring
    }
  }

  /// Seals the keys with an unlock key, or leaves them open.
  ///
  /// - Parameters:
  ///   - key: the key; `nil` for managers that aren't locked.
  ///   - version: the version of the cluster that says so; what an older one says is passed over.
  /// - Returns: whether the log has a new key, because the one that lay open until now keeps nothing secret.
  /// - Throws: `failedPrecondition` when the key file can't be written; then nothing changes.
  func seal(with key: UnlockKey?, version: UInt64) throws(SwarmError) -> Bool {
    try self.state.withLock { state throws(SwarmError) in
      guard state.unlockKey != key, version > state.secrets.unlockVersion else { return false }
      var next = state.secrets
      next.unlockVersion = version
      let isRenewed = state.unlockKey == nil && !next.logKeys.isEmpty
      if isRenewed { next.logKeys.insert(Self.makeLogKey(), at: 0) }
      try self.directory.store(next, sealedWith: key)
      state.secrets = next
      state.unlockKey = key
      if isRenewed { state.ring?.add(try self.storageKeys(of: next)[0]) }
      return isRenewed
    }
  }

  /// Whether there are keys that the log may have let go of.
  var hasOldLogKeys: Bool { self.state.withLock { $0.secrets.logKeys.count > 1 } }

  /// Forgets the keys that nothing in the log is encrypted with any more.
  ///
  /// - Parameter used: the keys that the log's files name.
  /// - Throws: `failedPrecondition` when the key file can't be written; then nothing changes.
  func forgetLogKeys(unusedIn used: Set<StorageKey.ID>) throws(SwarmError) {
    try self.state.withLock { state throws(SwarmError) in
      var next = state.secrets
      let gone = next.forgetLogKeys(unusedIn: Set(used.map(\.rawValue)))
      guard !gone.isEmpty else { return }
      try self.directory.store(next, sealedWith: state.unlockKey)
      state.secrets = next
      for number in gone { state.ring?.remove(StorageKey.ID(rawValue: number)) }
    }
  }

  /// The node is a worker from now on: it has no log, and isn't locked.
  ///
  /// - Throws: `failedPrecondition` when the key file can't be written.
  func forgetLog() throws(SwarmError) {
    try self.state.withLock { state throws(SwarmError) in
      guard !state.secrets.logKeys.isEmpty || state.unlockKey != nil else { return }
      var next = state.secrets
      next.forgetLog()
      try self.directory.store(next, sealedWith: nil)
      state = State(secrets: next)
    }
  }

  private static func makeLogKey() -> [UInt8] {
    var random = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
  }

  /// The keys of the log, the newest first.
  private func storageKeys(of secrets: NodeSecrets) throws(SwarmError) -> [StorageKey] {
    do {
      return try zip(secrets.logKeyNumbers, secrets.logKeys).map { number, secret in
        try StorageKey(id: StorageKey.ID(rawValue: number), secret: secret)
      }
    } catch {
      throw SwarmError(code: .dataLoss, message: "\(self.directory.path) holds a key of the log that is none", cause: error)
    }
  }
}
