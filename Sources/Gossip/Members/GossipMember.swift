// SPDX-License-Identifier: Apache-2.0

/// A member as this node sees it.
public struct GossipMember: Hashable, Sendable {
  /// The stable name.
  public var id: MemberID
  /// Which life of the member this is.
  ///
  /// A restart has a higher one and wins over anything said about earlier lives.
  public var epoch: UInt64
  /// Raised by the member alone, with every change and every refutation.
  public var incarnation: UInt32
  /// Where it listens.
  ///
  /// It never changes within an epoch.
  public var address: GossipAddress
  /// What the member says about itself; at most 512 bytes.
  public var metadata: [UInt8]
  /// What it is held for.
  public var status: Status

  /// What a member is held for.
  public enum Status: UInt8, Hashable, Sendable {
    /// It answers, or nobody says otherwise.
    case alive = 0
    /// Somebody got no answer; it has time to refute.
    case suspect = 1
    /// It didn't refute in time. It may come back.
    case dead = 2
    /// It said good-bye.
    case left = 3

    /// Whether the member takes part.
    public var isPresent: Bool { self == .alive || self == .suspect }
  }
}

/// What doesn't change between two announcements of a member.
///
/// Immutable, so that tables share it.
package final class MemberCard: Sendable {
  package let id: MemberID
  let fingerprint: UInt64
  let epoch: UInt64
  package let address: GossipAddress
  let metadata: [UInt8]

  init(id: MemberID, fingerprint: UInt64, epoch: UInt64, address: GossipAddress, metadata: [UInt8]) {
    self.id = id
    self.fingerprint = fingerprint
    self.epoch = epoch
    self.address = address
    self.metadata = metadata
  }

  /// What a ping names its target by: this life of this member.
  var handle: UInt64 { Mixing.mix(self.fingerprint &+ self.epoch &* 0x9E37_79B9_7F4A_7C15) }
}
