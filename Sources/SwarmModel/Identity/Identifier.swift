// SPDX-License-Identifier: Apache-2.0

/// The id of an object: 25 characters of `0`–`9` and `a`–`z`, held inline without any allocation.
///
/// Ids compare in the order of their strings. `Kind` only keeps ids of different nouns apart.
public struct Identifier<Kind>: Sendable, Hashable, Comparable {
  /// The id without its kind.
  package var bits: IdentifierBits

  /// The id of nothing: 25 zeros.
  public init() {
    self.bits = IdentifierBits(high: 0, middle: 0, low: 0)
  }

  /// Gives an id a kind.
  package init(_ bits: IdentifierBits) {
    self.bits = bits
  }

  /// Reads an id; `nil` unless the string has exactly 25 characters of `0`–`9` and `a`–`z`.
  public init?(_ string: some StringProtocol) {
    guard let bits = IdentifierBits(ascii: Array(string.utf8.prefix(IdentifierBits.length + 1))[...]) else {
      return nil
    }
    self.bits = bits
  }

  /// Orders ids as their strings are ordered.
  public static func < (left: Self, right: Self) -> Bool {
    left.bits < right.bits
  }
}

extension Identifier: CustomStringConvertible {
  /// The 25 characters.
  public var description: String {
    String(decoding: self.bits.ascii, as: UTF8.self)
  }
}

/// Tells ids of sessions from other ids.
public enum SessionKind {}

/// The id of a ``Node``.
public typealias NodeID = Identifier<Node>
/// The id of a ``Service``.
public typealias ServiceID = Identifier<Service>
/// The id of a ``SwarmTask``.
public typealias TaskID = Identifier<SwarmTask>
/// The id of a ``Cluster``.
public typealias ClusterID = Identifier<Cluster>
/// The id of a ``Secret``.
public typealias SecretID = Identifier<Secret>
/// The id of a ``Config``.
public typealias ConfigID = Identifier<Config>
/// The id of a ``Network``.
public typealias NetworkID = Identifier<Network>
/// The id of a ``Volume``.
public typealias VolumeID = Identifier<Volume>
/// The id of a worker's session with a manager.
public typealias SessionID = Identifier<SessionKind>
