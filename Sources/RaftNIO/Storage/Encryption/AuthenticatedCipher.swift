// SPDX-License-Identifier: Apache-2.0

#if Security
  internal import Crypto
  internal import Raft
  internal import Synchronization

  /// AES-256-GCM under keys that are derived, with HKDF-SHA256 and a random salt, from those of a provider.
  ///
  /// Whoever opens a log or begins a file takes a new salt, so that nonces need to be different only within that: a batch's is
  /// its position, a block's its number.
  final class AuthenticatedCipher: StorageCipher {
    private let provider: any StorageKeyProvider
    /// What was derived before, by stamp.
    private let derived = Mutex<[[UInt8]: AuthenticatedSealing]>([:])

    init(_ provider: any StorageKeyProvider) { self.provider = provider }

    func makeSealing() throws(RaftError) -> any StorageSealing {
      let key: StorageKey
      do {
        key = try self.provider.currentKey()
      } catch {
        throw RaftError(.keyMissing, "there is no current storage key", cause: error)
      }
      var random = SystemRandomNumberGenerator()
      let salt = (0..<2).flatMap { _ in Self.bytes(random.next()) }
      return AuthenticatedSealing(key, stamp: Self.bytes(key.id.rawValue) + salt)
    }

    func sealing(stampedBy stamp: ArraySlice<UInt8>, file: String) throws(RaftError) -> any StorageSealing {
      try self.known(stamp, file)
    }

    private func known(_ stamp: ArraySlice<UInt8>, _ file: String) throws(RaftError) -> AuthenticatedSealing {
      let stamp = Array(stamp)
      if let known = self.derived.withLock({ $0[stamp] }) { return known }
      guard let number = LogStamp.key(of: stamp[...]) else { throw RaftError(.corrupt, "\(file) names no key") }
      let id = StorageKey.ID(rawValue: number)
      var cause: (any Error)?
      var key: StorageKey?
      do {
        key = try self.provider.key(id)
      } catch {
        cause = error
      }
      guard let key else { throw RaftError(.keyMissing, "\(file) is encrypted with key \(id), which isn't there", cause: cause) }
      let sealing = AuthenticatedSealing(key, stamp: stamp)
      self.derived.withLock { $0[stamp] = sealing }
      return sealing
    }

    func open(
      _ body: ArraySlice<UInt8>,
      at position: SegmentPosition,
      authenticating header: ArraySlice<UInt8>,
      file: String
    ) throws(RaftError) -> [UInt8] {
      guard body.count >= AuthenticatedSealing.overhead else {
        throw RaftError(.corrupt, "\(file) is damaged at byte \(position.offset): an encrypted batch is too short")
      }
      let sealing = try self.known(body.prefix(LogStamp.length), file)
      guard let bytes = sealing.open(body.dropFirst(LogStamp.length), nonce: .init(position), authenticating: header) else {
        throw RaftError(.keyRefused, "\(file) at byte \(position.offset) doesn't open with key \(sealing.key)")
      }
      return bytes
    }

    private static func bytes(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
  }

  /// One derived key.
  struct AuthenticatedSealing: StorageSealing {
    let key: UInt64
    let stamp: [UInt8]
    private let secret: SymmetricKey

    private static let tagLength = 16
    static let blockOverhead = Self.tagLength
    static let overhead = LogStamp.length + Self.tagLength

    init(_ key: StorageKey, stamp: [UInt8]) {
      self.key = key.id.rawValue
      self.stamp = stamp
      self.secret = HKDF<SHA256>.deriveKey(
        inputKeyMaterial: key.secret,
        salt: stamp,
        info: Array("swift-swarm raft storage 1".utf8),
        outputByteCount: 32
      )
    }

    func seal(_ body: ArraySlice<UInt8>, at position: SegmentPosition, authenticating header: ArraySlice<UInt8>) -> [UInt8] {
      self.seal(body, nonce: AuthenticatedNonce(position), authenticating: header, behind: self.stamp)
    }

    func seal(block: ArraySlice<UInt8>, number: UInt64) -> [UInt8] {
      self.seal(block, nonce: AuthenticatedNonce(block: number), authenticating: [], behind: [])
    }

    func open(block: ArraySlice<UInt8>, number: UInt64, file: String) throws(RaftError) -> [UInt8] {
      guard let bytes = self.open(block, nonce: AuthenticatedNonce(block: number), authenticating: []) else {
        throw RaftError(.keyRefused, "\(file) doesn't open with key \(self.key)")
      }
      return bytes
    }

    private func seal(
      _ bytes: ArraySlice<UInt8>,
      nonce: AuthenticatedNonce,
      authenticating header: ArraySlice<UInt8>,
      behind prefix: [UInt8]
    ) -> [UInt8] {
      do {
        let box = try AES.GCM.seal(bytes, using: self.secret, nonce: AES.GCM.Nonce(data: nonce.bytes), authenticating: header)
        var sealed = prefix
        sealed.reserveCapacity(prefix.count + bytes.count + Self.tagLength)
        sealed.append(contentsOf: box.ciphertext)
        sealed.append(contentsOf: box.tag)
        return sealed
      } catch {
        preconditionFailure("AES-GCM refuses a key of 32 and a nonce of 12 bytes: \(error)")
      }
    }

    /// `nil` when anything of it isn't as it was sealed.
    func open(_ bytes: ArraySlice<UInt8>, nonce: AuthenticatedNonce, authenticating header: ArraySlice<UInt8>) -> [UInt8]? {
      guard bytes.count >= Self.tagLength, let nonce = try? AES.GCM.Nonce(data: nonce.bytes),
        let box = try? AES.GCM.SealedBox(
          nonce: nonce,
          ciphertext: bytes.dropLast(Self.tagLength),
          tag: bytes.suffix(Self.tagLength)
        ),
        let opened = try? AES.GCM.open(box, using: self.secret, authenticating: header)
      else { return nil }
      return Array(opened)
    }
  }

  /// Twelve bytes that come once per derived key.
  struct AuthenticatedNonce {
    let bytes: [UInt8]

    /// 48 bits of each number: more than any log has.
    init(_ position: SegmentPosition) {
      self.bytes =
        (0..<6).map { UInt8(truncatingIfNeeded: position.segment >> ($0 * 8)) }
        + (0..<6).map { UInt8(truncatingIfNeeded: position.offset >> ($0 * 8)) }
    }

    init(block: UInt64) { self.init(SegmentPosition(segment: 0, offset: block)) }
  }
#endif
