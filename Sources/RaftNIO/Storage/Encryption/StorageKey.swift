// SPDX-License-Identifier: Apache-2.0

#if Security
  internal import Crypto
  public import Raft
  internal import Synchronization

  /// A secret that files of a node are encrypted with, and its name.
  public struct StorageKey: Sendable {
    /// Names a key in the files.
    ///
    /// Never give it to another one.
    public struct ID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
      /// The number.
      public var rawValue: UInt64

      /// Makes a name from a number.
      public init(rawValue: UInt64) { self.rawValue = rawValue }

      /// Orders names by number.
      public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

      /// The number.
      public var description: String { String(self.rawValue) }
    }

    /// What files call the key.
    public let id: ID
    let secret: SymmetricKey

    /// Takes a secret of 32 bytes that are as good as random.
    ///
    /// - Throws: `RaftError` with code `invalidConfiguration` for any other length.
    public init(id: ID, secret: [UInt8]) throws(RaftError) {
      guard secret.count == 32 else {
        throw RaftError(.invalidConfiguration, "a storage key has 32 bytes, not \(secret.count)")
      }
      self.id = id
      self.secret = SymmetricKey(data: secret)
    }
  }

  /// Where a node gets its keys from: a file, a key server, whatever unlocks them.
  ///
  /// Calls come on the threads that write files, so they may block; the node waits meanwhile.
  public protocol StorageKeyProvider: Sendable {
    /// The key that what is written from now on is encrypted with.
    ///
    /// Asked when a node starts, for each snapshot, and by ``RaftNode/rotateStorageKey()``.
    ///
    /// - Throws: Anything; the node doesn't start, or ends, with `keyMissing`.
    func currentKey() throws -> StorageKey
    /// A key that files name; `nil` when it isn't known.
    ///
    /// - Throws: Anything; it counts as `nil`, and is the cause of the error.
    func key(_ id: StorageKey.ID) throws -> StorageKey?
  }

  /// Keys in memory, of which the one added last is current.
  public final class StorageKeyRing: StorageKeyProvider {
    private let keys: Mutex<[StorageKey]>

    /// Begins with one key.
    public init(_ key: StorageKey) { self.keys = Mutex([key]) }

    /// Adds a key and makes it the current one.
    public func add(_ key: StorageKey) {
      self.keys.withLock { keys in
        keys.removeAll { $0.id == key.id }
        keys.append(key)
      }
    }

    /// Forgets a key that no file names any more, see ``RaftNode/storageKeysInUse()``; the current one stays.
    public func remove(_ id: StorageKey.ID) {
      self.keys.withLock { keys in
        keys = keys.dropLast().filter { $0.id != id } + keys.suffix(1)
      }
    }

    /// The key that was added last.
    public func currentKey() throws -> StorageKey {
      guard let key = self.keys.withLock({ $0.last }) else { preconditionFailure("a key ring is never empty") }
      return key
    }

    /// The key of that name.
    public func key(_ id: StorageKey.ID) throws -> StorageKey? {
      self.keys.withLock { keys in keys.first { $0.id == id } }
    }
  }
#endif
