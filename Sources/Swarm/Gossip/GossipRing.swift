// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import GossipNIO
internal import SwarmModel

/// The swarm's gossip keys, as a node uses them.
///
/// Of three keys the middle one seals: whoever hasn't heard of the newest one yet has the one that the others seal with, and they
/// have the one that it seals with.
enum GossipRing {
  /// Makes the keys of a new swarm.
  static func founding() -> [NetworkKey] {
    (1...3).map { NetworkKey(subsystem: NetworkKey.gossip, key: GossipKey.random().bytes, lamportTime: $0) }
  }

  /// All keys of a swarm, with a new one for our gossip in place of the oldest.
  static func rotated(_ keys: [NetworkKey]) -> [NetworkKey] {
    let ours = Self.ours(keys).sorted { $0.lamportTime < $1.lamportTime }
    let next = NetworkKey(
      subsystem: NetworkKey.gossip,
      key: GossipKey.random().bytes,
      lamportTime: (ours.last?.lamportTime ?? 0) + 1
    )
    return keys.filter { $0.subsystem != NetworkKey.gossip } + ours.suffix(2) + [next]
  }

  /// The keys for our gossip among all keys of a swarm.
  static func ours(_ keys: [NetworkKey]) -> [NetworkKey] { keys.filter { $0.subsystem == NetworkKey.gossip } }

  /// The ring, the key that seals first.
  ///
  /// - Throws: `GossipError` for a key that is none.
  static func keys(_ keys: [NetworkKey]) throws(GossipError) -> [GossipKey] {
    let newest = Self.ours(keys).sorted { $0.lamportTime > $1.lamportTime }.prefix(3)
    var ring: [GossipKey] = []
    for key in newest { ring.append(try GossipKey(key.key)) }
    if ring.count > 1 { ring.swapAt(0, 1) }
    return ring
  }
}
