// SPDX-License-Identifier: Apache-2.0

internal import Crypto
public import Gossip

/// A secret that all members of a cluster share: 16, 24 or 32 bytes for AES-GCM.
///
/// It shows nothing of itself but its ``id-swift.property``.
public struct GossipKey: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
  /// Names a key without telling it.
  public struct ID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first 8 bytes of a digest of the key.
    public let rawValue: UInt64

    /// Makes a name from its number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The name in 16 hexadecimal digits.
    public var description: String {
      let digits = String(self.rawValue, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Orders names by their bytes.
    public static func < (left: ID, right: ID) -> Bool { left.rawValue < right.rawValue }
  }

  /// The key's name.
  public let id: ID
  let secret: SymmetricKey

  /// Takes a key from elsewhere.
  ///
  /// - Parameter bytes: 16, 24 or 32 of them, from a good source of chance.
  /// - Throws: ``Gossip/GossipError/Code/invalidConfiguration`` for any other length.
  public init(_ bytes: [UInt8]) throws(GossipError) {
    guard [16, 24, 32].contains(bytes.count) else {
      throw GossipError(.invalidConfiguration, "a key has 16, 24 or 32 bytes, not \(bytes.count)")
    }
    self.init(SymmetricKey(data: bytes))
  }

  private init(_ secret: SymmetricKey) {
    self.secret = secret
    var digest = SHA256()
    digest.update(data: Array("swift-swarm gossip key".utf8))
    unsafe secret.withUnsafeBytes { unsafe digest.update(bufferPointer: $0) }
    self.id = ID(rawValue: digest.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Makes a new key of 32 bytes.
  public static func random() -> GossipKey { GossipKey(SymmetricKey(size: .bits256)) }

  /// The secret itself, to hand it to other members over a channel that keeps it.
  public var bytes: [UInt8] { unsafe self.secret.withUnsafeBytes { unsafe Array($0) } }

  /// The key's name; never the secret.
  public var description: String { "key \(self.id)" }

  /// The key's name; never the secret.
  public var debugDescription: String { self.description }

  /// Feeds the name, which stands for the key.
  public func hash(into hasher: inout Hasher) { hasher.combine(self.id) }
}
